"""The picture of what the venues' funding rates were."""

from dataclasses import replace

from matplotlib.figure import Figure

from chatops.charts.facts import FundingRates
from chatops.charts.figures import percent
from chatops.charts.hours import days
from chatops.charts.lines import begun, draw, keys, shown, span_of, values
from chatops.charts.series import runs
from chatops.charts.sheet import Sheet
from chatops.charts.style import DASHES, Style


def rates(facts: FundingRates, style: Style) -> Figure:
    """A line for each venue, in steps, as a rate holds until the next one. Its last rate stands beside its name."""
    ink, reach = style.ink, begun(facts.rates, facts.reach)
    lines = shown(facts.rates, reach)
    found = values(lines, reach)
    left_out = len([one for one in facts.rates if values([one], reach)]) - len(lines)
    last = [values([one], reach)[-1] for one in lines]
    sheet = Sheet(
        style,
        f"Funding rates · {facts.asset}" if facts.asset else "Funding rates",
        figure=f"{percent(max(last) - min(last))} apart" if len(last) > 1 else "",
        under=days(reach.start, reach.end, style.zone) + (f" · {left_out} more venues" if left_out else ""),
        foot=f"percent a year, above 0 longs pay · times in {style.zone.key}",
        keys=[
            replace(key, name=f"{key.name} {percent(value)}") for key, value in zip(keys(lines, ink), last, strict=True)
        ],
    )
    (panel,) = sheet.panels
    sheet.times(reach)
    if not found:
        return sheet.nothing("no funding rate was recorded in this time")
    sheet.scale(panel, *span_of([0.0, *found], least=0.1), "%")
    for line, color, dashes in zip(lines, ink.lines, DASHES, strict=False):
        draw(panel, line, reach, color, dashes=dashes, width=1.4, steps=True)
    if len(found) == 1:
        sheet.lone(panel, runs(lines[0], reach)[0].at[0], found[0])
    return sheet.figure
