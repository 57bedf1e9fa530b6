"""Many who want to know cost one question; who cannot wait leaves without breaking it off."""

import asyncio
from dataclasses import dataclass, field

import pytest

from chatops.lately import Lately


@dataclass
class Source:
    """Answers with how often it was asked, once it is open."""

    asked: int = 0
    now: float = 100.0
    error: Exception | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> int:
        self.asked += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return self.asked

    def lately(self, within_s: float = 5.0) -> Lately[int]:
        return Lately(self.ask, fresh_s=1.0, within_s=within_s, clock=lambda: self.now)


async def test_many_at_once_cost_one_question() -> None:
    source = Source()
    async with source.lately() as lately:
        many = asyncio.gather(*(lately() for _ in range(50)))
        await asyncio.sleep(0)
        source.open.set()
        assert await many == [1] * 50


async def test_an_answer_is_good_for_its_time_and_no_longer() -> None:
    source = Source()
    source.open.set()
    async with source.lately() as lately:
        assert await lately() == 1
        source.now += 0.99
        assert await lately() == 1
        source.now += 0.01
        assert await lately() == 2


async def test_a_failure_is_an_answer_and_passes() -> None:
    source = Source(error=ValueError("away"))
    source.open.set()
    async with source.lately() as lately:
        for _ in range(3):
            with pytest.raises(ValueError, match="away"):
                await lately()
        assert source.asked == 1
        source.error = None
        source.now += 1
        assert await lately() == 2


async def test_who_cannot_wait_leaves_and_the_question_goes_on_alone() -> None:
    source = Source()
    async with source.lately(within_s=0.01) as lately:
        for _ in range(3):
            source.now += 10
            with pytest.raises(TimeoutError):
                await lately()
        assert source.asked == 1
        source.open.set()
        await asyncio.sleep(0)
        source.now += 10
        assert await lately() == 2


async def test_a_failure_that_nobody_waits_for_any_more_is_no_fault_of_the_program() -> None:
    source = Source(error=ValueError("away"))
    async with source.lately(within_s=0.01) as lately:
        with pytest.raises(TimeoutError):
            await lately()
        source.open.set()
        await asyncio.sleep(0)


async def test_it_leaves_no_question_behind() -> None:
    source = Source()
    async with source.lately(within_s=0.01) as lately:
        with pytest.raises(TimeoutError):
            await lately()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
