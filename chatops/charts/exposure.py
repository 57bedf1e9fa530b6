"""The picture of what is held on which venue."""

from math import isfinite

from matplotlib.figure import Figure

from chatops.charts.facts import Exposure, Held
from chatops.charts.figures import amount, short
from chatops.charts.hours import moment
from chatops.charts.sheet import EDGE, Key, Sheet
from chatops.charts.style import SMALL, TEXT, WIDTH, Style
from chatops.layout import fit

#: More than this are one, at the end.
_MOST = 8
_BAR, _ROW = 14, 40


def exposure(facts: Exposure, style: Style) -> Figure:
    """A bar for each venue: shorts left of 0, longs right of it; its balance and what is net stand beside its name."""
    ink, seen = style.ink, moment(facts.at, style.zone)
    held = _few([one for one in facts.held if isfinite(one.long + one.short)])
    net = sum(one.long - one.short for one in held)
    gross = sum(one.long + one.short for one in held)
    sheet = Sheet(
        style,
        f"Exposure · {facts.subject}" if facts.subject else "Exposure",
        figure=f"net {amount(net, signed=True)} {style.currency}" if held else "",
        under=f"{seen.day} {seen:%b %Y, %H:%M}" + (f" · {amount(gross)} gross" if held else ""),
        foot=f"{style.currency} of notional · time in {style.zone.key}",
        keys=[Key("short", ink.lines[1]), Key("long", ink.lines[0])],
        panels=(_ROW * len(held) or 120,),
        left=EDGE,
        has_times=False,
    )
    (panel,) = sheet.panels
    if not held:
        return sheet.nothing("nothing is held on any venue")
    height = _ROW * len(held)
    widest = max([one.long for one in held] + [one.short for one in held] + [0.01])
    panel.set_xlim(-widest * 1.02, widest * 1.02)
    panel.set_ylim(height, 0)
    for row, one in enumerate(held):
        y = row * _ROW + 28
        panel.vlines(0, y - _BAR * 0.7, y + _BAR * 0.7, color=ink.soft, linewidth=0.9, zorder=3)
        panel.barh(y, -one.short, _BAR, color=ink.lines[1], linewidth=0, zorder=2)
        panel.barh(y, one.long, _BAR, color=ink.lines[0], linewidth=0, zorder=2)
        said = f"net {short(one.long - one.short, signed=True)}"
        said += f" · balance {short(one.balance)}" if isfinite(one.balance) else ""
        top = 1 - (row * _ROW + 12) / height
        name = fit(one.venue, 24)
        while sheet.room(name, TEXT, bold=True) + sheet.room(said) > WIDTH - 3 * EDGE and len(name) > 4:
            name = fit(one.venue, len(name) - 2)
        sheet.beside(panel, 0, top, name, align="left", across=True, along=True, color=ink.text, size=TEXT, bold=True)
        sheet.beside(panel, 1, top, said, align="right", across=True, along=True, size=SMALL)
    return sheet.figure


def _few(held: list[Held]) -> list[Held]:
    largest = sorted(held, key=lambda one: (-(one.long + one.short), one.venue))
    if len(largest) <= _MOST:
        return largest
    rest = largest[_MOST - 1 :]
    balances = [one.balance for one in rest if isfinite(one.balance)]
    summed = Held(
        f"{len(rest)} others",
        sum(one.long for one in rest),
        sum(one.short for one in rest),
        sum(balances) if balances else float("nan"),
    )
    return [*largest[: _MOST - 1], summed]
