"""Stories of one watch while a bot, or a rule over it, gives trouble."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from time import monotonic

import pytest

from alerts.model import Form, Reading
from alerts.rulebook import Facts, Rule
from alerts.rules import data
from alerts.terms import Terms
from bot_integration import BotController, Event
from bot_integration.bus import QUEUE_LENGTH
from tests.alerts.desk import CRITICAL, UNTHROTTLED, Desk

CARD, PING, EDIT, RESOLVED = Form.CARD, Form.PING, Form.EDIT, Form.RESOLVED


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Desk(throttles=UNTHROTTLED) as made:
        yield made


async def test_a_bot_that_never_speaks_is_an_alert(desk: Desk) -> None:
    desk.elapsed_s = 14
    await desk.tick()
    assert desk.said == []
    desk.elapsed_s = 16
    await desk.tick()
    assert desk.said[-1].alert.reading.says == "no snapshot of carry since the desk started"


async def test_a_bot_that_falls_silent_is_told_and_nothing_else_changes() -> None:
    async with Desk(throttles=UNTHROTTLED, more=data.RULES) as desk:
        await desk.read(value=2.5)
        await desk.read(value=0)
        for _ in range(120):
            desk.elapsed_s += 1
            await desk.tick()
        assert [(one.key.rule, one.severity) for one in desk.open] == [("heat", CRITICAL), ("stale_data", CRITICAL)]
        fired = next(one for one in desk.said if one.alert.key.rule == "stale_data")
        assert 15 <= fired.at_s <= 17
        await desk.wait(70)
        assert desk.open == []


async def test_facts_that_went_by_unheard_in_a_crowd_of_events_are_read_all_the_same(desk: Desk) -> None:
    running = asyncio.create_task(desk.watch.run())
    async with asyncio.timeout(30):
        while not desk.watch.pulse.ticked_at:  # noqa: ASYNC110 - it is the watch that ticks
            await asyncio.sleep(0)
        # Each that is opened is an event, and they come after the snapshot.
        desk.positions += [f"P-{number}" for number in range(QUEUE_LENGTH)]
        desk.metrics["heat:SOL-1"] = 2.5
        desk.publish()
        while not desk.store.tellings:  # noqa: ASYNC110 - it is the watch that reads
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [alert.severity for alert, _ in desk.store.tellings] == [CRITICAL]


async def test_rules_that_hang_are_told_counted_and_stop_the_pulse() -> None:
    gate = threading.Event()

    def hang(given: Facts) -> Iterable[Reading]:
        gate.wait(30)
        return ()

    desk = Desk(throttles=UNTHROTTLED, within_s=0.05, more=[Rule(Terms("slow"), hang)])
    async with desk:
        began = monotonic()
        await desk.hear()
        await desk.hear()
        # Far less than the rule hangs.
        assert monotonic() - began < 20
        pulse = desk.watch.pulse
        assert (pulse.evaluations, pulse.overran, pulse.evaluated_at) == (2, 2, None)
        assert desk.said[-1].alert.reading.says == "the rules over carry take longer than 0.05 s"
        gate.set()
        await _until_read(desk)
        async with asyncio.timeout(30):
            # One reading that is held up for so short a time, and the minute begins anew.
            while desk.said[-1].form is not RESOLVED:
                await desk.wait(60)


async def test_a_rule_that_hangs_makes_no_other_alert_go() -> None:
    gate = threading.Event()
    gate.set()

    def hang(given: Facts) -> Iterable[Reading]:
        gate.wait(30)
        return ()

    async with Desk(throttles=UNTHROTTLED, within_s=0.2, more=[Rule(Terms("slow"), hang)]) as desk:
        await desk.read(value=2.5)
        await _until_read(desk)
        await desk.wait(10)
        gate.clear()
        desk.positions.clear()
        desk.metrics.clear()
        await desk.hear()
        assert {one.key.rule for one in desk.open} == {"heat", "stale_data"}
        gate.set()
        await _until_read(desk)
        assert [one.key.rule for one in desk.open] == ["stale_data"]


async def test_one_bots_trouble_does_not_reach_the_next() -> None:
    desk = Desk(throttles=UNTHROTTLED, more_bots=[_Broken("broken")])
    running = asyncio.create_task(desk.watch.run())
    desk.metrics["heat:SOL-1"] = 2.5
    async with asyncio.timeout(30):
        while not desk.store.tellings:
            desk.publish()
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert desk.store.tellings[0][0].key.bot == "carry"


# ---------------------------------------------------------------------------- inside


class _Broken(BotController):
    """A bot that cannot be followed."""

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        raise RuntimeError("it broke")


async def _until_read(desk: Desk) -> None:
    before = _read_well(desk)
    async with asyncio.timeout(30):
        while _read_well(desk) == before:
            desk.elapsed_s += 1
            await desk.hear()
            await asyncio.sleep(0)


def _read_well(desk: Desk) -> int:
    pulse = desk.watch.pulse
    return pulse.evaluations - pulse.overran
