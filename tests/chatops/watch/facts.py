"""A bot in this process, with a clock that stands still until it is moved."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot_integration import Snapshot
from bot_integration.paper import MadeMarket, PaperBot
from chatops.watch.link import Away
from chatops.watch.scene import Page, Scene
from tests.chatops.views.facts import NOW

#: Turns of a paper bot's loop: one opens one position.
TURNS = 10


class Clock:
    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Wire:
    """A link that a test cuts."""

    def __init__(self) -> None:
        self.away: Away | None = None

    def __call__(self) -> Away | None:
        return self.away


class Still:
    """A bot of one snapshot, which may be any."""

    def __init__(self, snapshot: Snapshot | None, name: str = "alpha") -> None:
        self.name = name
        self._snapshot = snapshot

    def snapshot(self) -> Snapshot | None:
        return self._snapshot

    def shows(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __getattr__(self, name: str) -> Any:
        # Of a bot only what it shows is looked at here: whatever else is asked of it is a fault of the story.
        raise AssertionError(f"{name} is asked of a bot that only shows something")


def crashing(minutes: int, clock: Clock, name: str = "alpha") -> PaperBot:
    """A paper bot so many minutes of the market into the crash; a second of the clock is one of them."""
    bot = PaperBot(name, MadeMarket(scenario="crash"), now=clock, speed=60, timer=lambda: 0.0)
    for _ in range(TURNS):
        bot.tick(minutes / TURNS)
        clock.move(minutes / TURNS)
    return bot


def pages(scene: Scene, columns: int) -> list[Page]:
    fills: tuple[Callable[[int], Page], ...] = (
        scene.header,
        scene.positions,
        scene.legs,
        scene.funding,
        scene.portfolio,
        scene.timeline,
    )
    return [fill(columns) for fill in fills]


def texts(page: Page) -> list[str]:
    """Its lines as text, the head first."""
    lines = [page.line(number) for number in range(page.count)]
    return ["".join(cell.text for cell in line) for line in ([page.head, *lines] if page.head else lines)]
