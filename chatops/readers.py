"""How each room is read: as who alone reads there does, else as the room has it."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from chatops.habits import Habit, Habits
from chatops.people import Directory, Principal
from chatops.room import Room


class Readers:
    """For what nobody asked for: notices, reports, pinned cards, what comes late."""

    def __init__(self, habits: Habits, directory: Directory, direct: Callable[[Principal], Sequence[Room]]) -> None:
        """`direct` gives the rooms in which somebody alone reads."""
        self._habits = habits
        self._directory = directory
        self._direct = direct

    def habit(self, room: Room) -> Habit:
        """How it is told there."""
        rooms = {room, room.without_topic}
        owner = next((one for one in self._directory.people if not rooms.isdisjoint(self._direct(one))), None)
        return self._habits.of_room(room) if owner is None else self._habits.of(owner.name, room)

    def zone(self, room: Room) -> ZoneInfo:
        """In whose time."""
        return self.habit(room).zone
