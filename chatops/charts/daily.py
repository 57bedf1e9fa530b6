"""The picture of what each day, week or month made."""

from dataclasses import replace
from datetime import datetime
from math import ceil, isfinite

from matplotlib.figure import Figure

from chatops.charts.facts import Daily, Day
from chatops.charts.figures import amount, short
from chatops.charts.hours import days, moment
from chatops.charts.lines import span_of
from chatops.charts.series import Reach
from chatops.charts.sheet import Key, Sheet
from chatops.charts.style import Style

_TITLES = {"day": "Daily PnL", "week": "Weekly PnL", "month": "Monthly PnL"}
#: Up to so many bars each has its number and its day.
_FEW = 7


def daily(facts: Daily, style: Style) -> Figure:
    """A bar for each; one in which some bot was not seen is pale and hatched, one of which nothing is known is grey."""
    ink, facts = style.ink, _begun(facts)
    title = _TITLES.get(facts.step, "PnL")
    known = [one for one in facts.days if isfinite(one.total)]
    unseen = [one for one in known if one.down_s > 0]
    total = sum(one.total for one in known)
    keys = [Key("made", ink.gain), Key("lost", ink.loss)]
    keys += [Key("a bot not seen for a time", ink.hatch)] if unseen or len(known) < len(facts.days) else []
    won = sum(one.total > 0 for one in known)
    sheet = Sheet(
        style,
        f"{title} · {facts.subject}" if facts.subject else title,
        figure=f"{amount(total, signed=True)} {style.currency}" if known else "",
        color=ink.change(total),
        under=f"{_when(facts.days, style)}{won} of {len(known)} {facts.step}s won"
        if known
        else _when(facts.days, style),
        foot=f"{style.currency}, fees taken off · {facts.step}s of {style.zone.key}",
        keys=keys,
    )
    (panel,) = sheet.panels
    if not known:
        return sheet.nothing("nothing is known of this time")
    reach = Reach(facts.days[0].start, facts.days[-1].end)
    sheet.times(reach, _names(facts, style))
    low, high = span_of([0.0, *(one.total for one in known)], room=0.12, least=0.05)
    sheet.scale(panel, low, high)
    for one in facts.days:
        width = one.end - one.start
        if not isfinite(one.total) or one.down_s > 0:
            panel.axvspan(one.start, one.end, facecolor=ink.gap, edgecolor=ink.hatch, hatch="////", lw=0, zorder=0.5)
        if isfinite(one.total):
            color = ink.change(one.total)
            panel.bar(
                one.start + width / 2,
                one.total,
                width * 0.74,
                color=color,
                alpha=0.65 if one.down_s > 0 else 1.0,
                linewidth=0,
                zorder=2,
            )
    best, worst = max(known, key=_total), min(known, key=_total)
    for one in known if len(known) <= _FEW else dict.fromkeys((best, worst)):
        up = one.total >= 0
        share = ((one.start + one.end) / 2 - reach.start) / (reach.end - reach.start)
        align = "left" if share < 0.07 else "right" if share > 0.93 else "center"
        sheet.beside(
            panel,
            (one.start + one.end) / 2,
            one.total,
            short(one.total, signed=True),
            (0, 3 if up else -3),
            align,
            "bottom" if up else "top",
            color=ink.text,
        )
    return sheet.figure


def _begun(facts: Daily) -> Daily:
    """Without what lies before anything is known, where that is most of it; but a few bars have their places."""
    first = next((place for place, one in enumerate(facts.days) if isfinite(one.total)), 0)
    few = max(0, len(facts.days) - _FEW)
    return replace(facts, days=facts.days[min(first, few) :]) if first > len(facts.days) / 2 else facts


def _names(facts: Daily, style: Style) -> list[tuple[float, str]]:
    """What stands under the bars, in the middle of each: under every one of a few, under some of many."""
    every = ceil(len(facts.days) / _FEW)
    named = facts.days[every // 2 :: every]
    return [((one.start + one.end) / 2, _name(moment(one.start, style.zone), facts.step)) for one in named]


def _name(begins: datetime, step: str) -> str:
    if step != "month":
        return f"{begins.day} {begins:%b}"
    return f"{begins:%Y}" if begins.month == 1 else f"{begins:%b}"


def _total(one: Day) -> float:
    return one.total


def _when(bars: tuple[Day, ...], style: Style) -> str:
    if not bars:
        return ""
    # The last day ends where the next begins, and that one is not in it.
    first, last = moment(bars[0].start, style.zone), moment(max(bars[-1].start, bars[-1].end - 1), style.zone)
    if first.date() == last.date():
        return f"{first.day} {first:%b %Y} · "
    return days(bars[0].start, max(bars[-1].end - 1, bars[0].start + 200_000), style.zone) + " · "
