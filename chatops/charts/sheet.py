"""The sheet that every picture is drawn on: its heading, its panels, its axes, and the word where there is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from chatops.charts.figures import tick_labels, ticks
from chatops.charts.hours import marks
from chatops.charts.lettering import POINT, drawable, look
from chatops.charts.series import Reach
from chatops.charts.style import DENSITY, SMALL, TEXT, TITLE, WIDTH, Style
from chatops.layout import fit

#: Pixels: round the sheet, over the panels without a legend, a row of a legend, below them for times, between two.
EDGE, HEAD, ROW, FOOT, BETWEEN = 12, 58, 17, 40, 12
#: Over a panel that has a name.
NAME = 15
#: Left of the panels, for what stands beside the lines of the grid.
LEFT = 52
#: Inches a pixel: matplotlib reckons in inches, and in points of 1/72 of one.
_INCH = 1 / 100


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend."""

    name: str
    color: str
    #: A line of these dashes; "" is a patch, anything else in `marker` a mark.
    dashes: str | tuple[int, tuple[float, ...]] = ""
    marker: str = ""


class Sheet:
    """A figure laid out in the pixels of a phone."""

    def __init__(
        self,
        style: Style,
        title: str,
        *,
        figure: str = "",
        color: str = "",
        under: str = "",
        foot: str = "",
        keys: Sequence[Key] = (),
        panels: Sequence[int] = (190,),
        names: Sequence[str] = (),
        left: int = LEFT,
        right: int = EDGE,
        has_times: bool = True,
    ) -> None:
        """`figure` is the number that matters, right of the title, in `color`.

        `panels` are heights, from the top; `names` stand over them.
        """
        self.style, self.ink = style, style.ink
        rows = _rows(keys)
        top = HEAD + ROW * len(rows) + (2 if rows else 0)
        below = FOOT if has_times else FOOT - 11
        self._height = top + sum(panels) + NAME * len(names) + BETWEEN * (len(panels) - 1) + below
        self.figure = Figure(figsize=(WIDTH * _INCH, self._height * _INCH), dpi=DENSITY / _INCH)
        self.figure.set_facecolor(self.ink.paper)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]
        number = self.write(WIDTH - EDGE, 26, figure, TITLE, color or self.ink.text, "right", bold=True)
        room = WIDTH - 3 * EDGE - self._wide(number)
        self._fitted(EDGE, 26, title, TITLE, self.ink.text, room, bold=True)
        self._fitted(EDGE, 45, under, TEXT, self.ink.soft, WIDTH - 2 * EDGE)
        self._fitted(EDGE, self._height - 9, foot, SMALL, self.ink.soft, WIDTH - 2 * EDGE)
        for index, row in enumerate(rows):
            self._legend(row, HEAD + 5 + ROW * index)
        self.panels: list[Axes] = []
        for index, height in enumerate(panels):
            if names:
                top += NAME
                self.write(left, top - 4, names[index], SMALL, self.ink.text)
            self.panels.append(self._panel(left, top, WIDTH - left - right, height))
            top += height + BETWEEN

    def write(  # noqa: PLR0917 - a place, words, and their look
        self, x: float, y: float, text: str, size: float, color: str, align: str = "left", bold: bool = False
    ) -> Text:
        """Words with their line at `y` pixels from the top."""
        return self.figure.text(
            x / WIDTH, 1 - y / self._height, drawable(text), color=color, ha=align, va="baseline", **look(size, bold)
        )

    def times(self, reach: Reach, names: Sequence[tuple[float, str]] | None = None) -> None:
        """The axis of time: under the lowest panel, and its lines in each.

        What has `names` of its own, under bars, has no lines.
        """
        start, end = reach.start, max(reach.end, reach.start + 1)
        found = marks(start, end, self.style.zone, at_most=5) if names is None else names
        for panel in self.panels:
            panel.set_xlim(start, end)
            for at, _ in found if names is None else ():
                panel.axvline(at, color=self.ink.grid, linewidth=0.6, zorder=0)
            for begins, ends in reach.gaps:
                panel.axvspan(
                    begins, ends, facecolor=self.ink.gap, edgecolor=self.ink.hatch, hatch="////", lw=0, zorder=0.5
                )
        lowest = self.panels[-1]
        for at, label in found:
            share = (at - start) / (end - start)
            align = "left" if share < 0.04 else "right" if share > 0.94 else "center"
            self.beside(lowest, at, 0, label, (0, -4), align, "top", across=True)

    def scale(self, panel: Axes, low: float, high: float, unit: str = "", at_most: int = 5) -> None:
        """The axis of values, from `low` to `high`; the line of 0 is stronger."""
        panel.set_ylim(low, high)
        places = ticks(low, high, at_most)
        for place, label in zip(places, tick_labels(places), strict=True):
            is_zero = place == 0
            color, width = (self.ink.soft, 0.9) if is_zero else (self.ink.grid, 0.6)
            panel.axhline(place, color=color, linewidth=width, zorder=1 if is_zero else 0)
            panel.annotate(
                label + (unit if place else ""),
                (0, place),
                xycoords=("axes fraction", "data"),
                xytext=(-5 * POINT, 0),
                textcoords="offset points",
                color=self.ink.soft,
                ha="right",
                va="center",
                **look(SMALL),
            )

    def beside(  # noqa: PLR0917 - as matplotlib's own, from the place on
        self,
        panel: Axes,
        x: float,
        y: float,
        text: str,
        offset: tuple[float, float] = (0, 0),
        align: str = "center",
        lie: str = "center",
        *,
        color: str = "",
        across: bool = False,
        along: bool = False,
        bold: bool = False,
        size: float = SMALL,
    ) -> Text:
        """Words at a place of a panel; with `across` its y, with `along` its x is a share of the panel."""
        place = ("axes fraction" if along else "data", "axes fraction" if across else "data")
        return panel.annotate(
            drawable(text),
            (x, y),
            xycoords=place,
            xytext=(offset[0] * POINT, offset[1] * POINT),
            textcoords="offset points",
            color=color or self.ink.soft,
            ha=align,
            va=lie,
            **look(size, bold),
        )

    def lone(self, panel: Axes, at: float, value: float) -> None:
        """Say beside a single point that it is one."""
        is_left = at <= sum(panel.get_xlim()) / 2
        self.beside(panel, at, value, "one point so far", (9 if is_left else -9, -10), "left" if is_left else "right")

    def nothing(self, word: str) -> Figure:
        """The word in place of what would be drawn."""
        for panel in self.panels:
            panel.patch.set_facecolor(self.ink.gap)
        middle = self.panels[0] if len(self.panels) == 1 else self.panels[len(self.panels) // 2 - 1]
        self.beside(middle, 0.5, 0.5, word, across=True, along=True, size=TEXT + 1.5, color=self.ink.soft)
        return self.figure

    def room(self, text: str, size: float = SMALL, bold: bool = False) -> float:
        """How many pixels wide it is."""
        ghost = Text(0, 0, drawable(text), figure=self.figure, **look(size, bold))
        return self._wide(ghost)

    def _panel(self, left: int, top: int, width: int, height: int) -> Axes:
        panel = self.figure.add_axes(
            (left / WIDTH, 1 - (top + height) / self._height, width / WIDTH, height / self._height)
        )
        panel.set_facecolor(self.ink.paper)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_axisbelow(True)
        for spine in panel.spines.values():
            spine.set_visible(False)
        return panel

    def _wide(self, text: Text) -> float:
        return float(text.get_window_extent(self._renderer).width) / DENSITY if text.get_text() else 0.0

    def _fitted(  # noqa: PLR0917 - as write
        self, x: float, y: float, text: str, size: float, color: str, room: float, bold: bool = False
    ) -> None:
        drawn = self.write(x, y, text, size, color, bold=bold)
        columns = len(text)
        while columns > 4 and self._wide(drawn) > room:
            columns = min(columns - 1, int(columns * room / self._wide(drawn)))
            drawn.set_text(drawable(fit(text, max(4, columns))))

    def _legend(self, keys: Sequence[Key], y: float) -> None:
        x: float = EDGE
        for key in keys:
            across, down = [x / WIDTH, (x + 20) / WIDTH], [1 - y / self._height] * 2
            line = Line2D(across, down, color=key.color, transform=self.figure.transFigure, linewidth=1.7)
            if key.marker:
                line = Line2D([sum(across) / 2], down[:1], color=key.color, transform=self.figure.transFigure)
                line.set(marker=key.marker, markersize=5.5, linestyle="none")
            elif key.dashes:
                line.set(linestyle=key.dashes)
            else:
                line.set(linewidth=6.5, solid_capstyle="butt", xdata=[(x + 3) / WIDTH, across[1]])
            self.figure.add_artist(line)
            words = self.write(x + 25, y + 4, key.name, SMALL, self.ink.text)
            x += 25 + self._wide(words) + 13


def _rows(keys: Sequence[Key]) -> list[list[Key]]:
    """As many entries a row as stand in it, by the width of their letters."""
    rows: list[list[Key]] = []
    room = 0.0
    for key in keys:
        own = 38 + len(key.name) * 6.4
        if not rows or own > room or bool(key.marker) != bool(rows[-1][-1].marker):
            rows.append([])
            room = WIDTH - 2 * EDGE + 13
        rows[-1].append(key)
        room -= own
    return rows
