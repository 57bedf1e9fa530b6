"""One message at a time to a chat."""

import asyncio
from contextlib import suppress

from chatops.delivery.slots import Slots
from chatops.owed import Lane


async def take(slots: Slots, lane: Lane, said: list[Lane], chat: str = "ops") -> None:
    async with slots.hold(chat, lane):
        said.append(lane)


async def test_who_waits_is_let_in_by_lane() -> None:
    slots, said = Slots(), list[Lane]()
    async with slots.hold("ops", Lane.INFO):
        waiting = [
            asyncio.create_task(take(slots, lane, said))
            for lane in (Lane.INFO, Lane.ANSWER, Lane.EMERGENCY, Lane.ANSWER)
        ]
        await asyncio.sleep(0)
        assert said == []
        assert slots.taken == {"ops"}
    await asyncio.gather(*waiting)
    assert said == [Lane.EMERGENCY, Lane.ANSWER, Lane.ANSWER, Lane.INFO]
    assert slots.taken == frozenset()


async def test_another_chat_does_not_wait() -> None:
    slots, said = Slots(), list[Lane]()
    async with slots.hold("ops", Lane.INFO):
        await take(slots, Lane.INFO, said, "desk")
    assert said == [Lane.INFO]


async def test_who_gives_up_waiting_leaves_the_chat_to_the_next() -> None:
    slots, said = Slots(), list[Lane]()
    async with slots.hold("ops", Lane.INFO):
        gives_up, stays = (asyncio.create_task(take(slots, lane, said)) for lane in (Lane.CRITICAL, Lane.INFO))
        await asyncio.sleep(0)
        gives_up.cancel()
        with suppress(asyncio.CancelledError):
            await gives_up
    await stays
    assert (said, slots.taken) == ([Lane.INFO], frozenset())


async def test_who_is_cancelled_just_as_it_is_let_in_passes_the_chat_on() -> None:
    slots, said = Slots(), list[Lane]()
    async with slots.hold("ops", Lane.INFO):
        cancelled, stays = (asyncio.create_task(take(slots, lane, said)) for lane in (Lane.CRITICAL, Lane.INFO))
        await asyncio.sleep(0)
    # It has been let in, and has not run since.
    cancelled.cancel()
    with suppress(asyncio.CancelledError):
        await cancelled
    await stays
    assert (said, slots.taken) == ([Lane.INFO], frozenset())
