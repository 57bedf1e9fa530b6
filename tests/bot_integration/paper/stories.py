"""A paper bot with hands on its clock, for the stories of these tests."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bot_integration import Command, CommandResult, Position, Snapshot
from bot_integration.paper import MadeMarket, Market, PaperBot, PaperSettings, ReplayMarket
from tests.material import market_file

#: Where the watcher's clock begins; far from any market's time, so that mixing them up shows.
WALL = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Clock:
    """The watcher's clock, moved by hand."""

    def __init__(self) -> None:
        self.moment = WALL

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Story:
    """One paper bot, and what is done to it."""

    def __init__(
        self,
        market: Market | None = None,
        *,
        speed: float = 60.0,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        **settings: Any,
    ) -> None:
        self.clock = Clock()
        self.market = market or MadeMarket(seed=7)
        self.slept: list[float] = []
        self.bot = PaperBot(
            "alpha",
            self.market,
            now=self.clock,
            speed=speed,
            settings=PaperSettings(**settings),
            sleep=sleep or self._sleep,
        )
        self.bot.tick(0)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def tick(self, times: int = 1, seconds: float = 1.0) -> None:
        for _ in range(times):
            self.clock.move(seconds)
            self.bot.tick(seconds)

    @property
    def now(self) -> Snapshot:
        snapshot = self.bot.controller.snapshot()
        assert snapshot is not None
        return snapshot

    @property
    def ids(self) -> list[str]:
        return [position.id for position in self.now.positions]

    def position(self, position_id: str) -> Position:
        position = self.now.position(position_id)
        assert position is not None, f"{position_id} is not held"
        return position

    async def ask(self, kind: type[Command], by: str = "ada", **arguments: Any) -> CommandResult:
        return await self.bot.controller.execute(self.command(kind, by, **arguments))

    def command(
        self, kind: type[Command], by: str = "ada", command_id: UUID | None = None, **arguments: Any
    ) -> Command:
        late = self.clock() + timedelta(seconds=30)
        return kind.model_validate({"id": command_id or uuid4(), "by": by, "not_after": late, **arguments})

    def said(self) -> str:
        return "\n".join(event.message for event in self.now.timeline)


def replay(start: str) -> ReplayMarket:
    """The real market from a day on."""
    return ReplayMarket.read(market_file(), datetime.fromisoformat(start).replace(tzinfo=UTC))
