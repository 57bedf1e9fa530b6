"""How the desk itself is at one moment, as people are told it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chatops.link import Link
from chatops.owed import State


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says of itself and of what is owed."""

    #: Until it answered.
    took: timedelta
    #: How far our clock is ahead of its.
    ahead: timedelta
    #: What is yet to go out, by its state, and how long the oldest of it has been owed.
    owed: Mapping[State, int]
    oldest: timedelta
    #: Whether all of it goes out in time.
    in_time: bool
    #: Urgent ones that were given up lately.
    lost: int


@dataclass(frozen=True, slots=True)
class Condition:
    """The desk as a whole."""

    name: str
    version: str
    up: timedelta
    #: Whether PostgreSQL runs under our data directory.
    embedded: bool
    #: What the database says, or why it says nothing.
    stored: Stored | str
    #: Records of asks that wait for it on disk.
    aside: int
    #: How each platform is.
    links: Mapping[str, Link]
    #: Bots whose facts are fresh, and all.
    heard: int
    bots: int
    #: Bytes of the process, with what else runs in it; None where the system does not say.
    memory: int | None
