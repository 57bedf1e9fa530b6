"""Stories of one watch while its store, its clock or another worker gives trouble."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, timedelta

import pytest

from alerts.answer import Taken
from alerts.model import Form
from alerts.why import Why
from tests.alerts.desk import UNTHROTTLED, Desk

CARD, PING, EDIT, RESOLVED = Form.CARD, Form.PING, Form.EDIT, Form.RESOLVED


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Desk(throttles=UNTHROTTLED) as made:
        yield made


# ---------------------------------------------------------------------------- the store is away


async def test_fired_and_resolved_while_the_store_is_away_is_told_as_that(desk: Desk) -> None:
    desk.store.away = True
    await desk.read(value=2.5)
    await desk.read(value=0)
    await desk.wait(60)
    assert desk.said == []
    desk.store.away = False
    await desk.tick()
    assert [(one.form, one.reason) for one in desk.said] == [(RESOLVED, "resolved after 1 min")]
    assert await desk.store.load() == []
    assert desk.watch.alerts() == []


async def test_what_escalates_in_an_outage_is_folded_into_one_word_each(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.store.away = True
    await desk.wait(3600, step_s=60)
    assert desk.watch.pulse.waiting == 1
    assert desk.watch.pulse.away_since is not None
    desk.store.away = False
    await desk.tick()
    targets = [(one.target, one.form) for one in desk.said[1:]]
    assert sorted(targets) == [
        ("channel:pager", CARD),
        ("person:ada", CARD),
        ("person:bob", CARD),
        ("person:cyn", CARD),
        ("room:ops", PING),
    ]
    assert desk.watch.pulse.waiting == 0


async def test_an_acknowledgement_in_an_outage_counts(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.store.away = True
    assert (await desk.acknowledge("ada")).taken is Taken.YES
    await desk.wait(600)
    desk.store.away = False
    await desk.tick()
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.ACKNOWLEDGED)]
    await desk.crash()
    assert (await desk.acknowledge("bob")).taken is Taken.ANOTHER


async def test_what_was_stored_though_the_answer_was_lost_is_told_once() -> None:
    async with Desk(throttles=UNTHROTTLED) as desk:
        desk.store.answers_to_lose = 1
        await desk.read(value=2.5)
        await desk.read(value=3.5)
        await desk.tick()
        assert desk.heard() == [(CARD, Why.FIRED), (PING, Why.ROSE)]


async def test_a_watch_begins_once_its_store_is_there() -> None:
    desk = Desk(throttles=UNTHROTTLED)
    desk.store.away = True
    beginning = asyncio.create_task(desk.watch.begin())
    await asyncio.sleep(0)
    desk.store.away = False
    await beginning
    await desk.read(value=2.5)
    assert desk.heard() == [(CARD, Why.FIRED)]
    desk.watch.close()


async def test_a_silence_that_was_made_as_the_store_went_away_holds_once_it_is_back(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.store.away = True
    await desk.silence(timedelta(hours=1), rule="heat")
    desk.store.away = False
    await desk.tick()
    await desk.wait(600)
    assert desk.heard() == [(CARD, Why.FIRED), (EDIT, Why.SILENCED)]


# ---------------------------------------------------------------------------- one alert that gives trouble


async def test_an_alert_that_cannot_be_stored_keeps_no_other_from_being_told(desk: Desk) -> None:
    desk.store.breaks_at = "SOL-1"
    await desk.read("SOL-1", value=2.5)
    await desk.read("ETH-1", value=2.5)
    assert [one.alert.key.subject for one in desk.said] == ["ETH-1"]
    assert desk.watch.pulse.untold == 2
    desk.store.breaks_at = None
    await desk.read("SOL-1", value=2.5)
    assert [one.alert.key.subject for one in desk.said] == ["ETH-1", "SOL-1"]


async def test_a_rise_that_cannot_be_stored_is_told_once_it_can_be(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.store.breaks_at = "SOL-1"
    await desk.read(value=3.5)
    await desk.wait(5, step_s=1)
    desk.store.breaks_at = None
    await desk.wait(5, step_s=1)
    assert desk.heard() == [(CARD, Why.FIRED), (PING, Why.ROSE)]
    assert [one.number for one in desk.open] == [1]


async def test_an_alert_that_cannot_be_decided_keeps_no_other_from_being_told(desk: Desk) -> None:
    desk.roster.breaks_at = "SOL-1"
    desk.metrics |= {"heat:SOL-1": 2.5, "heat:ETH-1": 2.5}
    await desk.hear()
    assert [one.alert.key.subject for one in desk.said] == ["ETH-1"]
    assert desk.watch.pulse.untold == 1
    desk.roster.breaks_at = None
    await desk.wait_idly(1)
    assert [one.alert.key.subject for one in desk.said] == ["ETH-1", "SOL-1"]


async def test_an_acknowledgement_that_meets_an_alert_that_was_changed_elsewhere_counts(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.store.change_elsewhere(desk.alert)
    assert (await desk.acknowledge("ada")).taken is Taken.YES
    await desk.crash()
    assert (await desk.acknowledge("bob")).taken is Taken.ANOTHER


async def test_an_acknowledgement_that_cannot_be_stored_is_not_called_one(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.store.breaks_at = "SOL-1"
    answer = await desk.acknowledge("ada")
    assert answer.says(UTC) == "It is not on record that anybody has alert 1 in hand: ask again."
    desk.store.breaks_at = None
    await desk.wait(120)
    assert desk.heard("person:ada") == [(CARD, Why.ESCALATED)]
    assert (await desk.acknowledge("ada")).taken is Taken.YES


# ---------------------------------------------------------------------------- two workers


async def test_a_worker_that_was_overtaken_tells_nothing_more(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.store.take_over()
    await desk.wait(600)
    assert desk.heard() == [(CARD, Why.FIRED)]
    assert desk.watch.pulse.is_over
    assert (await desk.acknowledge("ada")).says(UTC) == "Another desk has taken over the watch: ask there."


async def test_a_watch_ends_by_itself_once_it_is_overtaken(desk: Desk) -> None:
    desk.metrics["heat:SOL-1"] = 2.5
    running = asyncio.create_task(desk.watch.run())
    async with asyncio.timeout(30):
        while not desk.watch.pulse.ticked_at:  # noqa: ASYNC110 - it is the watch that ticks
            await asyncio.sleep(0)
        await desk.store.take_over()
        desk.publish()
        await running
    assert desk.watch.pulse.is_over


# ---------------------------------------------------------------------------- clocks


async def test_a_clock_set_an_hour_back_and_forth_hurries_and_stops_nothing(desk: Desk) -> None:
    await desk.read(value=2.5)
    desk.off_s = -3600
    # A hundredth of the time goes into coming nearer to what the wall says.
    await desk.wait(122, step_s=1)
    assert desk.heard("person:ada") == [(CARD, Why.ESCALATED)]
    desk.off_s = 3600
    await desk.wait(120)
    assert len(desk.said) == 2
    desk.off_s = 0
    await desk.wait(58)
    assert len(desk.said) == 5
    assert abs((desk.now - desk.open[0].began_at).total_seconds() - 300) < 10


async def test_a_worker_that_starts_under_a_clock_set_back_waits_for_nothing(desk: Desk) -> None:
    await desk.read(value=2.5)
    await desk.acknowledge("ada")
    await desk.wait(60)
    await desk.read("ETH-1", value=2.5)
    await desk.wait(60)
    desk.off_s = -3600
    await desk.crash()
    await desk.wait(120)
    assert [one.target for one in desk.said if one.alert.key.subject == "ETH-1"] == ["room:ops", "person:ada"]
    await desk.wait(29 * 60)
    assert desk.heard()[-1] in {(PING, Why.LAPSED), (PING, Why.REPEATED)}
