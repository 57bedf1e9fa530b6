"""Whether the desk can say something in a room on Slack."""

from dataclasses import dataclass

from chatops.checkup.findings import Finding, Level
from chatops.checkup.slack_api import Said, SlackApi
from chatops.checkup.slack_pages import Pages
from chatops.settings import RoomSettings

AREA = "rooms"


@dataclass(frozen=True, slots=True)
class Us:
    """The app: what it is called in the workspace, and where it is set up."""

    name: str
    pages: Pages


async def check_room(api: SlackApi, room: RoomSettings, us: Us) -> list[Finding]:
    """Ask for the channel, or for the person. Raises `Silence`."""
    if room.id.startswith(("U", "W")):
        return _judge_person(room, await api.ask("users.info", user=room.id))
    return _judge_channel(room, await api.ask("conversations.info", channel=room.id), us)


def _judge_person(room: RoomSettings, answer: Said) -> list[Finding]:
    if not answer.ok:
        return _unknown(room, answer, "On the profile of that person: ⋮, Copy member ID.")
    user = answer.told.get("user") or {}
    return [Finding(AREA, Level.OK, f"{room.name} is {user.get('name', '?')} by themselves")]


def _judge_channel(room: RoomSettings, answer: Said, us: Us) -> list[Finding]:
    invite = f"In that channel: /invite @{us.name}"
    if not answer.ok:
        return _unknown(room, answer, f"{invite}, or see that its id is right.")
    channel = answer.told.get("channel") or {}
    name = channel.get("name", "?")
    if channel.get("is_archived"):
        return [Finding(AREA, Level.ERROR, f"{room.name} (#{name}) is archived", "Unarchive it, or name another one.")]
    if not channel.get("is_member"):
        what = f"the app is not in {room.name} (#{name}): it can say nothing there"
        return [Finding(AREA, Level.ERROR, what, f"{invite}.")]
    return [Finding(AREA, Level.OK, f"{room.name} is the channel #{name}")]


def _unknown(room: RoomSettings, answer: Said, todo: str) -> list[Finding]:
    match answer.error:
        case "missing_scope":
            # The scope is named already, for all rooms.
            return []
        case "ratelimited":
            what = f"whether {room.name} ({room.id}) is there is not known: asked too often"
            return [Finding(AREA, Level.WARNING, what, "In a minute.")]
        case error:
            what = f"{room.name} ({room.id}) is not there, or the app is not in it ({error})"
            return [Finding(AREA, Level.ERROR, what, todo)]
