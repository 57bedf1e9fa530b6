"""Answers to /mute: which rooms are told nothing unasked."""

from collections.abc import Mapping

from bot_integration import Outcome
from chatops.asks import Mute
from chatops.commands.registry import Asking, Registry, Reply
from chatops.messages import Message
from chatops.preferences import Preferences
from chatops.room import Room
from chatops.room_names import NoSuchRoom, RoomNames
from chatops.views import users as views

_ON, _OFF = "on", "off"


class MuteCommands:
    """Mutes rooms by their names in the settings, or by their ids."""

    def __init__(self, preferences: Preferences, rooms: Mapping[str, Room]) -> None:
        self._preferences = preferences
        self._names = RoomNames({name: (room,) for name, room in rooms.items()})

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(Mute, self.mute)

    async def mute(self, ask: Mute, asking: Asking) -> Reply:
        """The rooms and which are muted, after the change where one is asked for."""
        await self._preferences.load()
        if not ask.room:
            return Reply(self._shown(), None)
        switch = ask.switch.casefold() or _ON
        if switch not in (_ON, _OFF):
            return Reply(self._shown(f"/mute takes on or off, and not “{ask.switch}”."), Outcome.REFUSED)
        try:
            meant = self._names.meant(ask.room, self._preferences.rooms)
        except NoSuchRoom as error:
            said = str(error)
            return Reply(self._shown(f"{said[0].upper()}{said[1:]}."), Outcome.REFUSED)
        for room in meant:
            await self._preferences.mute(room, asking.person.name, on=switch == _ON)
        name = self._names.name(meant[0])
        done = f"{name} is muted: it is told nothing unasked." if switch == _ON else f"{name} is told again."
        return Reply(self._shown(done))

    def _shown(self, said: str = "") -> Message:
        known = dict.fromkeys([*self._names.places, *self._preferences.rooms])
        return views.rooms({self._names.name(room): self._preferences.is_muted(room) for room in known}, said)
