"""The reports that rooms may hear, and when each is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from types import MappingProxyType

from chatops.room import Room


class ReportKind(StrEnum):
    """What a report is of."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    #: Every hour, without a sound, on one card.
    HEARTBEAT = "heartbeat"

    @property
    def has_time(self) -> bool:
        """Whether somebody may choose when it is told."""
        return self is not ReportKind.HEARTBEAT

    @property
    def tells(self) -> str:
        """What it is, in a few words."""
        return _TELLS[self]


_TELLS = {
    ReportKind.DAILY: "the day before",
    ReportKind.WEEKLY: "the week before, on Mondays",
    ReportKind.MONTHLY: "the month before, on the first",
    ReportKind.HEARTBEAT: "that all is well, every hour on one silent card",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a room hears a report, and at which time of the day."""

    is_on: bool
    #: In the room's zone; it changes when it is told, never what it covers.
    at: time = time(0)


_OFF = Choice(is_on=False)
_NOBODY: Mapping[Room, Mapping[ReportKind, Choice]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """What the settings say of reports, by room; a room that is not here hears those that it asks for alone."""

    rooms: Mapping[Room, Mapping[ReportKind, Choice]] = field(default_factory=lambda: _NOBODY)
    #: When each is told in a room that turns it on.
    usual: Mapping[ReportKind, time] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, room: Room, kind: ReportKind) -> Choice:
        """What they say of a room, in which nobody has said otherwise."""
        return self.rooms.get(room, {}).get(kind) or Choice(is_on=False, at=self.usual.get(kind, _OFF.at))
