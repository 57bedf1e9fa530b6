"""What an update of Telegram's asks of us: somebody's text, somebody's press, or nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chatops.adapters.fitting import fits, fitted
from chatops.layout import plain
from chatops.messages import Press, Receipt, Text
from chatops.people import Identity
from chatops.room import Room

PLATFORM = "telegram"

#: Who stands as sender where there is no person: an admin who speaks as the group, a channel that speaks in one, the
#: platform's own notices (contract, semantics.groups.anonymous_admin).
_NOBODY = {1087968824: "an anonymous admin", 136817688: "a channel", 777000: "Telegram itself"}
#: Marks of what somebody else wrote.
_FORWARDED = (
    "forward_origin",
    "forward_from",
    "forward_from_chat",
    "forward_sender_name",
    "forward_date",
    "is_automatic_forward",
)
#: Marks of what came by way of another bot, and of chats that we are not in ourselves (contract, types.Message).
_BY_A_BOT = ("via_bot", "guest_query_id", "guest_bot_caller_user", "guest_bot_caller_chat")
_ELSEWHERE = ("business_connection_id", "sender_business_bot", "direct_messages_topic")

Update = Mapping[str, Any]
#: The key under which what is no update is kept as one.
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Me:
    """Our own account."""

    id: int
    #: Without the @; None until the platform has told it.
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """An update that asks nothing, and why."""

    reason: str


class Unreadable(Exception):
    """An update that is not of the form that the platform documents."""


def read(update: Update, me: Me, pressed_at: datetime | None, receipt: Receipt | None = None) -> Text | Press | Nothing:
    """What this update asks; raises `Unreadable`, and nothing else, whatever it holds.

    Telegram does not say when a button was pressed: `pressed_at` says it, or is None where nobody knows.
    """
    if "message" in update:
        return _text(_part(update, "message"), me, receipt)
    if "callback_query" in update:
        return _press(_part(update, "callback_query"), pressed_at, receipt)
    if UNREADABLE in update:
        return Nothing("it cannot be read")
    kind = next((key for key in update if key != "update_id"), None)
    return Nothing("it is empty" if kind is None else f"of the kind {plain(str(kind))[:64]}")


def query_id(update: Update) -> str | None:
    """The id by which a press has to be answered, whatever else is wrong with it; None where it has none."""
    query = update.get("callback_query")
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) and fits(found) else None


def _text(message: Update, me: Me, receipt: Receipt | None) -> Text | Nothing:
    foreign = _why_not_theirs(message)
    if foreign is not None:
        return Nothing(foreign)
    sender = _part(message, "from")
    nobody = _why_nobody(sender)
    if nobody is not None:
        return Nothing(nobody)
    if "text" not in message:
        return Nothing("no text")
    text = message["text"]
    if not isinstance(text, str):
        raise Unreadable(f"text is {type(text).__name__}")
    text = fitted(text)
    kind = _part(message, "chat").get("type")
    if kind in ("group", "supergroup"):
        said = _said_to(me, text, message)
        if said is None:
            return Nothing("not said to us")
        text = said
    elif kind != "private":
        return Nothing(f"a chat of type {plain(str(kind))[:64]}")
    return Text(_identity(sender), _room(message), text, _moment(message), receipt, _answered(me, message))


def _press(query: Update, at: datetime | None, receipt: Receipt | None) -> Press | Nothing:
    sender = _part(query, "from")
    nobody = _why_nobody(sender)
    if nobody is not None:
        return Nothing(nobody)
    if "data" not in query or "message" not in query:
        return Nothing("a press on nothing of ours")
    data = query["data"]
    if not isinstance(data, str):
        raise Unreadable(f"data is {type(data).__name__}")
    # Where it is too old to be accessible it has its chat and its id still.
    message = _part(query, "message")
    if any(mark in message for mark in _ELSEWHERE):
        return Nothing("a press in a chat that is not ours")
    return Press(_identity(sender), _room(message), fitted(data), str(_number(message, "message_id")), at, receipt)


def _why_not_theirs(message: Update) -> str | None:
    if "migrate_to_chat_id" in message or "migrate_from_chat_id" in message:
        return "word that the group became a supergroup"
    if "edit_date" in message:
        return "edited"
    if any(mark in message for mark in _FORWARDED):
        return "forwarded"
    if any(mark in message for mark in _BY_A_BOT):
        return "said by way of a bot"
    if any(mark in message for mark in _ELSEWHERE):
        return "said in a chat that is not ours"
    if "is_from_offline" in message:
        # Scheduled, or an answering machine's: nobody looks at the desk and says that now.
        return "sent by itself"
    if "sender_chat" in message:
        return "said as a chat"
    if "from" not in message:
        return "said by nobody"
    return None


def _why_nobody(sender: Update) -> str | None:
    if _number(sender, "id") in _NOBODY:
        return f"said by {_NOBODY[sender['id']]}"
    return None if sender.get("is_bot") is False else "said by a bot"


def _said_to(me: Me, text: str, message: Update) -> str | None:
    """What was said to us in a group, without our name; None where it was not said to us."""
    if text.startswith("/"):
        word, *_ = text.split(maxsplit=1)
        name = word.partition("@")[2]
        is_ours = not name or me.username is None or name.casefold() == me.username.casefold()
        return text if is_ours else None
    if me.username is not None:
        unnamed, count = re.subn(rf"(?<![\w@])@{re.escape(me.username)}(?!\w)", "", text, flags=re.IGNORECASE)
        if count:
            return unnamed.strip()
    return text if _answered(me, message) is not None else None


def answers_something(message: Update) -> bool:
    """Whether it is a reply: in a topic whatever answers nobody answers the note that the topic was opened."""
    answered = message.get("reply_to_message")
    return isinstance(answered, dict) and "forum_topic_created" not in answered


def _answered(me: Me, message: Update) -> str | None:
    """The message of ours that it is a reply to."""
    if not answers_something(message):
        return None
    answered = message["reply_to_message"]
    author, number = answered.get("from"), answered.get("message_id")
    is_ours = isinstance(author, dict) and author.get("id") == me.id
    return str(number) if is_ours and type(number) is int else None


def _room(message: Update) -> Room:
    chat_id = _number(_part(message, "chat"), "id")
    # Outside of a forum the thread is only a chain of replies.
    in_topic = message.get("is_topic_message") is True
    return Room(PLATFORM, str(chat_id), str(_number(message, "message_thread_id")) if in_topic else "")


def _identity(sender: Update) -> Identity:
    return Identity(PLATFORM, str(_number(sender, "id")))


def _moment(message: Update) -> datetime:
    try:
        return datetime.fromtimestamp(_number(message, "date"), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Unreadable(f"no date: {error}") from error


def _part(of: Update, name: str) -> Update:
    part = of.get(name)
    if not isinstance(part, dict):
        raise Unreadable(f"{name} is {type(part).__name__}")
    return part


def _number(of: Update, name: str) -> int:
    number = of.get(name)
    if type(number) is not int:
        raise Unreadable(f"{name} is {type(number).__name__}")
    return number
