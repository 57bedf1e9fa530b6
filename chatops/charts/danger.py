"""The picture of how near to liquidation a position came."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alerts.severity import Severity
from chatops.charts.facts import Danger
from chatops.charts.figures import ratio
from chatops.charts.hours import days
from chatops.charts.lines import begun, draw, keys, shown, values
from chatops.charts.series import Series, runs
from chatops.charts.sheet import Key, Sheet
from chatops.charts.style import DASHES, Style

#: The worse an alert, the more corners: told apart without colours.
_MARKS = {Severity.INFO: "o", Severity.WARNING: "v", Severity.CRITICAL: "D", Severity.EMERGENCY: "X"}


def danger(facts: Danger, style: Style) -> Figure:
    """Health factors above, margin fractions below, whichever there are: 0 is liquidation, the thresholds are lines."""
    ink, reach = style.ink, begun((*facts.health_factors, *facts.margin_fractions), facts.reach)
    healths = shown(facts.health_factors, reach)
    margins = shown(facts.margin_fractions, reach)
    measured = [
        (name, lines, thresholds)
        for name, lines, thresholds in (
            ("health factor", healths, facts.health_thresholds),
            ("margin fraction", margins, facts.margin_thresholds),
        )
        if lines
    ]
    alarms = [one for one in facts.alarms if reach.start <= one.at <= reach.end]
    told = sorted({one.severity for one in alarms}, key=lambda one: one.rank)
    # A leg has one colour in both panels.
    names = list(dict.fromkeys(one.name for one in (*healths, *margins)))
    looks = {name: index % len(ink.lines) for index, name in enumerate(names)}
    lowest = [f"{_short(name)} {ratio(min(values(lines, reach)))}" for name, lines, _ in measured]
    last = [f"{_short(name)} {ratio(min(values([one], reach)[-1] for one in lines))}" for name, lines, _ in measured]
    sheet = Sheet(
        style,
        f"Danger · {facts.subject}" if facts.subject else "Danger",
        figure=f"last {last[0]}" if last else "",
        under=days(reach.start, reach.end, style.zone) + (f" · lowest {', '.join(lowest)}" if lowest else ""),
        foot=f"0 is liquidation · times in {style.zone.key}",
        keys=[
            *keys([Series(name) for name in names[: len(ink.lines)]], ink),
            *(
                Key(one.value if index else f"told: {one.value}", ink.severity(one), marker=_MARKS[one])
                for index, one in enumerate(told)
            ),
        ],
        panels=[112] * 2 if len(measured) == 2 else [190],
        names=[name for name, _, _ in measured],
        right=64,
    )
    sheet.times(reach)
    if not measured:
        return sheet.nothing("no HF and no MF was recorded in this time")
    for panel, (_, lines, thresholds) in zip(sheet.panels, measured, strict=True):
        found = values(lines, reach)
        top = max([*found, *(value * 1.25 for _, value in thresholds), 0.01])
        bottom = min([*found, 0.0])
        sheet.scale(panel, bottom - (top - bottom) * 0.02, top + (top - bottom) * 0.06, at_most=4)
        _thresholds(sheet, panel, thresholds)
        for one in lines:
            look = looks[one.name]
            draw(panel, one, reach, ink.lines[look], dashes=DASHES[look])
        if len(found) == 1:
            sheet.lone(panel, runs(lines[0], reach)[0].at[0], found[0])
        for alarm in alarms:
            color = ink.severity(alarm.severity)
            panel.axvline(alarm.at, color=color, linewidth=0.9, alpha=0.7, zorder=1)
            panel.plot(
                [alarm.at],
                [0],
                transform=panel.get_xaxis_transform(),
                color=color,
                marker=_MARKS[alarm.severity],
                markersize=5.5,
                linestyle="none",
                markeredgecolor=ink.paper,
                markeredgewidth=0.6,
                clip_on=False,
                zorder=5,
            )
    return sheet.figure


def _thresholds(sheet: Sheet, panel: Axes, thresholds: Sequence[tuple[Severity, float]]) -> None:
    """A line for each, the room below it tinted, its name at the right as far from the next one's as letters need."""
    ink = sheet.ink
    low, high = panel.get_ylim()
    height = float(panel.get_window_extent().height) / sheet.figure.dpi * 100
    lowest_free = -1e9
    for severity, value in sorted(thresholds, key=lambda one: one[1]):
        if not low <= value <= high:
            continue
        color = ink.severity(severity)
        panel.axhspan(low, value, color=color, alpha=0.08, linewidth=0, zorder=0.4)
        panel.axhline(value, color=color, linewidth=1.1, linestyle=(0, (3, 2)), zorder=2)
        place = max((value - low) / (high - low) * height, lowest_free)
        lowest_free = place + 12.5
        sheet.beside(
            panel, 1, place / height, severity.value, (5, 0), "left", across=True, along=True, color=ink.text, size=9.5
        )


def _short(name: str) -> str:
    return "HF" if name == "health factor" else "MF"
