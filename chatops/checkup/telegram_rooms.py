"""Whether the bot is in a room on Telegram, and what it can hear and say there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chatops.checkup.bot_api import Answer, BotApi
from chatops.checkup.findings import Finding, Level
from chatops.settings import Concern, RoomSettings

AREA = "rooms"
_ADMINS = ("administrator", "creator")


@dataclass(frozen=True, slots=True)
class Me:
    """The bot."""

    id: int
    username: str
    #: Whether privacy mode is off.
    reads_all: bool

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """As `getMe` tells it."""
        return cls(
            int(told.get("id", 0)), str(told.get("username", "?")), bool(told.get("can_read_all_group_messages", False))
        )


async def check_room(api: BotApi, room: RoomSettings, me: Me) -> list[Finding]:
    """What kind of place it is, and what the bot may do there. Raises `Silence`."""
    answer = await api.ask("getChat", chat_id=room.id)
    if not answer.ok:
        return [_unusable(answer, room, me)]
    chat = answer.result
    kind = str(chat.get("type", "chat"))
    found = [_place(room, kind, chat)]
    if kind == "private":
        return found + _judge_topic(room, kind, chat)
    member = await api.ask("getChatMember", chat_id=room.id, user_id=str(me.id))
    if kind == "channel":
        return found + _judge_channel(room, member, me)
    return found + _judge_topic(room, kind, chat) + _judge_group(room, member, me)


def _place(room: RoomSettings, kind: str, chat: Mapping[str, Any]) -> Finding:
    is_forum = bool(chat.get("is_forum", False))
    named = "forum" if is_forum else "private chat" if kind == "private" else kind
    title = chat.get("title") or chat.get("first_name") or "?"
    where = ""
    if is_forum:
        where = f", topic {room.topic}" if room.topic else ", in the topic General"
    return Finding(AREA, Level.OK, f"{room.name} is the {named} “{title}”{where}")


def _judge_topic(room: RoomSettings, kind: str, chat: Mapping[str, Any]) -> list[Finding]:
    if not room.topic or chat.get("is_forum", False):
        return []
    return [
        Finding(
            AREA,
            Level.WARNING,
            f"{room.name} has a topic here, but the {kind} has no topics",
            "Take topic out, or turn topics on in the group's settings.",
        )
    ]


def _judge_group(room: RoomSettings, member: Answer, me: Me) -> list[Finding]:
    found = []
    told = member.result
    if told.get("status") == "restricted" and not told.get("can_send_messages", False):
        found.append(
            Finding(
                AREA, Level.ERROR, f"the bot may not write in {room.name}", "Lift its restriction in the group's list."
            )
        )
    if told.get("status") in _ADMINS:
        heard = "the bot is an administrator there and so hears every word, privacy mode or not"
        todo = ""
    elif me.reads_all:
        heard, todo = "privacy mode is off: the bot hears every word there", ""
    else:
        heard = (
            "privacy mode is on: there the bot hears commands and replies to it only; "
            f"that is enough for /words (/status@{me.username} where there are other bots)"
        )
        todo = "To change that: @BotFather, /setprivacy, Disable; then add the bot to the group anew."
    return [*found, Finding(AREA, Level.OK, f"{room.name}: {heard}", todo)]


def _judge_channel(room: RoomSettings, member: Answer, me: Me) -> list[Finding]:
    found = []
    told = member.result
    if told.get("status") not in _ADMINS or not (told.get("status") == "creator" or told.get("can_post_messages")):
        found.append(
            Finding(
                AREA,
                Level.ERROR,
                f"the bot may not post in the channel {room.name}",
                f"Make @{me.username} an administrator of the channel, with the right to post messages.",
            )
        )
    more = sorted(room.receives - {Concern.ALERTS})
    if more:
        found.append(
            Finding(
                AREA,
                Level.WARNING,
                f"{room.name} is a channel, where nobody can ask or answer, and is to get {' and '.join(more)}",
                'A channel is for alerts alone: set receives = ["alerts"]; the rest belongs in a group.',
            )
        )
    if room.topic:
        found.append(Finding(AREA, Level.WARNING, f"{room.name} has a topic here, but is a channel", "Take topic out."))
    return found


def _unusable(chat: Answer, room: RoomSettings, me: Me) -> Finding:
    if "migrate_to_chat_id" in chat.parameters:
        return Finding(
            AREA,
            Level.ERROR,
            f"{room.name} has become a supergroup, under a new id",
            f'Set its id to "{chat.parameters["migrate_to_chat_id"]}".',
        )
    invite = (
        f"Add @{me.username} to the group; its id is what whoami says there."
        if room.id.startswith("-")
        else f"The person has to open the chat with @{me.username} and press Start."
    )
    return Finding(AREA, Level.ERROR, f"the bot is not in {room.name} ({chat.description})", invite)
