"""Plain lines, where nobody sits at a terminal."""

import asyncio
import json
from collections.abc import Callable

import pytest

from bot_integration import BotController, EventCategory
from chatops.tasks import running
from chatops.watch.lines import Lines
from chatops.watch.link import Away, heard
from chatops.watch.scene import Scene
from tests.bot_integration.facts import facts
from tests.chatops.watch.facts import Clock, Wire, crashing


class Paper:
    """What is written, line by line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._written = asyncio.Event()

    def write(self, line: str) -> None:
        self.lines.append(line)
        self._written.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                self._written.clear()
                await self._written.wait()


async def never(seconds: float) -> None:
    await asyncio.Event().wait()


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_the_essential_is_said_every_so_often_and_each_event_as_it_comes(clock: Clock) -> None:
    bot = crashing(60, clock)
    paper = Paper()
    turns: asyncio.Queue[None] = asyncio.Queue()

    async def turn(seconds: float) -> None:
        assert seconds == 10
        await turns.get()

    async with running(Lines(Scene(bot.controller, heard, clock), paper.write).run(10, turn), "lines"):
        await paper.until(lambda: len(paper.lines) == 1)
        assert "PAPER alpha  ·  monitoring  ·  ok" in paper.lines[0]
        assert "open 7 of 8" in paper.lines[0]
        bot.controller.note("okx is slow today", EventCategory.WARNING)
        await paper.until(lambda: len(paper.lines) == 2)
        assert paper.lines[1].endswith("⚠ okx is slow today")
        clock.move(10)
        turns.put_nowait(None)
        await paper.until(lambda: len(paper.lines) == 3)
        assert "old  ·  PAPER" in paper.lines[2]


async def test_asked_once_it_waits_for_the_first_facts(clock: Clock) -> None:
    bot = crashing(60, clock)
    paper = Paper()
    assert await Lines(Scene(bot.controller, heard, clock), paper.write).once()
    assert len(paper.lines) == 1


async def test_asked_once_of_a_bot_that_is_away_it_says_so_and_that_is_no_success(clock: Clock) -> None:
    wire = Wire()
    wire.away = Away(clock(), "The bot at 127.0.0.1:8000 does not answer.")
    paper = Paper()
    assert not await Lines(Scene(crashing(1, clock).controller, wire, clock), paper.write).once()
    assert "AWAY since" in paper.lines[0]
    assert "The bot at 127.0.0.1:8000 does not answer." in paper.lines[0]


async def test_asked_once_of_a_bot_that_says_nothing_it_does_not_wait_for_ever(clock: Clock) -> None:
    paper = Paper()
    silent = BotController("alpha", now=clock)
    assert not await Lines(Scene(silent, heard, clock), paper.write).once(within_s=0)
    assert paper.lines == ["12:00:00 alpha: nothing heard yet"]


async def test_as_json_a_line_is_a_whole_snapshot(clock: Clock) -> None:
    bot = crashing(60, clock)
    paper = Paper()
    assert await Lines(Scene(bot.controller, heard, clock), paper.write, as_json=True).once()
    assert json.loads(paper.lines[0])["bot"] == "alpha"
    assert len(json.loads(paper.lines[0])["positions"]) == 7


async def test_what_happened_before_it_began_is_no_news(clock: Clock) -> None:
    bot = BotController("alpha", now=clock)
    bot.note("long ago")
    bot.publish(facts())
    paper = Paper()
    async with running(Lines(Scene(bot, heard, clock), paper.write).run(10, never), "lines"):
        await paper.until(lambda: len(paper.lines) == 1)
        bot.note("just now")
        await paper.until(lambda: len(paper.lines) == 2)
    assert "long ago" not in "".join(paper.lines)
