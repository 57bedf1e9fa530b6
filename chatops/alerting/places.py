"""The rooms of a desk as alerts know them: by a name, and with the hours in which they are not disturbed."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.quiet import QuietHours
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Place:
    """A room that may be told."""

    #: As `room:NAME` in a policy has it.
    name: str
    room: Room
    #: Whether alerts are told there. Else it is told only where nobody else can be.
    receives: bool = True
    #: None: never.
    quiet: QuietHours | None = None


class Places:
    """All of them, by name in whatever case."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places = {one.name.casefold(): one for one in places}

    @property
    def receiving(self) -> tuple[Place, ...]:
        """Those that are told of alerts."""
        return tuple(one for one in self._places.values() if one.receives)

    @property
    def all(self) -> tuple[Place, ...]:
        """Those and the others, in their order."""
        return tuple(self._places.values())

    def named(self, name: str) -> Place | None:
        """The room of this name."""
        return self._places.get(name.casefold())
