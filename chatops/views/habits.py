"""How somebody or a room reads: zone, light or dark, quiet hours, and the buttons that change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chatops.asks import AS_USUAL, THE_ROOM, Prefs
from chatops.habit_kinds import THEMES, HabitKind
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.views.format import headline
from chatops.zones import COMMON

_HOURS = ("21:00-07:00", "22:00-07:00", "22:00-08:00", "23:00-08:00", "00:00-06:00")
_NEVER = "off"
_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """What holds of one kind for who asks."""

    kind: HabitKind
    #: As people type it: `Europe/Berlin`, `dark`, `22:00-07:00` or `off`.
    value: str
    #: Of the room, not of the one who asks.
    of_room: bool
    #: Whether it was chosen; else it is as the room, or as the settings have it.
    is_chosen: bool


def habit(of: Shown, now: datetime, zone: ZoneInfo, *, may_change_room: bool, said: str = "") -> Message:
    """One kind: what holds, what else it can be, and the way to the room's."""
    whose = "this room" if of.of_room else "you"
    given = f"chosen for {whose}" if of.is_chosen else "from the settings" if of.of_room else "as the room has it"
    title = said or f"{_says(of)} ({given})"
    may_change = may_change_room or not of.of_room
    text = _explains(of, now, zone)
    buttons = _choices(of) if may_change else []
    rows = [tuple(buttons[start : start + _A_ROW]) for start in range(0, len(buttons), _A_ROW)]
    last = [Button("As usual", _ask(of, AS_USUAL))] if may_change and of.is_chosen else []
    if of.of_room:
        last.append(Button("Mine", Prefs(what=of.kind)))
    elif may_change_room:
        last.append(Button("The room’s", Prefs(what=of.kind, whose=THE_ROOM)))
    return Message(headline(title), (Paragraph(text),), (*rows, (*last, Button("All", Prefs()))))


def briefly(every: Sequence[Shown]) -> str:
    """What holds of every kind for who asks, in a line."""
    said = {HabitKind.ZONE: "{}", HabitKind.THEME: "charts {}", HabitKind.QUIET: "quiet {}"}
    return f"You: {', '.join(said[one.kind].format(one.value) for one in every)}."


def now_so(of: Shown) -> str:
    """What was changed, in a few words."""
    return f"{_says(of)} now"


def no_such_zone(typed: str, nearest: Sequence[str], *, of_room: bool) -> Message:
    """What is near, where something else was typed."""
    hint = f" Did you mean {nearest[0]}?" if nearest else " It goes: Europe/Berlin, or a large city."
    near = tuple(Button(one, _asked(HabitKind.ZONE, one, of_room=of_room)) for one in nearest)
    return Message(headline(f"There is no zone “{fit(typed, 24)}”.{hint}"), (), (near,) if near else ())


def no_such_value(kind: HabitKind, typed: str) -> Message:
    """What it can be, where something else was typed."""
    takes = f"{', '.join(THEMES)} or usual" if kind is HabitKind.THEME else "22:00-07:00, off or usual"
    return Message(
        headline(f"“{fit(typed, 20)}” will not do for {kind}: {takes}."), (), ((Button("Choose", Prefs(what=kind)),),)
    )


def _says(of: Shown) -> str:
    match of.kind, of.of_room, of.value:
        case HabitKind.ZONE, True, zone:
            return f"This room reads times of {zone}"
        case HabitKind.ZONE, False, zone:
            return f"You read times of {zone}"
        case HabitKind.THEME, _, theme:
            return f"Charts are {theme} {'here' if of.of_room else 'for you'}"
        case _, True, "off":
            return "This room has no quiet hours"
        case _, False, "off":
            return "You have no quiet hours"
        case _, True, hours:
            return f"This room is quiet {hours}"
        case _, False, hours:
            return f"You are not disturbed {hours}"


def _explains(of: Shown, now: datetime, zone: ZoneInfo) -> str:
    match of.kind:
        case HabitKind.ZONE:
            return f"It is {now.astimezone(zone):%a %H:%M} there. Another: /prefs zone Asia/Tokyo{_behind(of)}"
        case HabitKind.THEME:
            return "Of every chart that is drawn from now on."
        case HabitKind.QUIET:
            what = "here" if of.of_room else "in your own chat"
            return (
                f"Then info and warnings wait {what} until the hours end, and reports come without a sound. Critical "
                f"and emergency never wait. Other hours: /prefs quiet 22:30-06:30{_behind(of)} ({zone.key})"
            )


def _behind(of: Shown) -> str:
    return f" {THE_ROOM}" if of.of_room else ""


def _choices(of: Shown) -> list[Button]:
    offered = {HabitKind.ZONE: COMMON, HabitKind.THEME: THEMES, HabitKind.QUIET: (*_HOURS, _NEVER)}[of.kind]
    return [Button(_marked(one, one == of.value), _ask(of, one)) for one in offered]


def _ask(of: Shown, to: str) -> Prefs:
    return _asked(of.kind, to, of_room=of.of_room)


def _asked(kind: HabitKind, to: str, *, of_room: bool) -> Prefs:
    return Prefs(what=kind, to=to, whose=THE_ROOM if of_room else "")


def _marked(label: str, is_shown: bool) -> str:
    # The continent goes: a button has room for a city.
    city = label.rpartition("/")[2].replace("_", " ")
    return f"· {city} ·" if is_shown else city
