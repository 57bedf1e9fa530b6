"""What an update of Slack's asks of us: somebody's text, somebody's press, or nothing (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from chatops.layout import plain
from chatops.messages import Press, Receipt, Text
from chatops.people import Identity
from chatops.room import Room

PLATFORM = "slack"

#: Slack's own account in every workspace.
_SLACKBOT = "USLACKBOT"
_UNFIT = re.compile("[\x00\ud800-\udfff]")
#: A link as clients send what people typed: `<https://a.example|a.example>`.
_LINK = re.compile(r"<(?:https?|mailto):[^<>|]*\|([^<>|]*)>|<((?:https?|mailto):[^<>|]*)>")

Update = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Me:
    """Our own account, and the workspace that it is in."""

    user: str
    team: str
    enterprise: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """An update that asks nothing, and why."""

    reason: str


class Unreadable(Exception):
    """An update that is not of the form that the platform documents."""


def read(update: Update, me: Me, receipt: Receipt | None = None) -> Text | Press | Nothing:
    """What an update, as `bare` keeps it, asks; raises `Unreadable`, and nothing else, whatever it holds."""
    match update.get("kind"):
        case "event":
            return _said(_part(update, "event"), update, me, receipt)
        case "command":
            return _ordered(update, receipt)
        case "action":
            return _pressed(update, receipt)
        case "unreadable":
            return Nothing("it cannot be read")
        case kind:
            return Nothing(f"of the kind {plain(str(kind))[:64]}")


def account(identity: Identity) -> str:
    """The member id in an identity: what Slack calls the account by within its workspace."""
    return identity.id.rpartition("/")[2]


def is_at_home(identity: Identity, me: Me) -> bool:
    """Whether the account belongs to the workspace, or to the organization, that we are in."""
    home, _, _ = identity.id.rpartition("/")
    enterprise, _, team = home.rpartition("/")
    return team == me.team or bool(enterprise and enterprise == me.enterprise)


def _said(event: Update, update: Update, me: Me, receipt: Receipt | None) -> Text | Nothing:
    kind = event.get("type")
    if kind not in ("message", "app_mention"):
        return Nothing(f"an event of the kind {plain(str(kind))[:64]}")
    not_theirs = _why_not_theirs(event, me)
    if not_theirs is not None:
        return Nothing(not_theirs)
    is_direct = event.get("channel_type") == "im" or _name(event, "channel").startswith("D")
    if kind == "message" and not is_direct:
        # What is said to us there comes as a mention.
        return Nothing("not said to us")
    said = re.sub(rf"<@{re.escape(me.user)}(?:\|[^<>]*)?>", " ", _name(event, "text", empty=True))
    thread, moment = event.get("thread_ts"), _name(event, "ts")
    answered = str(thread) if thread is not None and thread != moment else None
    sender = _identity(event, update)
    return Text(sender, _room(event, sender), _typed(said), _moment(moment), receipt, answered)


def _ordered(update: Update, receipt: Receipt | None) -> Text | Nothing:
    """A slash command: Slack tells no moment of it, and delivers it at once or never."""
    sender = _identity({"user": update.get("user_id"), "team": update.get("team_id")}, update)
    room = _room({"channel": update.get("channel_id")}, sender)
    # Alone it asks what there is to ask.
    said = _typed(_name(update, "text", empty=True)) or "help"
    return Text(sender, room, said, _moment(update.get("came")), receipt)


def _pressed(update: Update, receipt: Receipt | None) -> Press | Nothing:
    user = _part(update, "user")
    actions = update.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        raise Unreadable("no action")
    action = actions[0]
    token = action.get("value")
    if token is None and "message" in update:
        chosen = action.get("selected_option")
        token = chosen.get("value") if isinstance(chosen, dict) else None
    if token is None or "message" not in update:
        return Nothing("a press on nothing of ours")
    if not isinstance(token, str):
        raise Unreadable(f"value is {type(token).__name__}")
    sender = _identity({"user": user.get("id"), "team": user.get("team_id")}, update)
    room = _room({"channel": _part(update, "channel").get("id")}, sender)
    message = _name(_part(update, "message"), "ts")
    token = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", token)
    return Press(sender, room, token, message, _moment(action.get("action_ts")), receipt)


def _why_not_theirs(event: Update, me: Me) -> str | None:
    # Workflows post as bots do.
    if event.get("bot_id") is not None or event.get("subtype") == "bot_message":
        return "said by a bot"
    if event.get("user") in (me.user, _SLACKBOT):
        return "said by a bot"
    if event.get("edited") is not None or event.get("subtype") == "message_changed":
        return "edited"
    if event.get("subtype") is not None:
        return f"a message of the kind {plain(str(event['subtype']))[:64]}"
    if event.get("hidden") is True:
        return "hidden"
    if event.get("user") is None:
        return "said by nobody"
    return None


def _typed(text: str) -> str:
    """What a person typed, without what the platform made of it: `&lt;` and links."""
    found = _LINK.sub(lambda link: link[1] or link[2], text)
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", unescape(found)).strip()


def _room(place: Update, sender: Identity) -> Room:
    """Where it was said. By themselves a person is where `direct` finds them, whatever that channel's id is.

    Without its thread: a button in one is known by its message, and an answer stands where everybody looks.
    """
    channel = _name(place, "channel")
    return Room(PLATFORM, account(sender) if channel.startswith("D") else channel)


def _identity(said: Update, update: Update) -> Identity:
    # In a channel that two organizations share, the author's workspace is not the one that the event came to.
    own = said.get("user_team") or said.get("source_team") or said.get("team")
    team = own or _name(update, "team_id")
    # Which organization another workspace belongs to nobody tells.
    enterprise = update.get("enterprise_id") if team == update.get("team_id") else None
    parts = [enterprise, team, said.get("user")]
    if not all(part is None or (isinstance(part, str) and part.isalnum() and part.isascii()) for part in parts):
        raise Unreadable("an id that is none")
    if said.get("user") is None:
        raise Unreadable("said by nobody")
    return Identity(PLATFORM, "/".join(part for part in parts if part))


def _moment(stamp: object) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(stamp)), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Unreadable(f"no moment: {error}") from error


def _part(of: Update, name: str) -> Update:
    part = of.get(name)
    if not isinstance(part, dict):
        raise Unreadable(f"{name} is {type(part).__name__}")
    return part


def _name(of: Update, name: str, *, empty: bool = False) -> str:
    found = of.get(name, "" if empty else None)
    if not isinstance(found, str) or not (found or empty):
        raise Unreadable(f"{name} is {type(found).__name__}")
    return found
