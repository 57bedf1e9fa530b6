"""Port: where what people asked is read from, and what was seen of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chatops.desired.folding import Asked
from chatops.desired.judging import Sighting

#: Of one bot, by what is wanted, folded.
Sightings = Mapping[str, Sighting]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A pause or kill that the desk itself asserted, cut off by a stop of the program."""

    id: UUID
    bot: str
    session: UUID | None


class Store(Protocol):
    """Every method raises `DatabaseAway`."""

    async def asked(self) -> list[Asked]:
        """What was begun with a word that holds back or lets go, in the order in which it came to where it stands."""
        ...

    async def unfinished(self) -> list[Unfinished]:
        """What the desk itself had begun and not ended."""
        ...

    async def recall(self, bot: str) -> Sightings:
        """What was kept of this bot."""
        ...

    async def keep(self, bot: str, seen: Sightings) -> None:
        """Keep this in place of what was kept before."""
        ...
