"""Which reports a room is told and when the next comes, with the buttons that change it."""

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from chatops.asks import NOW, Reports
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.report_kinds import ReportKind
from chatops.reported import Listed
from chatops.views.format import headline

#: Times of the day on buttons.
_TIMES = ("00:00", "06:00", "07:00", "08:00", "08:30", "09:00", "17:00", "20:00", "22:00")
_A_ROW = 3


def listed(
    kinds: Sequence[Listed], now: datetime, zone: ZoneInfo, *, may_change: bool, said: str = "", muted: bool = False
) -> Message:
    """Every kind; what was `said` is what was changed just now."""
    heard = [one.kind.value for one in kinds if one.is_on]
    title = said or (f"This room is told reports: {', '.join(heard)}" if heard else "This room is told no reports")
    rows = [("report", "at", "next")]
    rows += [(one.kind.value, (one.at or "hourly") if one.is_on else "off", _next(one, now, zone)) for one in kinds]
    blocks: list[Block] = [align(rows), Paragraph(_notes(kinds, zone, muted=muted))]
    buttons = [tuple(Button(one.kind.capitalize(), Reports(kind=one.kind)) for one in kinds)]
    if may_change:
        buttons.insert(0, tuple(_switch(one) for one in kinds[:2]))
        buttons.insert(1, tuple(_switch(one) for one in kinds[2:]))
    return Message(headline(title), tuple(blocks), tuple(buttons))


def one(of: Listed, now: datetime, zone: ZoneInfo, *, may_change: bool, said: str = "") -> Message:
    """One kind, with the usual times."""
    when = of.at or "every hour"
    title = said or (f"{of.kind.capitalize()} report: {when}" if of.is_on else f"{of.kind.capitalize()} report: off")
    told = f" Told last {_moment(of.told_at, zone)}." if of.told_at is not None else ""
    lost = " It could not be shown here; what it said comes with the next." if of.is_lost else ""
    coming = f" Next: {_next(of, now, zone)} ({zone.key})." if of.is_on else ""
    blocks: tuple[Block, ...] = (Paragraph(f"It tells {of.kind.tells}.{coming}{told}{lost}"),)
    buttons: list[tuple[Button, ...]] = []
    if may_change and of.kind.has_time:
        times = [Button(_marked(at, of.is_on and at == of.at), Reports(kind=of.kind, to=at)) for at in _TIMES]
        buttons += [tuple(times[start : start + _A_ROW]) for start in range(0, len(times), _A_ROW)]
        blocks = (*blocks, Paragraph(f"Another time: /reports {of.kind} 09:15"))
    last = [_switch(of)] if may_change else []
    last += [Button("Send now", Reports(kind=of.kind, to=NOW)), Button("All", Reports())]
    return Message(headline(title), blocks, (*buttons, tuple(last)))


def no_such(wanted: str) -> Message:
    """What there is, where something else was typed."""
    near = get_close_matches(wanted.casefold()[:32], list(ReportKind), n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There is {', '.join(ReportKind)}."
    buttons = [Button(near[0].capitalize(), Reports(kind=near[0]))] if near else []
    title = f"There is no report “{fit(wanted, 20)}”. {hint}"
    return Message(headline(title), (), ((*buttons, Button("All", Reports())),))


def no_such_time(wanted: str, kind: ReportKind) -> Message:
    """What it can be, where something else was typed."""
    takes = f"on, off, {NOW}, or a time such as 08:30" if kind.has_time else f"on, off or {NOW}"
    title = f"“{fit(wanted, 20)}” will not do for {kind}: {takes}."
    return Message(headline(title), (), ((Button(kind.capitalize(), Reports(kind=kind)),),))


def shows_every_bot() -> Message:
    """The settings bind whoever asks to some of the bots."""
    return Message(
        "Reports in a room tell of every bot, and the settings bind you to some. Turn them on in our private chat; "
        "/reports daily now shows you yours."
    )


def _switch(of: Listed) -> Button:
    sign, to = ("🔔", "off") if of.is_on else ("✕", "on")
    return Button(f"{sign} {of.kind}", Reports(kind=of.kind, to=to))


def _notes(kinds: Sequence[Listed], zone: ZoneInfo, *, muted: bool) -> str:
    lines = [f"Days and times are those of {zone.key}: /prefs zone."]
    if muted:
        lines.insert(0, "This room is muted: it is told nothing unasked. An admin can change that: /mute")
    lost = [one.kind.value for one in kinds if one.is_lost]
    if lost:
        lines.append(f"⚠ Not shown here last time: {', '.join(lost)}. What it said comes with the next.")
    return "\n".join(lines)


def _next(of: Listed, now: datetime, zone: ZoneInfo) -> str:
    if of.next_at is None:
        return NOTHING
    local = of.next_at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"today {local:%H:%M}"
    return _moment(of.next_at, zone)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def _marked(label: str, is_shown: bool) -> str:
    return f"· {label} ·" if is_shown else label
