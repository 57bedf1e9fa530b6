"""A start that is told to stop, at any of its steps: it ends cancelled, and nothing is left of it."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from types import coroutine
from typing import Any, TypeAlias

import pytest

from chatops.app import open_desk
from chatops.demo import demo_settings
from chatops.own_database import open_database
from chatops.settings import Settings
from chatops.settings.sections import DatabaseSettings
from chatops.storage.postmaster import Postmaster
from tests.faults.conftest import copy
from tests.faults.program import PATIENCE_S

Opening: TypeAlias = Callable[[], AbstractAsyncContextManager[object]]
Waited: TypeAlias = "asyncio.Future[Any] | None"
#: Tells a task to stop, at a step where it waits for this.
Tell: TypeAlias = "Callable[[asyncio.Task[Any], Waited], object]"


def at_once(task: "asyncio.Task[Any]", waits_for: Waited) -> None:
    """While it waits."""
    asyncio.get_running_loop().call_soon(task.cancel)


def when_it_is_there(task: "asyncio.Task[Any]", waits_for: Waited) -> None:
    """What it waited for has come, and it has not looked at it yet."""
    if waits_for is None:
        task.cancel()
    else:
        waits_for.add_done_callback(lambda _: task.cancel())


class Walk:
    """Opens something, step by step, and closes it again. At one of the steps it is told to stop."""

    def __init__(self, opening: Opening, stop_at: int = 0, tell: Tell = at_once, *, is_lost: bool = False) -> None:
        """`is_lost`: nobody hears it, as where a library takes it for the answer that came just then."""
        self._opening = opening
        self._stop_at = stop_at
        self._tell = tell
        self._is_lost = is_lost
        #: How far it came.
        self.steps = 0
        #: The step at which all was open; 0 where it never was.
        self.open_at = 0
        #: Whether it came so far that it was told to stop.
        self.was_told = False

    async def ends(self) -> str:
        """How it ended, and what was left behind."""
        others = asyncio.all_tasks()
        task = asyncio.create_task(self._step_by_step())
        await asyncio.wait([task], timeout=PATIENCE_S)
        assert task.done(), task.get_stack()
        # What the database's driver puts away by itself takes a moment.
        if left := asyncio.all_tasks() - others:
            await asyncio.wait(left, timeout=PATIENCE_S)
        left = {one for one in left if not one.done()}
        ended = "cancelled" if task.cancelled() else repr(task.exception()) if task.exception() else "ended"
        return f"{ended}, leaving {left}" if left else ended

    async def _open(self) -> None:
        async with self._opening():
            self.open_at = self.steps

    @coroutine
    def _steps(self) -> Generator[Waited, None, None]:
        task = asyncio.current_task()
        assert task is not None
        steps = self._open().__await__()
        error: BaseException | None = None
        while True:
            self.steps += 1
            try:
                waits_for = next(steps) if error is None else steps.throw(error)
            except StopIteration:
                return
            if self.steps == self._stop_at:
                self._tell(task, waits_for)
                self.was_told = True
            error = None
            try:
                yield waits_for
            except asyncio.CancelledError as cancelled:
                if not (self._is_lost and self.steps == self._stop_at):
                    error = cancelled

    async def _step_by_step(self) -> None:
        await self._steps()


async def each_step(opening: Opening, tell: Tell, *, is_lost: bool = False, every: int = 1) -> list[str]:
    """How it ended that was told at the first step, and so on, until all was open."""
    whole = Walk(opening)
    assert await whole.ends() == "ended"
    # In the last of them all is open already, and what is lost there comes after the start.
    steps = range(1, whole.open_at + (0 if is_lost else 1), every)
    walks = [Walk(opening, at, tell, is_lost=is_lost) for at in steps]
    ends = [await walk.ends() for walk in walks]
    # Another time there may be fewer steps, as what is waited for may be there already: then it comes after the start,
    # or never.
    is_late = [not walk.was_told or (is_lost and 0 < walk.open_at <= at) for walk, at in zip(walks, steps, strict=True)]
    assert 2 * sum(is_late) < len(walks)
    return [ended for ended, late in zip(ends, is_late, strict=True) if not late]


@pytest.fixture
def settings(folder: Path, database_url: str) -> Settings:
    """A desk with a paper bot, on a database that somebody else runs."""
    demo = demo_settings(folder / "desk")
    return demo.model_copy(update={"database": DatabaseSettings.model_validate({"url": database_url})})


@pytest.mark.parametrize("tell", [at_once, when_it_is_there])
async def test_a_desk_that_starts_can_be_stopped_at_any_step(settings: Settings, tell: Tell) -> None:
    ends = await each_step(partial(open_desk, settings, health=False), tell)
    assert len(ends) > 20
    assert set(ends) == {"cancelled"}


async def test_a_stop_that_is_lost_on_the_way_is_heeded_once_the_desk_is_open(settings: Settings) -> None:
    opening = partial(open_desk, settings, health=False)
    ends = await each_step(opening, when_it_is_there, is_lost=True, every=3)
    assert len(ends) > 5
    assert set(ends) == {"cancelled"}


async def test_a_database_of_our_own_that_starts_can_be_stopped_at_any_step(folder: Path, made: Path) -> None:
    copy(made, folder / "desk")
    ends = await each_step(partial(open_database, demo_settings(folder / "desk")), at_once)
    assert len(ends) > 5
    assert set(ends) == {"cancelled"}
    assert Postmaster.of(folder / "desk" / "postgres") is None
