import asyncio
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from bot_integration import BotController, Event, EventCategory, EventsMissed, Noted, SnapshotTaken
from bot_integration.bus import QUEUED_SNAPSHOTS, Bus
from tests.bot_integration.facts import NOON, facts


def note(number: int) -> Noted:
    return Noted("alpha", NOON, EventCategory.INFO, str(number))


def seconds_for_a_thousand(bus: Bus) -> float:
    began = time.perf_counter()
    for number in range(1_000):
        bus.publish(note(number))
    return time.perf_counter() - began


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
        # The quickest thousand: who waits at all waits then, too, and no machine is busy all the time.
        assert min(seconds_for_a_thousand(bus) for _ in range(10)) < 0.1


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


async def test_followers_come_and_go_on_many_loops_while_many_threads_publish() -> None:
    """Whoever stays hears each thread's events in its order, and none twice, or is told how many it missed."""
    bus, threads, count = Bus(50), 4, 500
    # All of them wait for each other: there has to be a thread for each.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads + 3))
    ready, over = threading.Barrier(threads + 3, timeout=60), threading.Event()

    def publish(thread: int) -> None:
        ready.wait()
        for number in range(count):
            bus.publish(note(thread * count + number))

    def come_and_go() -> int:
        """Follows on a loop of its own that ends, sometimes in the middle of following."""
        ready.wait()
        times = 0
        while not (over.is_set() and times):
            loop = asyncio.new_event_loop()
            following = bus.follow()
            loop.run_until_complete(following.__aenter__())
            if times % 2:
                loop.run_until_complete(following.__aexit__(None, None, None))
            loop.close()
            times += 1
        return times

    async def stay() -> tuple[list[int], int]:
        heard, missed = list[int](), 0
        async with bus.follow() as events:
            await asyncio.to_thread(ready.wait)
            async for event in events:
                if isinstance(event, EventsMissed):
                    missed += event.count
                    continue
                assert isinstance(event, Noted)
                if event.message == "end":
                    return heard, missed
                heard.append(int(event.message))
        raise AssertionError("following ends never")

    gone = asyncio.create_task(asyncio.to_thread(come_and_go))
    far = asyncio.create_task(asyncio.to_thread(asyncio.run, stay()))
    near = asyncio.create_task(stay())
    async with asyncio.timeout(60):
        await asyncio.gather(*(asyncio.to_thread(publish, thread) for thread in range(threads)))
        over.set()
        bus.publish(Noted("alpha", NOON, EventCategory.INFO, "end"))
        for heard, missed in (await far, await near):
            assert len(heard) + missed == threads * count
            for thread in range(threads):
                mine = [number for number in heard if number // count == thread]
                assert mine == sorted(set(mine))
        assert await gone > 0


async def test_a_follower_that_sleeps_holds_few_snapshots_but_all_that_was_said() -> None:
    bot, bus = BotController("alpha"), Bus(1_000)
    bot.publish(facts())
    snapshot = bot.snapshot()
    assert snapshot is not None
    async with bus.follow() as events:
        for number in range(300):
            bus.publish(note(number))
            bus.publish(SnapshotTaken(snapshot.model_copy(update={"seq": number})))
        assert await anext(events) == EventsMissed(300 - QUEUED_SNAPSHOTS)
        heard = [await anext(events) for _ in range(300 + QUEUED_SNAPSHOTS)]
    assert [int(event.message) for event in heard if isinstance(event, Noted)] == list(range(300))
    seqs = [event.snapshot.seq for event in heard if isinstance(event, SnapshotTaken)]
    assert seqs == list(range(300 - QUEUED_SNAPSHOTS, 300))
    assert isinstance(heard[-1], SnapshotTaken)
