"""The channel behind a room: of a person, the one in which nobody else reads."""

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.errors import Unanswered
from chatops.room import Room

#: What ids of people begin with, in one workspace and in an enterprise.
_PEOPLE = ("U", "W")
_DIRECT = "D"


def is_direct(channel: str) -> bool:
    """Whether one person reads there, by the id that Slack is called with."""
    return channel.startswith(_DIRECT)


class Channels:
    """Knows the direct channels that were asked for once: their ids stay."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._direct: dict[str, str] = {}

    async def of(self, room: Room) -> str:
        """The id to call Slack with. Raises `SlackError`.

        A person may be posted to by their own id, but nothing can be edited, pinned or looked for under that.
        """
        if not room.id.startswith(_PEOPLE):
            return room.id
        if room.id not in self._direct:
            answer = await self._api.call("conversations.open", {"users": room.id})
            channel = answer.get("channel")
            if not isinstance(channel, dict) or not isinstance(channel.get("id"), str):
                raise Unanswered("it opened a channel without telling which")
            self._direct[room.id] = channel["id"]
        return self._direct[room.id]
