import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.delivery.gate import Gate
from chatops.link import Away, Connected, Link
from chatops.tasks import running

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DOWN = SendError("Bad Gateway", Fault.AMBIGUOUS)
REFUSED = SendError("connection refused", Fault.BACKOFF)
REVOKED = SendError("Unauthorized: the token is no longer right", Fault.DEAD_CREDENTIAL)


class Clock:
    """Time passes when somebody sleeps."""

    def __init__(self) -> None:
        self.moment = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class StandingClock(Clock):
    """Nobody's sleep ever ends by itself."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.Event().wait()


class Platform:
    """Answers a probe as it is told to."""

    def __init__(self, answer: Callable[[], Exception | None]) -> None:
        self._answer = answer
        self.probes = 0
        self.probed = asyncio.Event()

    async def probe(self) -> None:
        self.probes += 1
        self.probed.set()
        # An answer takes a turn of the loop at least.
        await asyncio.sleep(0)
        if (error := self._answer()) is not None:
            raise error


def in_turn(*answers: Exception | None) -> Callable[[], Exception | None]:
    left: Iterator[Exception | None] = iter(answers)
    return lambda: next(left)


def gate_of(
    platform: Platform, clock: Clock, *, jitter: float = 0.0, on_change: Callable[[Link], None] | None = None
) -> Gate:
    return Gate(
        platform.probe,
        now=clock.now,
        sleep=clock.sleep,
        jitter=lambda: jitter,
        platform="telegram",
        on_change=on_change,
    )


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the gate has logged: what an earlier test left to be put away may be logged meanwhile too."""
    return [record for record in caplog.records if record.name == "chatops.delivery.gate"]


def seen(gate: Gate) -> tuple[bool, Fault | None, Link]:
    return gate.is_open, gate.fault, gate.link


@asynccontextmanager
async def probing(gate: Gate) -> AsyncIterator["asyncio.Task[None]"]:
    async with asyncio.timeout(30), running(gate.run(), "the gate") as task:
        yield task
        assert not task.done()


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_it_is_open_from_the_first_and_nobody_probes() -> None:
    platform = Platform(in_turn())
    gate = gate_of(platform, Clock())
    async with probing(gate):
        await gate.opened()
        await turns()
    assert seen(gate) == (True, None, Connected(NOON))
    assert platform.probes == 0


async def test_a_platform_that_is_away_for_an_hour_is_asked_for_ever_with_capped_waits() -> None:
    clock = Clock()
    back_at = NOON + timedelta(hours=1)
    platform = Platform(lambda: None if clock.now() >= back_at else REFUSED)
    gate = gate_of(platform, clock)
    async with probing(gate):
        gate.close(DOWN)
        assert seen(gate) == (False, Fault.AMBIGUOUS, Away(NOON, "Bad Gateway"))
        await gate.opened()
    assert clock.slept[:7] == [1, 2, 4, 8, 16, 30, 30]
    assert set(clock.slept[5:]) == {30}
    assert platform.probes == len(clock.slept)
    assert back_at <= clock.now() < back_at + timedelta(seconds=30)
    assert seen(gate) == (True, None, Connected(clock.now()))


async def test_the_reason_is_the_newest_and_the_moment_that_of_the_closing() -> None:
    clock = Clock()
    gate = gate_of(Platform(in_turn(REFUSED, REFUSED, None)), clock)
    reasons = []
    async with probing(gate):
        gate.close(DOWN)
        while not gate.is_open:
            reasons.append(gate.link)
            await asyncio.sleep(0)
    assert reasons[0] == Away(NOON, "Bad Gateway")
    assert reasons[-1] == Away(NOON, "connection refused")


async def test_chance_takes_up_to_half_of_a_wait() -> None:
    clock = Clock()
    gate = gate_of(Platform(in_turn(DOWN, DOWN, None)), clock, jitter=1.0)
    async with probing(gate):
        gate.close(DOWN)
        await gate.opened()
    assert clock.slept == [0.5, 1, 2]


async def test_a_revoked_token_is_asked_after_slowly_until_it_is_right_again() -> None:
    clock = Clock()
    gate = gate_of(Platform(in_turn(REVOKED, REVOKED, None)), clock)
    async with probing(gate):
        gate.close(REVOKED)
        assert gate.fault is Fault.DEAD_CREDENTIAL
        await gate.opened()
    assert clock.slept == [30, 30, 30]
    assert gate.is_open


async def test_a_probe_that_is_told_to_wait_waits_exactly_that_long() -> None:
    clock = Clock()
    paused = SendError("Too Many Requests", Fault.RETRY_AFTER, wait_s=217.0)
    gate = gate_of(Platform(in_turn(paused, DOWN, None)), clock, jitter=1.0)
    async with probing(gate):
        gate.close(DOWN)
        await gate.opened()
    assert clock.slept == [0.5, 217.0, 2.0]


async def test_a_probe_that_breaks_on_our_side_is_logged_whole_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    told: list[Link] = []
    gate = gate_of(Platform(in_turn(KeyError("username"), None)), clock, on_change=told.append)
    async with probing(gate):
        gate.close(DOWN)
        await gate.opened()
    assert clock.slept == [1, 2]
    (record,) = [record for record in ours(caplog) if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    away = told[-2]
    assert isinstance(away, Away)
    assert "KeyError" in away.reason


async def test_word_from_elsewhere_makes_the_next_probe_go_at_once_and_the_probe_decides() -> None:
    clock = StandingClock()
    platform = Platform(in_turn(DOWN, None))
    gate = gate_of(platform, clock)
    async with probing(gate):
        gate.close(DOWN)
        await turns()
        assert platform.probes == 0
        gate.note_open()
        assert not gate.is_open
        await platform.probed.wait()
        await turns()
        assert not gate.is_open
        assert platform.probes == 1
        gate.note_open()
        await gate.opened()
    assert platform.probes == 2


async def test_word_from_elsewhere_shortens_no_wait_that_the_platform_named() -> None:
    clock = StandingClock()
    platform = Platform(in_turn(SendError("Too Many Requests", Fault.RETRY_AFTER, wait_s=30.0)))
    gate = gate_of(platform, clock)
    async with probing(gate):
        gate.close(DOWN)
        gate.note_open()
        await platform.probed.wait()
        await turns()
        gate.note_open()
        await turns()
    assert platform.probes == 1
    assert clock.slept[-1] == 30.0


async def test_word_from_before_it_closed_counts_for_nothing() -> None:
    clock = StandingClock()

    def answer() -> None:
        # The answer of a poll arrives together with that of the probe.
        gate.note_open()

    platform = Platform(answer)
    gate = gate_of(platform, clock)
    async with probing(gate):
        gate.close(DOWN)
        gate.note_open()
        await gate.opened()
        clock.moment += timedelta(minutes=1)
        gate.note_open()
        gate.close(DOWN)
        await turns()
        assert not gate.is_open
    assert platform.probes == 1


async def test_where_probes_are_answered_and_messages_are_not_each_try_waits_longer() -> None:
    clock = Clock()
    platform = Platform(lambda: None)
    gate = gate_of(platform, clock)
    async with probing(gate):
        for _ in range(8):
            gate.close(DOWN)
            await gate.opened()
        assert clock.slept == [1, 2, 4, 8, 16, 30, 30, 30]
        clock.moment += timedelta(seconds=30)
        gate.close(DOWN)
        await gate.opened()
    assert clock.slept[-1] == 1


async def test_where_others_are_sent_to_one_chat_that_fails_makes_them_wait_no_longer() -> None:
    clock = Clock()
    gate = gate_of(Platform(lambda: None), clock)
    async with probing(gate):
        for _ in range(4):
            gate.close(DOWN)
            await gate.opened()
            gate.note_sent()
    assert clock.slept == [1, 1, 1, 1]


async def test_an_answered_probe_proves_nothing_of_messages_and_one_that_got_through_does() -> None:
    gate = gate_of(Platform(lambda: None), Clock())
    assert gate.is_proven
    async with probing(gate):
        gate.close(DOWN)
        # It was on its way before.
        gate.note_sent()
        proven = [gate.is_proven]
        await gate.opened()
        proven.append(gate.is_proven)
        gate.note_sent()
        assert [*proven, gate.is_proven] == [False, False, True]


async def test_what_was_on_its_way_when_it_closed_changes_nothing_but_a_lost_credential_does() -> None:
    clock = StandingClock()
    told: list[Link] = []
    gate = gate_of(Platform(in_turn()), clock, on_change=told.append)
    gate.close(REFUSED)
    gate.close(DOWN)
    assert seen(gate) == (False, Fault.BACKOFF, Away(NOON, "connection refused"))
    assert told == [Away(NOON, "connection refused")]
    gate.close(REVOKED)
    assert seen(gate)[1] is Fault.DEAD_CREDENTIAL
    assert told[1:] == [Away(NOON, "Unauthorized: the token is no longer right")]


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.BACKOFF, Fault.AMBIGUOUS, Fault.DEAD_CREDENTIAL}))
async def test_what_concerns_one_message_closes_nothing(fault: Fault) -> None:
    gate = gate_of(Platform(in_turn()), Clock())
    with pytest.raises(ValueError, match="that message alone"):
        gate.close(SendError("no", fault))
    assert gate.is_open


async def test_closing_and_opening_are_told_and_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    told: list[Link] = []
    gate = gate_of(Platform(in_turn(REFUSED, REFUSED, REFUSED, None)), clock, on_change=told.append)
    async with probing(gate):
        gate.close(REFUSED)
        await gate.opened()
    assert told == [Away(NOON, "connection refused"), Connected(clock.now())]
    assert [record.getMessage() for record in caplog.records if "telegram" in record.getMessage()] == [
        "telegram: nothing can be sent: connection refused",
        "telegram: reached again after 0:00:15",
    ]


async def test_a_listener_that_fails_does_not_keep_it_closed(caplog: pytest.LogCaptureFixture) -> None:
    def broken(link: Link) -> None:
        raise RuntimeError("no room for that")

    gate = gate_of(Platform(in_turn(None)), Clock(), on_change=broken)
    async with probing(gate):
        gate.close(DOWN)
        await gate.opened()
    assert [record.levelname for record in ours(caplog)].count("ERROR") == 2


async def test_cancelling_ends_it_whatever_it_waits_for() -> None:
    clock = StandingClock()
    gate = gate_of(Platform(in_turn()), clock)
    before = asyncio.all_tasks()
    async with probing(gate):
        gate.close(DOWN)
        await turns()
        assert clock.slept == [1]
    assert asyncio.all_tasks() == before


async def test_the_log_has_the_words_that_people_are_spared(caplog: pytest.LogCaptureFixture) -> None:
    gate = gate_of(Platform(in_turn()), Clock())
    error = SendError("it refuses the connection", Fault.BACKOFF)
    error.__cause__ = OSError("ssl:default [Call failed]")
    gate.close(error)
    assert gate.link == Away(NOON, "it refuses the connection")
    assert "it refuses the connection [ssl:default [Call failed]]" in caplog.text
