"""The picture of whose doing a profit was."""

from dataclasses import fields
from math import isfinite

from matplotlib.figure import Figure

from chatops.charts.facts import Attribution, Share
from chatops.charts.figures import amount, short
from chatops.charts.hours import days
from chatops.charts.lines import span_of
from chatops.charts.sheet import EDGE, Key, Sheet
from chatops.charts.style import SMALL, WIDTH, Style
from chatops.layout import fit

#: More than this are one, at the end.
_MOST = 8
_BAR, _ROW = 14, 38
_PARTS = ("funding", "realized", "unrealized", "fees")


def attribution(facts: Attribution, style: Style) -> Figure:
    """A bar for each: what added to it to the right of 0, what took from it to the left, and its total in words."""
    ink = style.ink
    shares = _few([one for one in facts.shares if isfinite(one.total)])
    total = sum(one.total for one in shares)
    of_parts = (ink.lines[0], ink.lines[2], ink.lines[3], ink.loss)
    sheet = Sheet(
        style,
        f"PnL by {facts.by} · {facts.subject}" if facts.subject else f"PnL by {facts.by}",
        figure=f"{amount(total, signed=True)} {style.currency}" if shares else "",
        color=ink.change(total),
        under=days(facts.reach.start, facts.reach.end, style.zone),
        foot=f"{style.currency} · times in {style.zone.key}",
        keys=[Key(name, color) for name, color in zip(_PARTS, of_parts, strict=True)],
        panels=(_ROW * len(shares) or 120,),
        left=EDGE,
        has_times=False,
    )
    (panel,) = sheet.panels
    if not shares:
        return sheet.nothing("nothing was made or lost in this time")
    ups = [sum(value for value in _values(one) if value > 0) for one in shares]
    downs = [sum(value for value in _values(one) if value < 0) for one in shares]
    panel.set_xlim(*span_of([0.0, *ups, *downs], room=0.02, least=0.01))
    panel.set_ylim(len(shares) * _ROW, 0)
    for row, one in enumerate(shares):
        right = left = 0.0
        y = row * _ROW + 27
        panel.vlines(0, y - _BAR * 0.7, y + _BAR * 0.7, color=ink.soft, linewidth=0.9, zorder=3)
        for value, color in zip(_values(one), of_parts, strict=True):
            panel.barh(y, value, _BAR, left=right if value > 0 else left, color=color, linewidth=0, zorder=2)
            right, left = right + max(0.0, value), left + min(0.0, value)
        said = amount(one.total, signed=True) if abs(one.total) < 1e6 else short(one.total, signed=True)
        room = WIDTH - 3 * EDGE - sheet.room(said, SMALL + 1, bold=True)
        name = fit(one.name, 40)
        while sheet.room(name, SMALL + 1) > room and len(name) > 4:
            name = fit(one.name, len(name) - 2)
        color = ink.change(one.total)
        top = 1 - (row * _ROW + 12) / panel.get_ylim()[0]
        sheet.beside(panel, 0, top, name, (0, 0), "left", color=ink.text, across=True, along=True, size=SMALL + 1)
        sheet.beside(
            panel, 1, top, said, (0, 0), "right", color=color, across=True, along=True, size=SMALL + 1, bold=True
        )
    return sheet.figure


def _values(one: Share) -> tuple[float, ...]:
    return (one.funding, one.realized, one.unrealized, one.fees)


def _few(shares: list[Share]) -> list[Share]:
    if len(shares) <= _MOST:
        return shares
    rest = shares[_MOST - 1 :]
    summed = [sum(getattr(one, name.name) for one in rest) for name in fields(Share)[1:]]
    return [*shares[: _MOST - 1], Share(f"{len(rest)} others", *summed)]
