"""Which rooms hear which reports, of which bots, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.quiet import QuietHours
from chatops.clock_times import parse_time
from chatops.fleet import Fleet
from chatops.habits import Habit, Habits
from chatops.people import Directory, Principal
from chatops.preferences import Preferences
from chatops.readers import Readers
from chatops.report_kinds import Choice, ReportKind, ReportTerms
from chatops.reports.due import Times
from chatops.room import Room

_KEY = "report:"


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind in one room, where it is heard."""

    room: Room
    times: Times
    habit: Habit
    bots: tuple[str, ...]
    quiet: QuietHours | None = None

    def is_quiet(self, now: datetime) -> bool:
        """Whether it has to come without a sound."""
        return self.quiet is not None and self.quiet.is_quiet(now)


class Plans:
    """What the settings say, and over it what rooms chose.

    A room hears of every bot. Where somebody alone reads it is told of those that they may see, as they read; when
    they are nobody any more, of nothing.
    """

    def __init__(
        self,
        terms: ReportTerms,
        preferences: Preferences,
        habits: Habits,
        fleet: Fleet,
        directory: Directory,
        *,
        direct: Callable[[Principal], Sequence[Room]],
        exists: Callable[[Room], bool],
        quiet: Callable[[Room], QuietHours | None] = lambda room: None,
    ) -> None:
        """`direct` gives the rooms in which somebody alone reads; `exists` tells whether a room's platform is here.

        `quiet` is what the settings say of when a room is not disturbed.
        """
        self._terms = terms
        self._preferences = preferences
        self._habits = habits
        self._readers = Readers(habits, directory, direct)
        self._fleet = fleet
        self._directory = directory
        self._direct = direct
        self._exists = exists
        self._quiet = quiet

    def all(self) -> list[Plan]:
        """Every kind in every room where it is heard now."""
        owners = {room: person for person in self._directory.people for room in self._direct(person)}
        chosen = {kind: self._preferences.choices(_KEY + kind) for kind in ReportKind}
        rooms = dict.fromkeys(map(self._preferences.here, self._terms.rooms))
        rooms |= dict.fromkeys(room for choices in chosen.values() for room in choices)
        plans = (self._plan(room, kind, owners.get(room)) for room in rooms for kind in ReportKind)
        return [plan for plan in plans if plan is not None]

    def choice(self, room: Room, kind: ReportKind) -> Choice:
        """Whether this room is to hear this kind, and when."""
        usual = self._usual(room, kind)
        return _read(self._preferences.chosen(room, _KEY + kind), usual)

    async def choose(self, room: Room, kind: ReportKind, choice: Choice, by: Principal) -> None:
        """Have it so from now on. Raises `DatabaseAway`."""
        value: dict[str, Any] = {"on": choice.is_on, "at": f"{choice.at:%H:%M}"}
        if room in self._direct(by):
            value["person"] = by.name
        await self._preferences.choose(room, _KEY + kind, value, by.name)

    def habit(self, room: Room) -> Habit:
        """How it is told there: as who alone reads there reads, else as the room does."""
        return self._readers.habit(room)

    def is_muted(self, room: Room) -> bool:
        """Whether it hears nothing unasked, whatever it chose."""
        return self._preferences.is_muted(room)

    def shows_too_much(self, room: Room, person: Principal) -> bool:
        """Whether reports there tell of bots that this person may not see."""
        return person.bots is not None and room not in self._direct(person)

    # ------------------------------------------------------------------------ inside

    def _plan(self, room: Room, kind: ReportKind, owner: Principal | None) -> Plan | None:
        choice = self.choice(room, kind)
        if not choice.is_on or not self._exists(room) or self.is_muted(room):
            return None
        if owner is None and self._was_somebodys(room, kind):
            return None
        bots = self._fleet.names
        habit = self._habits.of_room(room)
        quiet = self._habits.quiet_in(room, self._quiet(self._preferences.in_settings(room)))
        if owner is not None:
            if not owner.may_ask_in(room):
                return None
            bots = self._fleet.seen_by(owner).names
            habit = self._habits.of(owner.name, room)
            quiet = self._habits.quiet_of(owner.name, room, quiet)
        return Plan(room, Times(kind, habit.zone, choice.at), habit, bots, quiet) if bots else None

    def _was_somebodys(self, room: Room, kind: ReportKind) -> bool:
        chosen = self._preferences.chosen(room, _KEY + kind)
        return isinstance(chosen, dict) and isinstance(chosen.get("person"), str)

    def _usual(self, room: Room, kind: ReportKind) -> Choice:
        return self._terms.of(self._preferences.in_settings(room), kind)


def _read(stored: Any, usual: Choice) -> Choice:
    """What another version stored counts as not chosen."""
    if not isinstance(stored, dict) or not isinstance(stored.get("on"), bool):
        return usual
    try:
        at = parse_time(str(stored.get("at")))
    except ValueError:
        at = usual.at
    return Choice(stored["on"], at)
