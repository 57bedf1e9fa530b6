"""The page that a person may open with us, where the platform has such: how things are, and words to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chatops.messages import Block
from chatops.people import Identity
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Word:
    """A button that asks what somebody could type. Nothing is stored for it, so a page may be drawn anew for ever."""

    label: str
    #: As in `positions alpha`.
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Words beside each other."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a person sees there. It tells moments and no ages: two pages differ where the facts do."""

    title: str
    parts: tuple[Block | Row, ...]
    #: When it was made, in the zone in which they read.
    at: datetime
    #: Whether it shows how things are, and may be kept up to date; else it is for whom we do not know.
    is_open: bool = True

    @property
    def words(self) -> Sequence[Word]:
        """All that can be asked from it."""
        return [word for part in self.parts if isinstance(part, Row) for word in part.words]


class Homes(Protocol):
    """Makes pages, of the last facts: neither waits or raises."""

    def page(self, identity: Identity, room: Room) -> Page:
        """The page of this account, which asks in this room: of what its person may see, with what they may ask.

        A stranger's is `closed`.
        """
        ...

    def closed(self) -> Page:
        """The page of whom we do not know: whom to ask, and nothing else."""
        ...
