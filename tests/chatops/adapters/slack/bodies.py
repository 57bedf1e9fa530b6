"""Bodies as Slack hands them over, with what a desk must not keep."""

import json
from typing import Any
from urllib.parse import urlencode

from chatops.adapters.slack.inbound import Me

US = Me("U0DECK", "T0HOME")
SENT_AT = "1777896000.000100"
TOKEN = "a" * 22
#: Handed over with each, and worth something to whoever reads it.
SECRETS = {"token": "CANARY-verification", "api_app_id": "A0DECK"}
HOOK = "https://hooks.slack.com/CANARY"


def event(text: str = "status", *, event_id: str = "Ev1", **fields: Any) -> dict[str, Any]:
    """Somebody says something to us by themselves, unless `fields` say otherwise."""
    said = {
        "type": "message",
        "user": "U1",
        "text": text,
        "ts": SENT_AT,
        "channel": "D1",
        "channel_type": "im",
        "team": "T0HOME",
        "blocks": [],
    }
    inner = {name: value for name, value in {**said, **fields}.items() if value is not None}
    return {**SECRETS, "type": "event_callback", "team_id": "T0HOME", "event_id": event_id, "event": inner}


def mention(text: str = "<@U0DECK> status", **fields: Any) -> dict[str, Any]:
    """Somebody mentions us in a channel."""
    return event(text, **{"type": "app_mention", "channel": "C1", "channel_type": None, **fields})


def command(text: str = "status", **fields: Any) -> dict[str, Any]:
    """Somebody writes `/deck …` in a channel."""
    said = {
        "command": "/deck",
        "text": text,
        "team_id": "T0HOME",
        "user_id": "U1",
        "channel_id": "C1",
        "trigger_id": "1.2.3",
        "response_url": HOOK,
    }
    return {**SECRETS, **said, **fields}


def action(value: str = TOKEN, **fields: Any) -> dict[str, Any]:
    """Somebody presses a button under a message in a channel."""
    return {
        **SECRETS,
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T0HOME"},
        "team": {"id": "T0HOME"},
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "5.000001", "channel_id": "C1"},
        "message": {"ts": "5.000001", "text": "CANARY-message"},
        "actions": [{"type": "button", "action_id": "0", "value": value, "action_ts": SENT_AT}],
        "trigger_id": "4.5.6",
        "response_url": HOOK,
        **fields,
    }


def submission(values: dict[str, str], **fields: Any) -> dict[str, Any]:
    """Somebody sends a form of `close` that was asked for in a channel."""
    state = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()}
    metadata = json.dumps({"word": "close", "settled": {"bot": "alpha"}, "room": "C1"})
    view = {"id": "V1", "callback_id": "form", "private_metadata": metadata, "state": {"values": state}}
    return {
        **SECRETS,
        "type": "view_submission",
        "user": {"id": "U1", "team_id": "T0HOME"},
        "team": {"id": "T0HOME"},
        "view": {**view, "blocks": ["CANARY-block"]},
        "trigger_id": "7.8.9",
        **fields,
    }


def as_form(body: dict[str, Any]) -> str:
    """A slash command, or what people do with blocks, as it is posted."""
    return urlencode(body if "command" in body else {"payload": json.dumps(body)})
