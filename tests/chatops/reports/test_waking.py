"""The bell of reports."""

import asyncio

from chatops.reports.waking import Waking


async def test_it_rings_by_the_clock_and_whenever_somebody_rings_it() -> None:
    bell = Waking(second="*")
    async with asyncio.timeout(60), bell.every_minute():
        await bell.wait()
        bell.ring()
        await bell.wait()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    assert not tasks
