import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from chatops.charts.errors import Died, TooLong, TooMany, Undrawable
from chatops.charts.facts import Facts
from chatops.charts.studio import Studio
from tests.chatops.charts.examples import DARK, LIGHT, ONE

SMALL = ONE["exposure"]
#: A computer that does much else starts the process in this time, too.
LONG_S = 60.0


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Place:
    """One studio that several stories share: its process takes a second to start."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.studio = Studio(within_s=LONG_S, drawn_within_s=LONG_S, clock=self.clock)


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def pid_of(studio: Studio) -> int:
    await studio.picture("one to start with", SMALL, LIGHT)
    assert studio.pid is not None
    return studio.pid


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[Place]:
    held = Place()
    async with held.studio:
        yield held


@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_question_within_a_minute_gets_the_same_picture(place: Place) -> None:
    first = await place.studio.picture("where am I", SMALL, LIGHT)
    assert first.png.startswith(b"\x89PNG")
    place.clock.now += 59
    assert place.studio.kept("where am I", LIGHT) is first
    assert await place.studio.picture("where am I", ONE["attribution"], LIGHT) is first
    assert place.studio.kept("where am I", DARK) is None
    place.clock.now += 2
    again = await place.studio.picture("where am I", SMALL, LIGHT)
    assert again is not first
    assert again.digest == first.digest


@pytest.mark.asyncio(loop_scope="module")
async def test_who_asks_the_same_meanwhile_waits_for_the_same_picture(place: Place) -> None:
    pictures = await asyncio.gather(*(place.studio.picture("all at once", SMALL, DARK) for _ in range(50)))
    assert len({id(one) for one in pictures}) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_facts_that_cannot_be_drawn_are_an_error_and_the_next_ones_a_picture(place: Place) -> None:
    with pytest.raises(Undrawable, match="could not be drawn"):
        await place.studio.picture("nonsense", cast("Facts", "no facts"), LIGHT)
    before = await pid_of(place.studio)
    await place.studio.picture("sense", SMALL, LIGHT)
    assert place.studio.pid == before


@pytest.mark.asyncio(loop_scope="module")
async def test_a_process_that_was_killed_is_one_clear_error_and_there_is_another(place: Place) -> None:
    before = await pid_of(place.studio)
    os.kill(before, signal.SIGSTOP)
    asked = asyncio.create_task(place.studio.picture("asked of the dead", SMALL, LIGHT))
    await asyncio.sleep(0)
    os.kill(before, signal.SIGKILL)
    with pytest.raises(Died, match="ask once more"):
        await asked
    await place.studio.picture("asked of the dead", SMALL, LIGHT)
    assert place.studio.pid != before
    assert not is_there(before)


async def test_one_that_is_not_eager_has_no_process_while_nobody_asks() -> None:
    def is_starting() -> bool:
        return "warming the studio" in {task.get_name() for task in asyncio.all_tasks()}

    async with Studio(is_eager=False) as studio:
        assert not is_starting()
        studio.warm()
        assert is_starting()


async def test_one_that_hangs_is_ended_and_none_is_left_behind() -> None:
    async with Studio(within_s=LONG_S, drawn_within_s=0.3) as studio:
        async with asyncio.timeout(LONG_S):
            while studio.pid is None:  # noqa: ASYNC110 - a process sets no event
                await asyncio.sleep(0.01)
        pid = studio.pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(TooLong, match=r"0\.3 s to draw"):
            await studio.picture("asked of one that hangs", SMALL, LIGHT)
        assert not is_there(pid)


async def test_nobody_waits_longer_than_they_may_and_no_more_wait_than_may() -> None:
    # It is somebody else's turn for as long as we ask.
    async with Studio(within_s=0.001, most=2) as studio, studio._turn:
        for question in ("first", "second"):
            with pytest.raises(TooLong, match=r"took longer than 0\.001 s"):
                await studio.picture(question, SMALL, LIGHT)
        with pytest.raises(TooMany, match="in a moment"):
            await studio.picture("third", SMALL, LIGHT)
    with pytest.raises(Died, match="ending"):
        await studio.picture("after all", SMALL, LIGHT)


def test_who_asks_for_pictures_does_not_load_matplotlib() -> None:
    code = "import sys, chatops.charts.studio; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
