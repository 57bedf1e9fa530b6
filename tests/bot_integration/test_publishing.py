"""Publishing: facts go out, and nothing about them can hurt the bot."""

import asyncio
import logging
import threading
from typing import Any
from uuid import uuid4

import pytest

from bot_integration import (
    BotController,
    EventsMissed,
    Noted,
    PositionChanged,
    Snapshot,
    SnapshotTaken,
)
from bot_integration.bus import Bus
from bot_integration.controller import changes
from tests.bot_integration.facts import NOON, Clock, facts, position


def published(bot: BotController) -> Snapshot:
    snapshot = bot.snapshot()
    assert snapshot is not None
    return snapshot


def test_a_mapping_needs_only_what_the_bot_alone_knows(bot: BotController) -> None:
    assert bot.publish(facts()) == ()
    now = published(bot)
    assert (now.bot, now.session_id, now.seq, now.at) == ("alpha", bot.session_id, 0, NOON)
    bot.publish(facts())
    assert published(bot).seq == 1


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        (facts(portfolio={"equity": "much"}), "portfolio.equity", "decimal"),
        (facts(positions=[position(stage="flying")]), "positions.0.stage", "'opening', 'open'"),
        (facts(positions=[position(), position()]), "snapshot", "the id ETH-1 stands twice"),
        (facts(at="2026-05-04T12:00:00"), "at", "timezone"),
        (facts(portfolio={"equity": float("nan")}), "portfolio.equity", "finite"),
        (facts(bot="beta"), "bot", "is 'beta', but this is 'alpha'"),
        (facts(extra=None, more=1), "extra", "dictionary"),
    ],
)
def test_wrong_facts_are_refused_naming_field_and_reason_and_the_last_good_ones_stay(
    bot: BotController, wrong: dict[str, Any], field: str, reason: str
) -> None:
    bot.publish(facts())
    good = bot.snapshot()
    faults = bot.publish(wrong)
    assert field in [fault.field for fault in faults]
    assert reason in str(faults)
    assert bot.snapshot() is good


def test_a_number_that_does_not_rise_is_refused_within_a_session_only(bot: BotController) -> None:
    bot.publish(facts(seq=5))
    assert str(bot.publish(facts(seq=5))[0]) == "seq: is 5, after 5; it must rise"
    assert bot.publish(facts(seq=0, session_id=uuid4())) == ()


def test_publishing_never_raises(bot: BotController, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        faults = bot.publish(42)  # type: ignore[arg-type]
    assert str(faults[0]) == "snapshot: broke on our side; the log has the traceback"
    assert "publishing a snapshot of alpha broke" in caplog.text


async def test_the_same_mistake_every_second_is_told_once(bot: BotController) -> None:
    async with bot.follow() as events:
        for _ in range(3):
            bot.publish(facts(portfolio={}))
        bot.publish(facts())
        told = await anext(events)
        after = await anext(events)
    assert isinstance(told, Noted)
    assert told.message == "Snapshot refused: portfolio.equity: Field required"
    assert isinstance(after, SnapshotTaken)


async def test_publishing_from_many_threads_numbers_every_snapshot_once(clock: Clock) -> None:
    bot = BotController("alpha", now=clock, bus=Bus(length=10_000))
    ready = threading.Barrier(4)

    def publish() -> None:
        ready.wait()
        for _ in range(100):
            bot.publish(facts())

    async with bot.follow() as events:
        await asyncio.gather(*(asyncio.to_thread(publish) for _ in range(4)))
        seen = [await anext(events) for _ in range(400)]
    assert [event.snapshot.seq for event in seen if isinstance(event, SnapshotTaken)] == list(range(400))


async def test_followers_hear_of_positions_that_come_change_stage_and_go(bot: BotController) -> None:
    bot.publish(facts())
    async with bot.follow() as events:
        for held in ([position()], [position(stage="closing")], [position(stage="closing", lane="x")], []):
            bot.publish(facts(positions=held))
        bot.note("done")
        heard = []
        while not isinstance(event := await anext(events), Noted):
            heard.append(event)
    moves = [event for event in heard if isinstance(event, PositionChanged)]
    stages = [(move.before and move.before.stage.value, move.after and move.after.stage.value) for move in moves]
    assert stages == [(None, "open"), ("open", "closing"), ("closing", None)]


def test_nothing_has_changed_before_the_first_snapshot(bot: BotController) -> None:
    bot.publish(facts(positions=[position()]))
    assert changes(None, published(bot)) == []


async def test_a_slow_follower_of_the_bot_is_told_what_it_missed(clock: Clock) -> None:
    bot = BotController("alpha", now=clock, bus=Bus(length=2))
    async with bot.follow() as events:
        for _ in range(5):
            bot.publish(facts())
        assert await anext(events) == EventsMissed(3)
        newest = [await anext(events) for _ in range(2)]
    assert [event.snapshot.seq for event in newest if isinstance(event, SnapshotTaken)] == [3, 4]
