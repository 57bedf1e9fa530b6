"""What every `AlertStore` keeps to; a file that has a `store` fixture takes these stories over."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from alerts.escalation import begun
from alerts.model import Acknowledgement, Advance, Alert, AlertEvent, Ended, Form, Key, Reading, Step, Telling, Told
from alerts.policy import DEFAULT
from alerts.severity import Severity
from alerts.store import AlertStore, Open, Overtaken
from tests.alerts.roster import person, room
from tests.bot_integration.facts import NOON

KEY = Key("health_factor", "carry", "SOL-1/bybit")


def alert(number: int = 1, key: Key = KEY, version: int = 1) -> Alert:
    reading = Reading(key, 0.148, "health_factor", room=0.2, position="SOL-1", says="HF 0.148")
    severity = Severity.CRITICAL
    return Alert(
        UUID(int=number), number, key, severity, severity, 1, NOON, NOON, reading, NOON, DEFAULT, begun(NOON),
        version=version,
    )  # fmt: skip


def beginning(one: Alert) -> Advance:
    told = Told(room("ops"), 1, one.severity, NOON, 0.2)
    telling = Telling(room("ops"), Form.CARD, "fired", "began")
    return Advance(one, 0, (AlertEvent(NOON, Step.FIRED),), (telling,), (told,))


class StoreContract:
    """Inherit from it, and give a fixture `store`."""

    async def test_what_began_stands_with_what_was_told(self, store: AlertStore) -> None:
        fence = await store.take_over()
        assert await store.advance(fence, [beginning(alert())]) == {UUID(int=1): alert()}
        told = {room("ops"): Told(room("ops"), 1, Severity.CRITICAL, NOON, 0.2)}
        assert list(await store.load()) == [Open(alert(), told)]
        assert await store.last_number() == 1

    async def test_nothing_is_there_at_first(self, store: AlertStore) -> None:
        assert list(await store.load()) == []
        assert await store.last_number() == 0
        assert list(await store.silences()) == []

    async def test_the_same_again_changes_nothing(self, store: AlertStore) -> None:
        fence = await store.take_over()
        await store.advance(fence, [beginning(alert())])
        before = list(await store.load())
        assert await store.advance(fence, [beginning(alert())]) == {UUID(int=1): alert()}
        assert list(await store.load()) == before

    async def test_all_that_an_alert_can_be_comes_back(self, store: AlertStore) -> None:
        fence = await store.take_over()
        await store.advance(fence, [beginning(alert())])
        later = NOON + timedelta(seconds=30.000_001)
        full = replace(
            alert(version=2),
            severity=Severity.WARNING,
            peak=Severity.EMERGENCY,
            epoch=3,
            rose_at=later,
            progress=replace(begun(later), repeats=7, held=True, since=later),
            acknowledged=Acknowledgement(3, "ada", later, later + timedelta(hours=1), asked_again=True),
            is_drill=True,
        )
        told = (
            Told(person("ada"), 3, Severity.WARNING, later, None, aloud=False, acknowledged=True),
            Told(room("ops"), 0, Severity.WARNING, later, 0.1, aloud=False),
        )
        await store.advance(fence, [Advance(full, 1, told=told)])
        assert list(await store.load()) == [Open(full, {one.target: one for one in told})]

    async def test_of_an_old_version_nothing_is_stored(self, store: AlertStore) -> None:
        fence = await store.take_over()
        await store.advance(fence, [beginning(alert())])
        await store.advance(fence, [Advance(alert(version=2), 1)])
        other = beginning(alert(2, replace(KEY, subject="ETH-1")))
        with pytest.raises(Overtaken):
            await store.advance(fence, [other, Advance(alert(version=5), 1)])
        assert [one.alert.number for one in await store.load()] == [1]

    async def test_an_old_worker_is_refused(self, store: AlertStore) -> None:
        old = await store.take_over()
        new = await store.take_over()
        with pytest.raises(Overtaken):
            await store.advance(old, [beginning(alert())])
        with pytest.raises(Overtaken):
            await store.advance(old, [])
        assert await store.advance(new, []) == {}
        assert list(await store.load()) == []

    async def test_a_second_one_of_a_key_joins_the_first(self, store: AlertStore) -> None:
        fence = await store.take_over()
        await store.advance(fence, [beginning(alert())])
        given = await store.advance(fence, [beginning(alert(2))])
        assert (given[UUID(int=2)].id, given[UUID(int=2)].number) == (UUID(int=1), 1)
        assert [one.alert.number for one in await store.load()] == [1]

    async def test_what_is_resolved_stands_until_all_have_heard(self, store: AlertStore) -> None:
        fence = await store.take_over()
        await store.advance(fence, [beginning(alert())])
        over = replace(alert(version=2), resolved_at=NOON, ended=Ended.CLEARED)
        await store.advance(fence, [Advance(over, 1)])
        assert [one.alert for one in await store.load()] == [over]
        heard = Told(room("ops"), 1, None, NOON, 0.2)
        await store.advance(fence, [Advance(replace(over, version=3), 2, told=(heard,))])
        assert list(await store.load()) == []
        assert await store.last_number() == 1

    async def test_a_key_is_free_again_once_its_alert_is_resolved(self, store: AlertStore) -> None:
        fence = await store.take_over()
        over = replace(alert(), resolved_at=NOON, ended=Ended.GONE)
        await store.advance(fence, [Advance(over, 0)])
        assert await store.advance(fence, [beginning(alert(2))]) == {UUID(int=2): alert(2)}

    async def test_the_oldest_comes_first(self, store: AlertStore) -> None:
        fence = await store.take_over()
        subjects = ("c", "a", "b")
        many = [beginning(alert(number, replace(KEY, subject=one))) for number, one in enumerate(subjects, start=1)]
        await store.advance(fence, many)
        assert [one.alert.number for one in await store.load()] == [1, 2, 3]
