"""How people and rooms read: what holds, and changing it."""

from collections.abc import Callable
from datetime import datetime

from alerts.quiet import QuietHours, parse_hours
from bot_integration import Outcome
from chatops.asks import AS_USUAL, THE_ROOM, Prefs
from chatops.commands.registry import Asking, Reply
from chatops.guard.permissions import Allowed, Permissions
from chatops.habit_kinds import THEMES, HabitKind
from chatops.habits import NEVER_QUIET, Habit, Habits
from chatops.messages import Message
from chatops.personal import Personal
from chatops.preferences import Preferences
from chatops.room import Room
from chatops.views import habits as views
from chatops.zones import NoSuchZone, zone_named


class HabitCommands:
    """A part of /prefs. What somebody chooses for themselves holds in every room, before what the room has."""

    def __init__(
        self,
        habits: Habits,
        preferences: Preferences,
        personal: Personal,
        permissions: Permissions,
        *,
        now: Callable[[], datetime],
        quiet: Callable[[Room], QuietHours | None] = lambda room: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`quiet` is what the settings say of when a room is not disturbed; `changed` hears of each change."""
        self._habits = habits
        self._preferences = preferences
        self._personal = personal
        self._permissions = permissions
        self._now = now
        self._quiet = quiet
        self._changed = changed

    async def answer(self, ask: Prefs, kind: HabitKind, asking: Asking) -> Reply:
        """What holds of this kind, after the change where one is asked for."""
        await self._personal.load()
        if not ask.to:
            return Reply(self._shown(ask, kind, asking))
        try:
            value = await _read(kind, ask.to)
        except NoSuchZone as error:
            return Reply(views.no_such_zone(ask.to, error.nearest, of_room=ask.of_room), Outcome.REFUSED)
        except ValueError:
            return Reply(views.no_such_value(kind, ask.to), Outcome.REFUSED)
        await self._choose(ask, kind, value, asking)
        self._changed()
        said = views.now_so(self._state(ask, kind, asking))
        return Reply(self._shown(ask, kind, asking, said))

    async def briefly(self, asking: Asking) -> str:
        """What holds for who asks, in a line."""
        await self._personal.load()
        return views.briefly([self._state(Prefs(what=kind), kind, asking) for kind in HabitKind])

    # ------------------------------------------------------------------------ inside

    async def _choose(self, ask: Prefs, kind: HabitKind, value: str | None, asking: Asking) -> None:
        """None: as usual."""
        match value, ask.of_room:
            case None, True:
                await self._preferences.forget(asking.home, kind)
            case None, False:
                await self._personal.forget(asking.person.name, kind)
            case _, True:
                await self._preferences.choose(asking.home, kind, value, asking.person.name)
            case _:
                await self._personal.choose(asking.person.name, kind, value)

    def _shown(self, ask: Prefs, kind: HabitKind, asking: Asking, said: str = "") -> Message:
        asked = Prefs(what=kind, to=AS_USUAL, whose=THE_ROOM)
        may_change = isinstance(self._permissions.check(asking.person, asked, asking.home), Allowed)
        zone = self._habit(ask, asking).zone
        return views.habit(self._state(ask, kind, asking), self._now(), zone, may_change_room=may_change, said=said)

    def _habit(self, ask: Prefs, asking: Asking) -> Habit:
        room, person = asking.home, asking.person.name
        return self._habits.of_room(room) if ask.of_room else self._habits.of(person, room)

    def _state(self, ask: Prefs, kind: HabitKind, asking: Asking) -> views.Shown:
        room, person = asking.home, asking.person.name
        own = self._habits.chosen(room, kind) if ask.of_room else self._personal.of(person).get(kind)
        habit = self._habit(ask, asking)
        match kind:
            case HabitKind.ZONE:
                value = habit.zone.key
            case HabitKind.THEME:
                value = habit.theme
            case HabitKind.QUIET:
                usual = self._quiet(self._preferences.in_settings(room))
                in_room = self._habits.quiet_in(room, usual)
                hours = in_room if ask.of_room else self._habits.quiet_of(person, room)
                value = f"{hours.start:%H:%M}-{hours.end:%H:%M}" if hours is not None else NEVER_QUIET
        return views.Shown(kind, value, ask.of_room, own is not None)


async def _read(kind: HabitKind, typed: str) -> str | None:
    """As it is stored; None: as usual. Raises `NoSuchZone`, `ValueError`."""
    folded = typed.casefold()
    if folded == AS_USUAL:
        return None
    match kind:
        case HabitKind.ZONE:
            return (await zone_named(typed)).key
        case HabitKind.THEME:
            if folded not in THEMES:
                raise ValueError("it goes: light or dark")
            return folded
        case HabitKind.QUIET:
            if folded == NEVER_QUIET:
                return folded
            start, end = parse_hours(typed)
            if start == end:
                raise ValueError("they would never end")
            return f"{start:%H:%M}-{end:%H:%M}"
