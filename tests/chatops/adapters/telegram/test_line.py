import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientOSError
from telegram.error import Conflict, InvalidToken, NetworkError, TimedOut

from chatops.adapters.telegram.line import CALM, Line
from chatops.link import Away, Connected
from chatops.storage.errors import DatabaseAway

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class World:
    """A line, the clock that it goes by, and all that it said and waited."""

    def __init__(self, *, tokens: int = 0) -> None:
        self.now = START
        self.slept: list[float] = []
        self.told: list[str | None] = []
        self.renewals = 0
        self._tokens = tokens
        self.line = Line(
            now=lambda: self.now,
            sleep=self._sleep,
            jitter=lambda: 0.0,
            renew=self._renew,
            on_back=None,
            on_trouble=self.told.append,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    async def _renew(self) -> bool:
        self.renewals += 1
        self._tokens -= 1
        return self._tokens >= 0

    async def meets(self, *errors: Exception) -> None:
        for error in errors:
            assert not await self.line.tried(failing(error))

    async def goes_well(self) -> None:
        assert await self.line.tried(self._held)

    async def _held(self) -> None:
        self.line.held()


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    async def step() -> None:
        raise error

    return step


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the line logged, and nobody else of this process."""
    return [record.getMessage() for record in caplog.records if record.name == "chatops.adapters.telegram.line"]


OTHER = Conflict("Conflict: terminated by other getUpdates request")
REVOKED = InvalidToken("Unauthorized")
LOST = NetworkError("connection lost")


async def test_the_loser_stands_down_for_longer_each_time_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    await world.goes_well()
    for _ in range(6):
        await world.meets(OTHER)
        # Whoever polls takes the bot from the other, who takes it back.
        await world.goes_well()
    assert world.slept == [30, 60, 120, 240, 300, 300]
    (told,) = world.told
    assert told is not None
    assert "another program uses this bot" in told
    assert len([line for line in said(caplog) if "nobody is heard" in line]) == 1


async def test_a_conflict_is_over_once_the_line_has_held(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    world = World()
    await world.meets(OTHER)
    await world.goes_well()
    assert isinstance(world.line.link, Connected)
    assert world.told[1:] == []
    world.now += CALM
    await world.goes_well()
    assert world.told[1:] == [None]
    await world.meets(OTHER)
    assert world.slept[-1] == 30


async def test_a_token_that_is_refused_is_told_once_and_over_at_the_first_answer() -> None:
    world = World()
    await world.meets(REVOKED, REVOKED, LOST, REVOKED)
    await world.goes_well()
    await world.goes_well()
    assert [told is None for told in world.told] == [False, True]
    assert world.slept == [30, 30, 2, 30]


async def test_a_new_token_is_tried_at_once() -> None:
    world = World(tokens=1)
    await world.meets(REVOKED)
    assert world.slept == []
    await world.meets(REVOKED)
    assert world.slept == [30]
    # Before the pause and after it.
    assert world.renewals == 3


async def test_a_network_that_is_down_is_nobody_s_trouble() -> None:
    world = World()
    await world.meets(LOST, LOST)
    assert world.told == []
    assert world.line.link == Away(START, "Telegram cannot be reached (connection lost)")
    assert world.slept == [0.5, 1]


async def test_a_database_that_is_away_is_no_fault_of_the_line() -> None:
    world = World()
    await world.goes_well()
    await world.meets(DatabaseAway("gone"))
    assert world.line.link == Connected(START)
    assert world.slept == [0.5]


async def test_what_nobody_foresaw_is_logged_whole_and_waited_out(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    await world.meets(RuntimeError("nobody foresaw this"))
    assert "nobody foresaw this" in caplog.text
    assert world.slept == [0.5]


async def test_an_outage_is_said_once_however_its_words_change_and_once_more_for_a_person(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = World()
    await world.goes_well()
    caplog.clear()
    refused = NetworkError("ClientOSError: [Errno 104] Connection reset by peer")
    refused.__cause__ = ClientOSError(104, "Connection reset by peer")
    await world.meets(refused, LOST, TimedOut("no answer"), REVOKED, LOST, REVOKED)
    await world.goes_well()
    first, second, *others = said(caplog)
    # Plain for people; raw for whoever has to mend it.
    assert first == (
        "telegram: nobody is heard: Telegram cannot be reached (the connection was lost) "
        "[ClientOSError: [Errno 104] Connection reset by peer]"
    )
    assert "look at telegram.token" in second
    assert [line.partition(",")[0] for line in others] == ["telegram: connected"]


async def test_updates_that_wait_for_the_database_are_told_once_and_when_that_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    await world.goes_well()
    await world.meets(*[DatabaseAway("gone")] * 4)
    await world.goes_well()
    assert [line.partition(" after")[0] for line in said(caplog)] == [
        "telegram: updates wait until they can be stored: gone",
        "telegram: updates wait until they can be stored: over",
    ]
