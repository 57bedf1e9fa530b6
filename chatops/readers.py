"""How each room is read: as who alone reads there does, else as the room has it."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from chatops.habits import Habit, Habits
from chatops.people import Directory, Principal
from chatops.room import Room


class Reads(Protocol):
    """Who reads where."""

    def zone(self, room: Room) -> tzinfo:
        """In whose time."""
        ...

    def may_be_told(self, room: Room) -> bool:
        """Whether anything may be told there that nobody asked for."""
        ...


class Everybody:
    """Whoever it is, and in UTC."""

    def zone(self, room: Room) -> tzinfo:
        """See `Reads`."""
        return UTC

    def may_be_told(self, room: Room) -> bool:
        """See `Reads`."""
        return True


EVERYBODY = Everybody()


class Readers:
    """For what nobody asked for: notices, reports, pinned cards, what comes late."""

    def __init__(
        self,
        habits: Habits,
        directory: Directory,
        direct: Callable[[Principal], Sequence[Room]],
        *,
        is_private: Callable[[Room], bool] = lambda room: False,
        is_standing: Callable[[Room], bool] = lambda room: False,
    ) -> None:
        """`direct` gives the rooms in which somebody alone reads; `is_private` is whether a room is such a one, of
        whomever; those that are `is_standing` are told whoever reads there, since the settings say so.
        """
        self._habits = habits
        self._directory = directory
        self._direct = direct
        self._is_private = is_private
        self._is_standing = is_standing

    def may_be_told(self, room: Room) -> bool:
        """False for the private chat of somebody who does not belong here, or not by that account any more."""
        return not self._is_private(room) or self._is_standing(room) or self._owner(room) is not None

    def habit(self, room: Room) -> Habit:
        """How it is told there."""
        owner = self._owner(room)
        return self._habits.of_room(room) if owner is None else self._habits.of(owner.name, room)

    def zone(self, room: Room) -> ZoneInfo:
        """In whose time."""
        return self.habit(room).zone

    def _owner(self, room: Room) -> Principal | None:
        rooms = {room, room.without_topic}
        return next((one for one in self._directory.people if not rooms.isdisjoint(self._direct(one))), None)
