"""What has happened, newest first: the bot's timeline, what it said besides, and what became of commands."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot_integration import CommandFinished, EventCategory, Noted, TimelineEvent
from chatops.layout import plain
from chatops.views.format import clock
from chatops.views.trading import SIGNS
from chatops.watch import tones
from chatops.watch.cells import Cell, Line, Tone, cut

#: Happenings kept.
LENGTH = 500
#: A bot dates what it says and the line of its timeline one after the other: the same words this near are one thing.
SAME_WITHIN = timedelta(seconds=1)

_MARKS = {
    EventCategory.STAGE: ("▸", Tone.PLAIN),
    EventCategory.EXECUTION: ("●", Tone.GOOD),
    EventCategory.WARNING: ("⚠", Tone.WARN),
    EventCategory.INFO: ("·", Tone.DIM),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the story."""

    at: datetime
    mark: str
    text: str
    tone: Tone


class Story:
    """What was heard since this began, and what the bot's timeline still holds of before. Nothing stands twice."""

    def __init__(self) -> None:
        self._told: deque[Happening] = deque(maxlen=LENGTH)
        #: In the order in which they came: the oldest are forgotten first.
        self._known: dict[tuple[datetime, str], None] = {}
        #: When each of these words was last said.
        self._said: dict[str, datetime] = {}
        self._seen: tuple[TimelineEvent, ...] | None = None
        self._fresh: deque[Happening] = deque(maxlen=LENGTH)

    def take(self, timeline: tuple[TimelineEvent, ...]) -> None:
        """Add what is new in it. The first one is history, and no news."""
        if timeline is self._seen:
            return
        first, self._seen = self._seen is None, timeline
        for one in timeline:
            self._add(one.at, one.category, one.message, news=not first)

    def note(self, noted: Noted) -> None:
        """Add what was said, unless the timeline has it already."""
        self._add(noted.at, noted.category, noted.message)

    def finish(self, finished: CommandFinished, at: datetime) -> None:
        """Add what became of a command, whoever asked."""
        result, command = finished.result, finished.command
        said = f"{command.name.replace('_', ' ')} by {command.by}: {SIGNS[result.outcome]} {result.message}"
        one = Happening(result.finished_at or at, "◆", plain(said), tones.OF_OUTCOME[result.outcome])
        self._told.append(one)
        self._fresh.append(one)

    def news(self) -> list[Happening]:
        """What has happened since this was last asked, oldest first."""
        news = list(self._fresh)
        self._fresh.clear()
        return news

    def newest_first(self) -> list[Happening]:
        """All that is known."""
        return sorted(self._told, key=lambda one: one.at)[::-1]

    def _add(self, at: datetime, category: EventCategory, message: str, *, news: bool = True) -> None:
        if (at, message) in self._known:
            return
        self._known[at, message] = None
        last = self._said.pop(message, None)
        self._said[message] = at
        if len(self._known) > LENGTH:
            del self._known[next(iter(self._known))]
        if len(self._said) > LENGTH:
            del self._said[next(iter(self._said))]
        if last is not None and abs(at - last) < SAME_WITHIN:
            return
        mark, tone = _MARKS[category]
        one = Happening(at, mark, plain(message), tone)
        self._told.append(one)
        if news:
            self._fresh.append(one)


def line(one: Happening, now: datetime, columns: int) -> Line:
    """When, what kind, what."""
    text = Tone.PLAIN if one.tone in (Tone.GOOD, Tone.DIM) else one.tone
    return cut(
        [Cell(f"{clock(one.at, now)} ", Tone.DIM), Cell(f"{one.mark} ", one.tone), Cell(one.text, text)], columns
    )
