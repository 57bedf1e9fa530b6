"""One bot as it is shown: its facts, what has happened, which position is selected. Knows no screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot_integration import Bot, CommandFinished, Event, EventCategory, Noted, Position, Snapshot
from bot_integration.events import EventsMissed
from chatops.views.format import change
from chatops.watch import funding, story, table
from chatops.watch.cells import Cell, Line, Tone, cut, fitting, heads, row
from chatops.watch.header import header
from chatops.watch.legs import detail
from chatops.watch.link import Away
from chatops.watch.portfolio import portfolio
from chatops.watch.story import Happening


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of a panel. Each is made when it is looked at: of 500 positions a screen shows 30."""

    title: str
    count: int
    line: Callable[[int], Line]
    #: Stays in sight above the lines.
    head: Line | None = None
    #: The line that is selected.
    cursor: int | None = None


class Scene:
    """Everything is as it was at the last `look`."""

    def __init__(self, bot: Bot, away: Callable[[], Away | None], now: Callable[[], datetime]) -> None:
        self._bot = bot
        self._away = away
        self._clock = now
        self._story = story.Story()
        self._told: list[Happening] = []
        self._held: list[table.Held] = []
        self._positions: Sequence[Position] | None = None
        #: The id, and where it stood when it was last seen.
        self._selected: tuple[str, int] | None = None
        self.snapshot: Snapshot | None = None
        self.away: Away | None = None
        self.now = now()
        self.look()

    @property
    def bot(self) -> Bot:
        """Whose scene it is."""
        return self._bot

    def hear(self, event: Event) -> None:
        """Take in what the bot told; of a snapshot the newest alone counts, at the next `look`."""
        if isinstance(event, Noted):
            self._story.note(event)
        elif isinstance(event, CommandFinished):
            self._story.finish(event, self._clock())
        elif isinstance(event, EventsMissed):
            missed = f"{event.count} events came faster than they could be shown, and are missing here."
            self._story.note(Noted(self._bot.name, self._clock(), EventCategory.WARNING, missed))

    def look(self) -> None:
        """Take the newest facts, the clock and the link."""
        self.now, self.away = self._clock(), self._away()
        self.snapshot = self._bot.snapshot()
        if self.snapshot is None:
            return
        self._story.take(self.snapshot.timeline)
        self._told = self._story.newest_first()
        if self.snapshot.positions is not self._positions:
            self._positions = self.snapshot.positions
            self._held = table.ordered(self._positions)
            self._keep_selected()

    def news(self) -> list[Happening]:
        """What has happened since this was last asked, oldest first."""
        return self._story.news()

    # ---------------------------------------------------------------------- selection

    @property
    def selected(self) -> Position | None:
        """The position that is selected; the most endangered at the time, until another was."""
        return None if self._selected is None else self._held[self._selected[1]].position

    @property
    def cursor(self) -> int | None:
        """Its line."""
        return None if self._selected is None else self._selected[1]

    def select(self, index: int) -> None:
        """Select the position on this line, or the nearest there is."""
        if self._held:
            index = max(0, min(index, len(self._held) - 1))
            self._selected = (self._held[index].position.id, index)

    def _keep_selected(self) -> None:
        """The selection goes with its position. Where that is gone, whatever stands in its place is selected."""
        if not self._held:
            self._selected = None
            return
        id_, index = self._selected or ("", 0)
        where = next((line for line, held in enumerate(self._held) if held.position.id == id_), index)
        self.select(where)

    # -------------------------------------------------------------------------- pages

    def header(self, columns: int) -> Page:
        """The session."""
        lines = header(self._bot.name, self.snapshot, self.away, self.now, columns)
        return Page("", len(lines), lines.__getitem__)

    def positions(self, columns: int) -> Page:
        """The most endangered first."""
        if not self._held:
            none = "No position is open." if self.snapshot is not None else ""
            return _lines("Positions", [cut([Cell(none, Tone.DIM)], columns)])
        shown = fitting(table.COLUMNS, columns)
        held = self._held
        total = change(sum(one.position.pnl.total for one in held) or None)
        title = f"Positions {len(held)}, {total} USD"
        return Page(title, len(held), lambda index: row(shown, held[index]), heads(shown), self.cursor)

    def legs(self, columns: int) -> Page:
        """The selected position."""
        chosen = self.selected
        return _lines("Legs", [] if chosen is None else detail(chosen, self.now, columns))

    def funding(self, columns: int) -> Page:
        """The next payment first."""
        if self.snapshot is None or not self.snapshot.funding:
            return _lines("Funding", [])
        due = funding.ordered(self.snapshot.funding, self.now)
        shown = fitting(funding.COLUMNS, columns)
        return Page("Funding", len(due), lambda index: row(shown, due[index]), heads(shown))

    def portfolio(self, columns: int) -> Page:
        """Money, strategies, venues."""
        return _lines("Portfolio", [] if self.snapshot is None else portfolio(self.snapshot, columns))

    def timeline(self, columns: int) -> Page:
        """The newest first."""
        told = self._told
        return Page("Timeline", len(told), lambda index: story.line(told[index], self.now, columns))


def _lines(title: str, lines: Sequence[Line]) -> Page:
    return Page(title, len(lines), lines.__getitem__)
