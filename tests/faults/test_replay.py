"""`quarterdeck replay` as people start it: in a pipe, at a terminal, on the dashboard, and behind a control API."""

import re
import signal
from pathlib import Path

import pytest

from tests.chatops.replay.recording import file_of, recorded
from tests.faults.program import outcome, program, seat

CTRL_C = "\x03"
#: Ten minutes in six seconds: whatever is asked meanwhile is answered before its end, under load too.
SPEED = "100"
REFUSED = "replay-alpha is a replay: this is past, and nothing can be done about it."


@pytest.fixture
def session(folder: Path) -> Path:
    """Ten minutes of a paper bot."""
    return file_of(folder / "session.jsonl", recorded(20))


async def test_in_a_pipe_it_plays_to_its_end_and_says_what_there_was(session: Path) -> None:
    async with program("replay", str(session), "--speed", SPEED) as running:
        await running.says("REPLAY of alpha: nothing here is live.")
        running.type("/status\n/close SOL-1\n/pause entry\n")
        running.close_input()
        await running.says("replay-alpha · replay · ")
        await running.says(REFUSED, times=2)
        await running.says("REPLAY is over.")
        assert await running.ends() == 0, running.said
    assert "2026-03-14 12:00:00 to 2026-03-14 12:09:30 UTC (9 min 30 s), 20 snapshots" in running.said


async def test_alerts_go_by_the_time_of_then(folder: Path) -> None:
    crash = file_of(folder / "crash.jsonl", recorded(32, "crash", speed=120))
    async with program("replay", str(crash), "--from", "2026-03-14T12:05", "--speed", "200") as running:
        running.close_input()
        await running.says("REPLAY is over.")
        assert await running.ends() == 0, running.said
    card = running.said.partition("WARNING STETH-1/bybit HF 0.196")[2]
    # At the earliest; a slow machine reads it some minutes of then later.
    since = re.search(r"Since 12:(\d\d) UTC", card.partition("rule health_factor")[0])
    assert since is not None, running.said
    assert int(since[1]) >= 12
    # Two minutes of then.
    assert "In place of oncall, where there is nobody." in card, running.said


async def test_at_a_terminal_what_there_was_stays_to_be_read_at_its_end(session: Path) -> None:
    async with seat("replay", str(session), "--speed", SPEED) as sitting:
        await sitting.says("/quit leaves")
        assert await sitting.ends() == 0, sitting.said
    # Behind where the prompt, and the card above it, are wiped away.
    assert "REPLAY is over." in sitting.said.rpartition("\x1b[J")[2]


async def test_ctrl_c_gives_the_terminal_back(session: Path) -> None:
    async with seat("replay", str(session), "--speed", "1") as sitting:
        await sitting.says("/quit leaves")
        sitting.type("/status\r")
        await sitting.says("replay-alpha · replay · ")
        sitting.type(CTRL_C)
        assert await sitting.ends() == 0, sitting.said
    assert "REPLAY was left before its end." in sitting.said
    assert "Traceback" not in sitting.said


async def test_the_dashboard_shows_it_and_leaves_at_its_end(session: Path) -> None:
    async with seat("replay", str(session), "--watch", "--speed", SPEED) as sitting:
        await sitting.says("REPLAY")
        await sitting.says("\x1b[?1049l")
        assert await sitting.ends() == 0, sitting.said
    assert "REPLAY is over." in sitting.said


async def test_others_watch_it_behind_its_control_api(session: Path, folder: Path) -> None:
    url = f"unix:{folder}/r.sock"
    async with program("replay", str(session), "--listen", url, "--speed", "1") as running:
        await running.says("The replay is at unix://")
        code, said = await outcome("watch", url, "--once")
        assert (code, "REPLAY replay-alpha" in said) == (0, True), said
        running.signal(signal.SIGINT)
        assert await running.ends() == 0, running.said


async def test_what_is_no_session_is_said_to_be_none(folder: Path) -> None:
    (folder / "notes.txt").write_text("SELECT 1\n")
    code, said = await outcome("replay", str(folder / "notes.txt"))
    assert (code, "notes.txt line 1: it is no JSON" in said) == (1, True), said
