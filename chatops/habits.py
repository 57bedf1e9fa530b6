"""How people read: in which zone's time, on a light or a dark ground, and when they are not to be disturbed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from alerts.quiet import QuietHours, parse_hours
from chatops.charts.style import Theme
from chatops.habit_kinds import HabitKind
from chatops.personal import Personal
from chatops.preferences import Preferences
from chatops.room import Room

#: Stored in place of quiet hours by who wants none, whatever the settings say.
NEVER_QUIET = "off"
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Habit:
    """What holds for one answer in one room."""

    zone: ZoneInfo
    theme: Theme = Theme.LIGHT


class Habits:
    """What each person, else the room, else the settings say. A topic that chose nothing has what its chat chose."""

    def __init__(
        self,
        zone_of: Callable[[Room], tzinfo],
        rooms: Preferences | None = None,
        people: Personal | None = None,
    ) -> None:
        """`zone_of` is what the settings say. Without `rooms` or `people` none of them chose anything."""
        self._zone_of = zone_of
        self._rooms = rooms
        self._people = people

    def of(self, person: str, room: Room) -> Habit:
        """For somebody who asks in a room."""
        usual = self.of_room(room)
        zone, theme = (self._own(person, kind) for kind in (HabitKind.ZONE, HabitKind.THEME))
        return Habit(_zone(zone) or usual.zone, _theme(theme) or usual.theme)

    def of_room(self, room: Room) -> Habit:
        """For what nobody asked for."""
        settings = self._zone_of(room if self._rooms is None else self._rooms.in_settings(room))
        zone = _zone(self.chosen(room, HabitKind.ZONE)) or (settings if isinstance(settings, ZoneInfo) else _UTC)
        return Habit(zone, _theme(self.chosen(room, HabitKind.THEME)) or Theme.LIGHT)

    def quiet_in(self, room: Room, usual: QuietHours | None) -> QuietHours | None:
        """When a room is not disturbed; `usual` is what the settings say."""
        chosen = self.chosen(room, HabitKind.QUIET)
        if chosen == NEVER_QUIET:
            return None
        zone = self.of_room(room).zone
        return _quiet(chosen, zone) or (None if usual is None else QuietHours(usual.start, usual.end, zone))

    def quiet_of(self, person: str, room: Room, usual: QuietHours | None = None) -> QuietHours | None:
        """When somebody is not disturbed in the room where they alone read; `usual` is what that room has."""
        chosen = self._own(person, HabitKind.QUIET)
        if chosen == NEVER_QUIET:
            return None
        return _quiet(chosen, self.of(person, room).zone) or usual

    def chosen(self, room: Room, kind: HabitKind) -> Any:
        """What a room chose; None where it did not."""
        if self._rooms is None:
            return None
        own = self._rooms.chosen(room, kind)
        return own if own is not None or not room.topic else self._rooms.chosen(room.without_topic, kind)

    def _own(self, person: str, kind: HabitKind) -> Any:
        return self._people.of(person).get(kind) if self._people is not None else None


def _zone(stored: Any) -> ZoneInfo | None:
    """What another version stored, or a zone that is gone from the list, counts as not chosen."""
    try:
        return ZoneInfo(stored) if isinstance(stored, str) else None
    except (KeyError, OSError, ValueError):
        return None


def _theme(stored: Any) -> Theme | None:
    return Theme(stored) if isinstance(stored, str) and stored in set(Theme) else None


def _quiet(stored: Any, zone: ZoneInfo) -> QuietHours | None:
    try:
        return QuietHours(*parse_hours(stored), zone) if isinstance(stored, str) else None
    except ValueError:
        return None
