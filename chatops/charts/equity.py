"""The picture of what was made: the curve with its high-water mark, and how far it is below its peak."""

from math import isfinite

from matplotlib.figure import Figure

from chatops.charts.facts import Equity
from chatops.charts.figures import amount
from chatops.charts.hours import days
from chatops.charts.lines import begun, draw, span_of, values
from chatops.charts.series import runs
from chatops.charts.sheet import Key, Sheet
from chatops.charts.style import Style


def equity(facts: Equity, style: Style) -> Figure:
    """What was made above, deposits taken out; its drawdown in percent below."""
    ink, reach = style.ink, begun([facts.made], facts.reach)
    known = values([facts.made], reach)
    last = known[-1] if known else float("nan")
    has = f"equity {amount(facts.equity)}" if isfinite(facts.equity) else ""
    sheet = Sheet(
        style,
        f"Equity · {facts.subject}" if facts.subject else "Equity",
        figure=f"{amount(last, signed=True)} {style.currency}" if known else "",
        color=ink.change(last),
        under=" · ".join(part for part in (days(reach.start, reach.end, style.zone), has) if part),
        foot=f"{style.currency}, deposits taken out · times in {style.zone.key}",
        keys=[
            Key("made", ink.lines[0], "solid"),
            Key("high-water mark", ink.soft, (0, (2.5, 1.5))),
            Key("drawdown", ink.loss),
        ],
        panels=(150, 62),
    )
    above, below = sheet.panels
    sheet.times(reach)
    if not known:
        return sheet.nothing("nothing was recorded in this time")
    sheet.scale(above, *span_of([*known, *values([facts.high_water], reach), 0.0], least=0.05))
    draw(above, facts.high_water, reach, ink.soft, dashes=(0, (2.5, 1.5)), width=1.1)
    draw(above, facts.made, reach, ink.lines[0], width=1.9)
    for run in runs(facts.made, reach):
        above.fill_between(run.at, run.values, 0, color=ink.lines[0], alpha=0.10, linewidth=0, zorder=2)
    depths = values([facts.drawdown], reach)
    deepest = min(depths, default=0.0)
    sheet.scale(below, min(deepest * 1.15, -0.1), -min(deepest * 0.12, -0.01), "%", at_most=3)
    for run in runs(facts.drawdown, reach):
        below.fill_between(run.at, run.values, 0, color=ink.loss, alpha=0.30, linewidth=0, zorder=2)
    draw(below, facts.drawdown, reach, ink.loss, width=1.2)
    if len(known) == 1:
        sheet.lone(above, runs(facts.made, reach)[0].at[0], last)
    elif deepest < 0:
        sheet.beside(
            below,
            0.01,
            0.06,
            f"worst −{-deepest:.2f}%",
            align="left",
            lie="bottom",
            across=True,
            along=True,
            color=ink.text,
        )
    return sheet.figure
