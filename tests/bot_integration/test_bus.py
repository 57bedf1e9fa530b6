import asyncio
import threading
import time
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from bot_integration import Event, EventCategory, EventsMissed, Noted
from bot_integration.bus import Bus
from tests.bot_integration.facts import NOON


def note(number: int) -> Noted:
    return Noted("alpha", NOON, EventCategory.INFO, str(number))


async def next_of(events: AsyncIterator[Event]) -> Event:
    return await anext(events)


async def test_every_follower_gets_every_event_in_order() -> None:
    bus = Bus()
    async with bus.follow() as one, bus.follow() as other:
        for number in range(3):
            bus.publish(note(number))
        for events in (one, other):
            assert [await anext(events) for _ in range(3)] == [note(0), note(1), note(2)]


async def test_what_happened_before_is_not_followed() -> None:
    bus = Bus()
    bus.publish(note(0))
    async with bus.follow() as events:
        bus.publish(note(1))
        assert await anext(events) == note(1)


@given(st.integers(1, 20), st.integers(0, 60))
def test_a_slow_follower_is_told_how_much_it_missed_and_gets_the_newest(length: int, published: int) -> None:
    async def follow() -> None:
        bus = Bus(length)
        async with bus.follow() as events:
            for number in range(published):
                bus.publish(note(number))
            bus.publish(note(published))
            missed = max(0, published + 1 - length)
            if missed:
                assert await anext(events) == EventsMissed(missed)
            for number in range(missed, published + 1):
                assert await anext(events) == note(number)

    asyncio.run(follow())


async def test_after_it_was_told_it_follows_on() -> None:
    bus = Bus(1)
    async with bus.follow() as events:
        bus.publish(note(0))
        bus.publish(note(1))
        assert [await anext(events), await anext(events)] == [EventsMissed(1), note(1)]
        bus.publish(note(2))
        assert await anext(events) == note(2)


async def test_publishing_never_waits_for_a_follower_that_reads_nothing() -> None:
    bus = Bus(10)
    async with bus.follow(), bus.follow():
        began = time.perf_counter()
        for number in range(10_000):
            bus.publish(note(number))
        assert time.perf_counter() - began < 1


async def test_events_of_other_threads_arrive_while_it_waits() -> None:
    bus = Bus()
    async with bus.follow() as events:
        waiting = asyncio.create_task(next_of(events))
        await asyncio.sleep(0)
        threading.Thread(target=bus.publish, args=(note(7),)).start()
        assert await waiting == note(7)


async def test_who_has_left_gets_nothing_and_disturbs_nobody() -> None:
    bus = Bus()
    async with bus.follow() as gone:
        bus.publish(note(0))
        assert await anext(gone) == note(0)
    async with bus.follow() as events:
        bus.publish(note(1))
        assert await anext(events) == note(1)


def test_a_follower_whose_loop_has_ended_is_let_go() -> None:
    bus = Bus()
    loop = asyncio.new_event_loop()
    following = bus.follow()
    loop.run_until_complete(following.__aenter__())
    loop.close()
    bus.publish(note(0))
    bus.publish(note(1))

    async def another() -> None:
        async with bus.follow() as events:
            bus.publish(note(2))
            assert await anext(events) == note(2)

    asyncio.run(another())
