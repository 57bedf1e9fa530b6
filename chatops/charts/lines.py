"""What pictures of time share: lines with their gaps and lone points, and the range that shows all of them."""

from collections.abc import Iterable, Sequence
from math import isfinite

from matplotlib.axes import Axes

from chatops.charts.series import Reach, Series, runs
from chatops.charts.sheet import Key
from chatops.charts.style import DASHES, Ink
from chatops.layout import fit

#: More lines than this nobody tells apart.
MOST_LINES = 6
#: Of a time of which less than so much is known, what lies before that is left out; but so many seconds are shown.
_TOO_LITTLE, _AT_LEAST_S = 0.25, 300.0


def draw(
    panel: Axes,
    series: Series,
    reach: Reach,
    color: str,
    *,
    dashes: str | tuple[int, tuple[float, ...]] = "solid",
    width: float = 1.6,
    steps: bool = False,
) -> None:
    """A line, parted where nothing is known; a moment with no other beside it is a point."""
    for run in runs(series, reach):
        if len(run.at) == 1:
            panel.plot(
                run.at, run.values, color=color, marker="o", markersize=4, linestyle="none", clip_on=False, zorder=4
            )
        else:
            panel.plot(
                run.at,
                run.values,
                color=color,
                linestyle=dashes,
                linewidth=width,
                drawstyle="steps-post" if steps else "default",
                solid_joinstyle="round",
                zorder=3,
            )


def keys(series: Sequence[Series], ink: Ink) -> list[Key]:
    """The legend of lines that are told apart."""
    return [
        Key(fit(one.name, 22), color, dashes) for one, color, dashes in zip(series, ink.lines, DASHES, strict=False)
    ]


def shown(series: Iterable[Series], reach: Reach) -> list[Series]:
    """Those lines that have anything in this time, as many as are told apart."""
    return [one for one in series if runs(one, reach)][:MOST_LINES]


def begun(series: Iterable[Series], reach: Reach) -> Reach:
    """The time from where anything is known on, where that is but the end of it: else a new bot's line is a dot."""
    at = [moment for one in series for run in runs(one, reach) for moment in run.at]
    first = min(at, default=reach.start)
    if len(at) < 2 or reach.end - first > (reach.end - reach.start) * _TOO_LITTLE:
        return reach
    start = max(reach.start, min(first, reach.end - _AT_LEAST_S))
    gaps = tuple((max(start, begins), ends) for begins, ends in reach.gaps if ends > start)
    return Reach(start, reach.end, gaps)


def values(series: Iterable[Series], reach: Reach) -> list[float]:
    """All that is drawn of some lines."""
    return [value for one in series for run in runs(one, reach) for value in run.values]


def span_of(values: Iterable[float], *, room: float = 0.08, least: float = 0.0) -> tuple[float, float]:
    """From where to where an axis goes so that all of these show, with some room; at least `least` apart."""
    known = [one for one in values if isfinite(one)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    # Of what is all but flat the noise would fill the picture.
    least = max(least, abs(high) * 0.02, abs(low) * 0.02, 0.01)
    if low == high:
        least = max(least, 1.0)
    if high - low < least:
        middle = (high + low) / 2
        low, high = middle - least / 2, middle + least / 2
    return low - (high - low) * room, high + (high - low) * room
