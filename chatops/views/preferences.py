"""What a room is told without asking, and the buttons that change it."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from chatops.asks import AS_USUAL, EVERY_KIND, Prefs, Reports
from chatops.habit_kinds import HabitKind
from chatops.layout import align, fit
from chatops.messages import Button, Message, Paragraph
from chatops.notices.kinds import KINDS, Loudness, NoticeKind
from chatops.views.format import headline

#: A press makes it the next one.
_NEXT = {Loudness.ON: Loudness.SILENT, Loudness.SILENT: Loudness.OFF, Loudness.OFF: Loudness.ON}
_MARKS = {Loudness.ON: "🔔", Loudness.SILENT: "🔕", Loudness.OFF: "✕"}
_A_ROW = 3
#: The way to what else there is to choose.
HABITS = (
    Button("Zone", Prefs(what=HabitKind.ZONE)),
    Button("Light or dark", Prefs(what=HabitKind.THEME)),
    Button("Quiet", Prefs(what=HabitKind.QUIET)),
    Button("Reports", Reports()),
)


def notices(chosen: Mapping[NoticeKind, Loudness], may_change: bool, changed: str = "", *, reads: str = "") -> Message:
    """Every kind and how this room hears of it; pressing a kind makes it the next of on, silent and off.

    What was `changed` just now is said first, and last how who asks `reads`.
    """
    heard = sum(loudness is not Loudness.OFF for loudness in chosen.values())
    title = changed or f"This room hears of {heard} of {len(chosen)} kinds of notices"
    table = align([(kind, loudness) for kind, loudness in chosen.items()])
    reading = (Paragraph(reads),) if reads else ()
    if not may_change:
        return Message(title, (table, *reading), (HABITS,))
    kinds = [Button(f"{_MARKS[chosen[kind]]} {kind}", Prefs(what=kind, to=_NEXT[chosen[kind]])) for kind in chosen]
    rows = tuple(tuple(kinds[start : start + _A_ROW]) for start in range(0, len(kinds), _A_ROW))
    every = (
        Button("All as usual", Prefs(what=EVERY_KIND, to=AS_USUAL)),
        Button("All off", Prefs(what=EVERY_KIND, to=Loudness.OFF)),
    )
    return Message(
        title,
        (table, Paragraph("Press a kind: on, silent, off. What each tells: /prefs opened"), *reading),
        (*rows, every, HABITS),
    )


def muted() -> Message:
    """Where an admin has muted the room, whatever it has chosen."""
    return Message("This room is muted: it is told nothing unasked. An admin can change that: /mute", (), (HABITS,))


def notice_kind(kind: NoticeKind, loudness: Loudness, may_change: bool) -> Message:
    """One kind: what it tells, and how this room hears of it."""
    others = tuple(Button(str(other).capitalize(), Prefs(what=kind, to=other)) for other in Loudness)
    return Message(
        f"{kind}: {loudness} in this room",
        (Paragraph(f"It tells that {KINDS[kind].summary}."),),
        (others, (Button("All kinds", Prefs()),)) if may_change else ((Button("All kinds", Prefs()),),),
    )


def now_heard(what: str, to: str) -> str:
    """What was changed, in a few words."""
    if what != EVERY_KIND:
        return headline(f"{what} is {to} now")
    return "All kinds are as usual now" if to == AS_USUAL else f"All kinds are {to} now"


def changed(said: str, kinds: Sequence[NoticeKind]) -> Message:
    """What was changed, to somebody who typed it: how it could be instead, and the way to all of them."""
    every = (Button("All kinds", Prefs()),)
    if len(kinds) > 1:
        return Message(said, (), (every,))
    others = tuple(Button(str(other).capitalize(), Prefs(what=kinds[0], to=other)) for other in Loudness)
    return Message(said, (), (others, every))


def no_such_preference(wanted: str) -> Message:
    """What there is, where something else was typed."""
    near = get_close_matches(wanted.casefold()[:32], list(NoticeKind), n=1)
    hint = f" Did you mean {near[0]}?" if near else f" There is {EVERY_KIND}, {', '.join(NoticeKind)}."
    buttons = ((Button(near[0], Prefs(what=near[0])), Button("All kinds", Prefs())),) if near else ()
    return Message(headline(f"There are no notices “{fit(wanted, 20)}”.{hint}"), (), buttons)


def no_such_loudness(wanted: str, what: str) -> Message:
    """What it can be, where something else was typed."""
    said = f"“{fit(wanted, 20)}” will not do for {fit(what, 20)}: {', '.join([*Loudness, AS_USUAL])}."
    return Message(headline(said), (), ((Button("All kinds", Prefs()),),))
