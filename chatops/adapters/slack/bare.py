"""What is kept of an update: what is read of it, without what opens doors, and stored without codes (pure)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson

from chatops.adapters.slack.inbound import Update
from chatops.guard.codes import attempt
from chatops.guard.totp import masked

#: What is read of each. What is left out holds the verification token, addresses to answer at, other messages whole.
_EVENT = (
    "type",
    "subtype",
    "user",
    "bot_id",
    "text",
    "ts",
    "thread_ts",
    "channel",
    "channel_type",
    "team",
    "user_team",
    "source_team",
    "edited",
    "hidden",
)
_COMMAND = ("command", "text", "user_id", "channel_id")
_MENTION = re.compile(r"<@\w+(?:\|[^<>]*)?>")
_ACTION = ("type", "value", "action_ts")


def bare(kind: str, body: Update, came: float) -> dict[str, Any]:
    """What is read of a body of this kind (`event`, `command`, `action`) that came at this moment, in seconds."""
    team = _object(body, "team")
    kept: dict[str, Any] = {
        "kind": kind,
        "came": came,
        "team_id": body.get("team_id") or team.get("id"),
        "enterprise_id": body.get("enterprise_id")
        or team.get("enterprise_id")
        or _object(body, "enterprise").get("id"),
    }
    match kind:
        case "event":
            kept["event"] = _only(_object(body, "event"), _EVENT)
        case "command":
            kept |= _only(body, _COMMAND)
        case "action":
            actions = body.get("actions")
            kept["actions"] = (
                [_action(one) for one in actions if isinstance(one, dict)] if isinstance(actions, list) else []
            )
            kept["user"] = _only(_object(body, "user"), ("id", "team_id"))
            kept |= _place(body)
        case _:
            kept["body"] = str(body.get("unreadable", ""))
    return kept


def storable(update: Update) -> Update:
    """The same without the codes in it.

    Whoever typed a code that was stored and not handled is asked for another: a code works for a minute only. What
    lets somebody in is kept until it is handled: it works once, and is worth nothing after.
    """
    event = update.get("event")
    if isinstance(event, dict):
        return {**update, "event": _without_codes(event)}
    return _without_codes(update)


def key_of(kind: str, body: Update) -> str:
    """What makes an update unique, however often and by whichever way it comes."""
    given = body.get("event_id") if kind == "event" else body.get("trigger_id")
    if isinstance(given, str) and given:
        return f"{kind}:{given}"[:200]
    try:
        content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        content = repr(body).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _place(body: Update) -> dict[str, Any]:
    """Which message a button stands under; one that nobody but the presser sees is named by its container alone."""
    container = _object(body, "container")
    stamp = _object(body, "message").get("ts") or container.get("message_ts")
    channel = _object(body, "channel").get("id") or container.get("channel_id")
    return {"message": {"ts": stamp}, "channel": {"id": channel}} if stamp else {}


def _action(action: Update) -> dict[str, Any]:
    kept = _only(action, _ACTION)
    chosen = action.get("selected_option")
    if isinstance(chosen, dict):
        kept["selected_option"] = _only(chosen, ("value",))
    return kept


def _without_codes(kept: Update) -> Update:
    text = kept.get("text")
    if isinstance(text, str) and attempt(_MENTION.sub("", text)) is None and (without := masked(text)) != text:
        return {**kept, "text": without}
    return kept


def _object(of: Update, name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _only(of: Update, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: of[name] for name in names if name in of}
