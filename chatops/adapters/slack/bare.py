"""What is kept of an update: what is read of it, without what opens doors, and stored without codes (pure)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson

from chatops.adapters.slack.inbound import Update
from chatops.adapters.slack.keys import REPLY
from chatops.adapters.slack.modals import filled_in, opened
from chatops.guard.codes import attempt
from chatops.guard.totp import masked
from chatops.words import OURS

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
#: Opens a form, for three seconds: of use to nobody later.
_TRIGGER = "trigger_id"
_COMMAND = ("command", "text", "user_id", "channel_id", _TRIGGER)
_MENTION = re.compile(r"<@\w+(?:\|[^<>]*)?>")
_ACTION = ("type", "action_id", "value", "action_ts")


def bare(kind: str, body: Update, came: float) -> dict[str, Any]:
    """What is read of a body of this kind (`event`, `command`, `action`, `view`) that came at this moment, in seconds.

    An action in somebody's home is of the kind `home`.
    """
    if kind == "action" and part(body, "view").get("type") == "home":
        kind = "home"
    team = part(body, "team")
    kept: dict[str, Any] = {
        "kind": kind,
        "came": came,
        "team_id": body.get("team_id") or team.get("id"),
        "enterprise_id": body.get("enterprise_id") or team.get("enterprise_id") or part(body, "enterprise").get("id"),
    }
    match kind:
        case "event":
            kept["event"] = _only(part(body, "event"), _EVENT)
        case "command":
            kept |= _only(body, _COMMAND)
        case "action":
            actions = body.get("actions")
            kept["actions"] = (
                [_action(one) for one in actions if isinstance(one, dict)] if isinstance(actions, list) else []
            )
            kept["user"] = _only(part(body, "user"), ("id", "team_id"))
            kept |= _only(body, (_TRIGGER,)) | _place(body)
        case "view":
            view = part(body, "view")
            kept["user"] = _only(part(body, "user"), ("id", "team_id"))
            kept["form"] = view.get("private_metadata")
            kept["filled"] = filled_in(part(view, "state").get("values"))
        case "home":
            kept |= _word_at_home(body)
        case _:
            kept["body"] = str(body.get("unreadable", ""))
    return kept


def storable(update: Update) -> Update:
    """The same without the codes in it, and without what is of use at once alone.

    Whoever typed a code that was stored and not handled is asked for another: a code works for a minute only. What
    lets somebody in is kept until it is handled: it works once, and is worth nothing after.
    """
    update = {name: value for name, value in update.items() if name != _TRIGGER}
    event, filled, actions = update.get("event"), update.get("filled"), update.get("actions")
    if isinstance(event, dict):
        return {**update, "event": _without_codes(event)}
    if isinstance(filled, dict):
        return {**update, "filled": _without_secrets(filled, update.get("form"))}
    if isinstance(actions, list):
        return {**update, "actions": [_without_code_chosen(one) for one in actions]}
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


def part(of: Update, name: str) -> Update:
    """An object in another; empty where there is none."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _place(body: Update) -> dict[str, Any]:
    """Which message a button stands under; one that nobody but the presser sees is named by its container alone."""
    container, message = part(body, "container"), part(body, "message")
    stamp = message.get("ts") or container.get("message_ts")
    thread = message.get("thread_ts") or container.get("thread_ts")
    channel = part(body, "channel").get("id") or container.get("channel_id")
    where = {"ts": stamp, **({"thread_ts": thread} if thread else {})}
    if container.get("is_ephemeral") is True:
        where["is_ephemeral"] = True
    return {"message": where, "channel": {"id": channel}} if stamp else {}


def _word_at_home(body: Update) -> dict[str, Any]:
    """The word that its button asks, as a text: so that no code stays in it either."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    said = {"text": first.get("value"), "at": first.get("action_ts")}
    return {**said, "user": _only(part(body, "user"), ("id", "team_id")), **_only(body, (_TRIGGER,))}


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


def _without_secrets(filled: Mapping[str, str], form: object) -> Mapping[str, str]:
    """What was filled in, but what is on no record."""
    which = opened(form)
    kind = None if which is None else OURS.find(which.word)
    unlogged = set() if kind is None else kind.unlogged()
    return {argument: masked(said) for argument, said in filled.items() if argument not in unlogged}


def _without_code_chosen(action: Update) -> Update:
    """A reply that was chosen, as one that was typed."""
    chosen = part(action, "selected_option")
    value = chosen.get("value")
    if action.get("action_id") != REPLY or not isinstance(value, str):
        return action
    return {**action, "selected_option": {**chosen, "value": masked(value)}}


def _only(of: Update, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: of[name] for name in names if name in of}
