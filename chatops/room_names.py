"""What people call rooms, and which ones they mean by what they type."""

from collections.abc import Iterable, Mapping

from chatops.room import Room

#: So many rooms are named to somebody who meant none of them.
_NAMED = 20


class NoSuchRoom(ValueError):
    """Nothing is called that; the message names what there is."""


class RoomNames:
    """The rooms of the settings by name, each with every place that it has had."""

    def __init__(self, rooms: Mapping[str, Iterable[Room]]) -> None:
        self._rooms = {name: tuple(dict.fromkeys(places)) for name, places in rooms.items()}
        self._names = {place: name for name, places in self._rooms.items() for place in places}

    def name(self, room: Room) -> str:
        """Its name, or where it has none its platform and key."""
        return self._names.get(room, str(room))

    @property
    def places(self) -> tuple[Room, ...]:
        """Every place that has a name."""
        return tuple(self._names)

    def meant(self, typed: str, others: Iterable[Room]) -> tuple[Room, ...]:
        """The places meant by a name, by `platform:key`, or by a key alone; `others` are rooms without a name.

        Raises `NoSuchRoom`.
        """
        folded = typed.strip().casefold()
        for name, places in self._rooms.items():
            if name.casefold() == folded:
                return places
        known = dict.fromkeys([*self._names, *others])
        found = tuple(room for room in known if folded in {str(room).casefold(), room.key.casefold()})
        if found:
            return found
        names = list(dict.fromkeys(map(self.name, known)))
        there_are = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        how_many = "there is only" if len(names) == 1 else "there are"
        raise NoSuchRoom(f"no room is called {typed}: {how_many} {there_are}" if names else "there are no rooms yet")
