"""What an update of Slack's asks of us: somebody's text, somebody's press, or nothing (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from chatops.adapters.fitting import fitted
from chatops.adapters.slack.keys import REPLY
from chatops.adapters.slack.modals import opened
from chatops.layout import plain
from chatops.messages import Filled, Incoming, Press, Receipt, Text
from chatops.people import Identity
from chatops.room import Room

PLATFORM = "slack"

#: Slack's own account in every workspace.
_SLACKBOT = "USLACKBOT"
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


def read(update: Update, me: Me, receipt: Receipt | None = None) -> Incoming | Nothing:
    """What an update, as `bare` keeps it, asks; raises `Unreadable`, and nothing else, whatever it holds."""
    match update.get("kind"):
        case "event":
            return _said(_part(update, "event"), update, me, receipt)
        case "command":
            return _ordered(update, receipt)
        case "action":
            return _pressed(update, receipt)
        case "view":
            return _filled(update, receipt)
        case "home":
            return _asked_at_home(update, receipt)
        case "unreadable":
            return Nothing("it cannot be read")
        case kind:
            return Nothing(f"of the kind {plain(str(kind))[:64]}")


def account(identity: Identity) -> str:
    """The member id in an identity: what Slack calls the account by within its workspace."""
    return identity.id.rpartition("/")[2]


def names(identity: Identity, me: Me) -> tuple[Identity, ...]:
    """As what an account may stand in the settings, all of it first.

    Of our own workspace as the member id alone. A workspace is in one organization: with that or without it is the
    same.
    """
    home, _, member = identity.id.rpartition("/")
    enterprise, _, team = home.rpartition("/")
    found = [identity.id]
    if enterprise:
        found.append(f"{team}/{member}")
    elif me.enterprise:
        found.append(f"{me.enterprise}/{identity.id}")
    if team == me.team:
        found.append(member)
    return tuple(Identity(PLATFORM, name) for name in found)


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
    sender = identity_of(event, update)
    room = room_of(event, sender)
    thread = _thread(room, sender, answered)
    said, at = _typed(said), _moment(moment)
    return Text(sender, thread or room, said, at, receipt, answered, in_thread=thread is not None)


def _ordered(update: Update, receipt: Receipt | None) -> Text | Nothing:
    """A slash command: Slack tells no moment of it, and delivers it at once or never."""
    sender = identity_of({"user": update.get("user_id"), "team": update.get("team_id")}, update)
    room = room_of({"channel": update.get("channel_id")}, sender)
    # Alone it asks what there is to ask.
    said = _typed(_name(update, "text", empty=True)) or "help"
    return Text(sender, room, said, _moment(update.get("came")), receipt)


def _pressed(update: Update, receipt: Receipt | None) -> Press | Text | Nothing:
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
    sender = doer(update)
    room = room_of({"channel": _part(update, "channel").get("id")}, sender)
    stands, message = _part(update, "message"), _name(_part(update, "message"), "ts")
    alone, first = stands.get("is_ephemeral") is True, stands.get("thread_ts")
    if action.get("action_id") == REPLY:
        # From a menu of what a reply may say: it can do no more than writing it.
        in_room, _ = replied_to(update, sender)
        at = _moment(action.get("action_ts"))
        in_thread = bool(in_room.topic)
        return Text(sender, in_room, fitted(token), at, receipt, message, chosen=True, alone=alone, in_thread=in_thread)
    thread = _thread(room, sender, first or (None if alone else message))
    return Press(
        sender, room, fitted(token), message, _moment(action.get("action_ts")), receipt, alone=alone, thread=thread
    )


def replied_to(update: Update, sender: Identity) -> tuple[Room, str]:
    """Where the message of ours stands that was pressed, and its id: it is in a thread, or in its channel.

    Raises `Unreadable`.
    """
    stands, room = _part(update, "message"), room_of({"channel": _part(update, "channel").get("id")}, sender)
    message, first = _name(stands, "ts"), stands.get("thread_ts")
    return (None if first == message else _thread(room, sender, first)) or room, message


def _filled(update: Update, receipt: Receipt | None) -> Filled | Nothing:
    """What was filled in; the room is the one in which they asked for the form."""
    sender, form, filled = doer(update), opened(update.get("form")), _part(update, "filled")
    if form is None:
        return Nothing("a form of nobody's")
    given = {str(name): said for name, said in filled.items() if isinstance(said, str)}
    room = Room.of(PLATFORM, form.room)
    arguments, came = {**form.settled, **given}, _moment(update.get("came"))
    return Filled(sender, room, form.word, arguments, came, receipt, form.alone)


def _asked_at_home(update: Update, receipt: Receipt | None) -> Text:
    """A button of their page is a word of theirs, said to us by themselves: it can do no more than typing."""
    sender = doer(update)
    said = fitted(_name(update, "text")).strip()
    return Text(sender, Room(PLATFORM, account(sender)), said, _moment(update.get("at")), receipt)


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
    return fitted(unescape(found)).strip()


def room_of(place: Update, sender: Identity) -> Room:
    """Where it was said. By themselves a person is where `direct` finds them, whatever that channel's id is."""
    channel = _name(place, "channel")
    return Room(PLATFORM, account(sender) if channel.startswith("D") else channel)


def _thread(room: Room, sender: Identity, first: object) -> Room | None:
    """The thread that this message opens, as a topic of its channel; None where one person reads."""
    if not isinstance(first, str) or not first or room.id == account(sender):
        return None
    return Room(PLATFORM, room.id, first)


def doer(update: Update) -> Identity:
    """Who pressed something, chose it or filled it in, as Slack tells. Raises `Unreadable`."""
    user = _part(update, "user")
    return identity_of({"user": user.get("id"), "team": user.get("team_id")}, update)


def identity_of(said: Update, update: Update) -> Identity:
    """Whose account it is, by what tells of the author and of where that came to. Raises `Unreadable`."""
    # In a channel that two organizations share, the author's workspace is not the one that the event came to.
    own = said.get("user_team") or said.get("source_team") or said.get("team")
    if own is not None and own == update.get("enterprise_id"):
        # Of members of an organization it sometimes names that in the place of the workspace.
        own = None
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
