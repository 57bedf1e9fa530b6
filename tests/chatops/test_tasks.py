"""Tasks end with the block that they were started for, whatever a library makes of a cancellation."""

import asyncio

from chatops.tasks import end, running


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_task_ends_with_its_block() -> None:
    async with running(for_ever(), "waiting") as task:
        assert not task.done()
    assert task.cancelled()


async def test_a_cancellation_that_was_lost_is_made_again() -> None:
    lost: list[str] = []

    async def loses_one() -> None:
        while True:
            try:
                await for_ever()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append("taken for a database that is away")

    task = asyncio.create_task(loses_one())
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await end(task, again_s=0.01)
    assert (task.cancelled(), len(lost)) == (True, 1)
