"""A panel of lines that draws anew only the cells that changed."""

from collections.abc import Callable
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chatops.layout import width
from chatops.watch.cells import Cell, Line
from chatops.watch.scene import Page
from chatops.watch.screen.colours import FADED, SELECTED, STYLES

_NONE = Page("", 0, lambda index: ())


class Board(ScrollView, can_focus=True):
    """Shows what `fill` gives for a number of columns. Lines out of sight are never made."""

    DEFAULT_CSS = """
    Board { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    def __init__(self, fill: Callable[[int], Page], *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._fill = fill
        self._page = _NONE
        #: Lines as they are on the screen, by their number; the head is number -1.
        self._drawn: dict[int, Line] = {}
        self._cursor: int | None = None
        self._faded = False

    @property
    def page(self) -> Page:
        """What is shown."""
        return self._page

    @property
    def drawn(self) -> list[str]:
        """The lines in sight, as text."""
        return ["".join(cell.text for cell in self._line(number)) for number in self._in_sight()]

    def on_resize(self, event: events.Resize) -> None:
        """Another width is another page."""
        self._drawn.clear()
        self.redraw()

    def redraw(self, *, faded: bool | None = None) -> None:
        """Look at what there is now, and have whatever differs drawn anew."""
        columns = self.scrollable_content_region.width
        if columns <= 0 or not self.display:
            return
        page = self._page = self._fill(columns)
        size = Size(columns, page.count + (page.head is not None))
        if self.virtual_size != size:
            self.virtual_size = size
            # Said by a size too, but lost where that is set while the screen is being laid out.
            self.call_after_refresh(self.refresh, layout=True)
        if faded is not None and faded != self._faded:
            self._faded = faded
            self._drawn.clear()
            self.refresh()
        self._follow_cursor()
        dirty: list[Region] = []
        fresh: dict[int, Line] = {}
        for number in self._in_sight():
            line = fresh[number] = self._make(number)
            before = self._drawn.get(number)
            if before is None or (number in {self._cursor, page.cursor} and self._cursor != page.cursor):
                dirty.append(Region(0, self._row(number), columns, 1))
            elif before != line:
                dirty += _changed(before, line, self._row(number), columns)
        # What is no longer there is blank now.
        dirty += [Region(0, self._row(gone), columns, 1) for gone in self._drawn.keys() - fresh.keys()]
        self._drawn, self._cursor = fresh, page.cursor
        if dirty:
            self.refresh(*dirty)

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight, as Textual asks for it."""
        columns, base = self.size.width, self.rich_style
        number = self.number_at(y)
        if number >= self._page.count:
            return Strip.blank(columns, base)
        chosen = number >= 0 and number == self._page.cursor
        under = base + SELECTED if chosen else base
        cells = [Segment(cell.text, self._style(cell, under)) for cell in self._line(number)]
        return Strip(cells).adjust_cell_length(columns, under)

    def _style(self, cell: Cell, under: Style) -> Style:
        style = under + STYLES[cell.tone]
        return style + FADED if self._faded else style

    def _line(self, number: int) -> Line:
        line = self._drawn.get(number)
        if line is None:
            line = self._drawn[number] = self._make(number)
        return line

    def _make(self, number: int) -> Line:
        return (self._page.head or ()) if number < 0 else self._page.line(number)

    def _in_sight(self) -> list[int]:
        first, head = self.scroll_offset.y, self._page.head is not None
        rows = range(first, min(self._page.count, first + self.size.height - head))
        return [-1, *rows] if head else [*rows]

    def number_at(self, y: int) -> int:
        """Which line of the page stands on this one of the panel; the head is -1."""
        if self._page.head is None:
            return y + self.scroll_offset.y
        return -1 if y == 0 else y - 1 + self.scroll_offset.y

    def _row(self, number: int) -> int:
        if self._page.head is None:
            return number - self.scroll_offset.y
        return 0 if number < 0 else number + 1 - self.scroll_offset.y

    def _follow_cursor(self) -> None:
        """Keep what is selected in sight when it moved; whoever scrolls away from it is let be."""
        cursor = self._page.cursor
        if cursor is None or cursor == self._cursor:
            return
        rows = self.size.height - (self._page.head is not None)
        first = self.scroll_offset.y
        if cursor < first:
            self.scroll_to(y=cursor, animate=False)
        elif cursor >= first + rows > 0:
            self.scroll_to(y=cursor - rows + 1, animate=False)


def _changed(before: Line, after: Line, row: int, columns: int) -> list[Region]:
    """Where two lines differ; once a cell is wider than it was, all that follows it has moved."""
    regions: list[Region] = []
    at = 0
    for was, now in zip_longest(before, after):
        if was is None or now is None or width(was.text) != width(now.text):
            return [*regions, Region(at, row, columns - at, 1)]
        if was != now:
            regions.append(Region(at, row, width(now.text), 1))
        at += width(now.text)
    return regions
