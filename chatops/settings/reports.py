"""Which rooms are told which reports, and when."""

from collections.abc import Iterable, Mapping
from datetime import time
from types import MappingProxyType

from pydantic import Field

from chatops.report_kinds import Choice, ReportKind, ReportTerms
from chatops.room import Room
from chatops.settings.section import Section
from chatops.settings.times import TimeOfDay
from chatops.settings.values import Name

_ROOMS = 'a list of names of [[rooms]], as in ["ops"]; left out: every room that receives reports; [] for none'


class ReportSettings(Section):
    """One report."""

    #: None: every room that receives reports.
    rooms: tuple[Name, ...] | None = Field(None, description=_ROOMS)

    def tells(self, name: str, *, receives: bool) -> bool:
        """Whether the room of this name is told it."""
        if self.rooms is None:
            return receives
        return name.casefold() in map(str.casefold, self.rooms)


class TimedSettings(ReportSettings):
    """One report that is told at a time of the day, in the room's zone."""

    at: TimeOfDay = Field("00:00", description='a time of the day, as in "08:30"')


class ReportsSettings(Section):
    """All of them."""

    daily: TimedSettings = Field(default_factory=TimedSettings, description='as in { at = "08:30" }')
    weekly: TimedSettings = Field(default_factory=TimedSettings, description='as in { at = "08:30" }')
    monthly: TimedSettings = Field(default_factory=TimedSettings, description='as in { at = "08:30" }')
    heartbeat: ReportSettings = Field(default_factory=ReportSettings, description="as in { rooms = [] }")

    @property
    def by_kind(self) -> Mapping[ReportKind, ReportSettings]:
        """The same, as reports are told."""
        return {kind: getattr(self, kind) for kind in ReportKind}

    def at(self, kind: ReportKind) -> time:
        """When it is told where a room says nothing else."""
        settings = self.by_kind[kind]
        return time.fromisoformat(settings.at) if isinstance(settings, TimedSettings) else time(0)

    def terms(self, named: Iterable[tuple[str, Room, bool]], others: Iterable[Room] = ()) -> ReportTerms:
        """What that means for rooms by their names, each with whether it receives reports, and for `others`.

        Those are a terminal: it has no use for a card of every hour.
        """
        rooms: dict[Room, Mapping[ReportKind, Choice]] = {
            room: {kind: Choice(kind.has_time, self.at(kind)) for kind in ReportKind} for room in others
        }
        for name, room, receives in named:
            rooms[room] = {
                kind: Choice(settings.tells(name, receives=receives), self.at(kind))
                for kind, settings in self.by_kind.items()
            }
        return ReportTerms(rooms, MappingProxyType({kind: self.at(kind) for kind in ReportKind}))
