"""`quarterdeck demo` as people start it: in a pipe, at a terminal, twice, as somebody else, and with what is wrong."""

import asyncio
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.storage.postmaster import Postmaster
from tests.chatops.storage.server import as_root, kill_servers, nobody, on_linux
from tests.faults.conftest import copy
from tests.faults.program import eventually, outcome, program, seat, until_there
from tests.material import market_file

#: Becomes somebody else once all is imported: Python itself may be closed to them.
_AS_SOMEBODY = (
    "import os, sys; import chatops.cli, chatops.demo, chatops.adapters.terminal.pipe, asyncpg.protocol.protocol;"
    "import alembic.command, concurrent.futures.thread, sqlalchemy.ext.asyncio, sqlalchemy.dialects.postgresql.asyncpg;"
    "os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[1]));"
    "sys.argv[1:] = sys.argv[3:]; chatops.cli.main()"
)
CTRL_C, CTRL_D = "\x03", "\x04"
PROMPT = "a button’s number; /quit leaves"
#: At the head of the positions, where there are some: on a busy machine the bot has opened more by then.
SOME_OPEN = " open, "
WELCOME = "Quarterdeck demo: the bot “paper” trades on paper."


@pytest.fixture
def data_dir(folder: Path, made: Path) -> Path:
    """Of a demo that was run before."""
    copy(made, folder / "demo")
    return folder / "demo"


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that belongs to nobody, for a demo of theirs."""
    path = Path(tempfile.mkdtemp(prefix="qd-"))
    os.chown(path, *nobody())
    yield path
    kill_servers(path)
    shutil.rmtree(path)


def demo(data_dir: Path, *more: str) -> tuple[str, ...]:
    return ("demo", "--data-dir", str(data_dir), *more)


def is_put_away(data_dir: Path) -> bool:
    """Whether no PostgreSQL was left behind, and nothing broke."""
    log = (data_dir / "demo.log").read_text()
    return Postmaster.of(data_dir / "postgres") is None and "Traceback" not in log and '"error"' not in log


async def until_told_to_stop(pid: int) -> None:
    """Wait until a process that stands still has an interrupt waiting for it."""

    async def look() -> bool:
        status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
        (waiting,) = re.findall(r"^ShdPnd:\s*(\w+)$", status, re.MULTILINE)
        return bool(int(waiting, 16) & 1 << signal.SIGINT - 1)

    await eventually(look, "stopping PostgreSQL")


# In a pipe.


async def test_in_a_pipe_each_line_is_an_ask_and_the_end_of_input_is_the_end(data_dir: Path) -> None:
    code, said = await outcome(*demo(data_dir), typed="/status\n/positions\n1\nnonsense\n\n/version")
    assert code == 0, said
    order = ["paper is well", SOME_OPEN, "[1] Refresh", "I do not know “nonsense”", "Quarterdeck 0."]
    assert [said.find(words) for words in order if words not in said] == []
    assert said.index(SOME_OPEN) < said.index("I do not know “nonsense”") < said.index("Quarterdeck 0.")
    assert is_put_away(data_dir)


async def test_a_position_is_open_at_once_and_is_closed_by_numbers(data_dir: Path) -> None:
    code, said = await outcome(*demo(data_dir, "--seed", "3"), typed="/close SOL-1\n1\n/positions\n/quit\n/status\n")
    assert code == 0, said
    assert "Close SOL-1?" in said
    assert "✓ SOL-1 closed" in said
    assert "paper is well" not in said
    assert is_put_away(data_dir)


async def test_the_first_time_positions_are_open_within_ten_seconds_and_the_second_it_goes_on(folder: Path) -> None:
    for _ in range(2):
        async with program(*demo(folder / "new")) as running:
            running.type("/positions\n")
            await running.says(SOME_OPEN, within_s=10)
            running.close_input()
            assert await running.ends() == 0, running.said
        assert is_put_away(folder / "new")


async def test_a_second_demo_on_the_same_data_is_refused_with_what_to_do(data_dir: Path) -> None:
    async with program(*demo(data_dir)) as first:
        await first.says(WELCOME)
        code, said = await outcome(*demo(data_dir))
        assert code == 1
        assert f"Another desk (process {first.pid}) uses {data_dir}" in said
        assert "Traceback" not in said
        first.type("/status\n")
        await first.says("paper is well")
        first.signal(signal.SIGTERM)
        assert await first.ends() == 0, first.said
    assert is_put_away(data_dir)


async def test_killed_and_started_again_it_is_as_ever(data_dir: Path) -> None:
    async with program(*demo(data_dir)) as running:
        running.type("/close SOL-1\n")
        await running.says("] Confirm")
        await running.kill()
    code, said = await outcome(*demo(data_dir), typed="/status\n")
    assert code == 0, said
    assert "paper is well" in said
    assert "I was restarted before “close SOL-1” was confirmed. Nothing was done." in said
    assert is_put_away(data_dir)


# At a terminal.


async def test_ctrl_c_ends_it(data_dir: Path) -> None:
    async with seat(*demo(data_dir)) as sitting:
        await sitting.says(PROMPT)
        sitting.type("/status\r")
        await sitting.says("paper is well")
        sitting.type(CTRL_C)
        assert await sitting.ends() == 0, sitting.said
        assert "Traceback" not in sitting.said
    assert is_put_away(data_dir)


async def test_ctrl_c_again_and_again_cuts_nothing_off(data_dir: Path) -> None:
    async with seat(*demo(data_dir)) as sitting:
        await sitting.says(PROMPT)
        sitting.type(CTRL_C * 3)
        # Back from the prompt's own mode Ctrl-C is a signal.
        while not sitting.has_ended:
            sitting.type(CTRL_C)
            await sitting.has_time()
        assert await sitting.ends() == 0, sitting.said
        assert "Traceback" not in sitting.said
    assert is_put_away(data_dir)
    code, said = await outcome(*demo(data_dir), typed="/status\n")
    assert (code, "paper is well" in said) == (0, True), said


@on_linux
async def test_ctrl_c_while_the_database_takes_its_time_to_stop_leaves_none_behind(data_dir: Path) -> None:
    async with seat(*demo(data_dir)) as sitting:
        await sitting.says(PROMPT)
        server = Postmaster.of(data_dir / "postgres")
        assert server is not None
        server.send(signal.SIGSTOP)
        sitting.type(CTRL_C)
        await until_told_to_stop(server.pid)
        # The prompt has given the terminal back: here it is a signal.
        sitting.type(CTRL_C)
        await sitting.says("^C")
        server.send(signal.SIGCONT)
        assert await sitting.ends() == 0, sitting.said
        assert "Traceback" not in sitting.said
    assert is_put_away(data_dir)


async def test_ctrl_c_while_it_starts_for_the_first_time_ends_it_quietly(folder: Path) -> None:
    async with seat(*demo(folder / "new")) as sitting:
        # Whoever looks too late finds it finished: it is a start that is cut off all the same.
        await until_there(folder / "new" / "postgres.new", folder / "new" / "postgres")
        sitting.type(CTRL_C)
        assert await sitting.ends() == 0, sitting.said
        assert "Traceback" not in sitting.said
    assert is_put_away(folder / "new")


async def test_a_terminal_that_is_closed_ends_it(data_dir: Path) -> None:
    async with seat(*demo(data_dir)) as sitting:
        await sitting.says(PROMPT)
        sitting.hang_up()
        assert await sitting.ends() == 0
    assert is_put_away(data_dir)


async def test_ctrl_d_ends_it(data_dir: Path) -> None:
    async with seat(*demo(data_dir)) as sitting:
        await sitting.says(PROMPT)
        sitting.type(CTRL_D)
        assert await sitting.ends() == 0, sitting.said
    assert is_put_away(data_dir)


# As somebody.


@as_root
async def test_an_unprivileged_user_has_a_demo_too(open_dir: Path) -> None:
    uid, gid = nobody()
    data_dir = open_dir / "demo"
    async with program(str(uid), str(gid), *demo(data_dir), module=("-c", _AS_SOMEBODY), cwd=open_dir) as running:
        running.type("/positions\n")
        await running.says(SOME_OPEN)
        running.close_input()
        assert await running.ends() == 0, running.said
    assert data_dir.stat().st_uid == uid
    assert is_put_away(data_dir)


@as_root
async def test_where_it_may_not_write_it_says_so(folder: Path) -> None:
    uid, gid = nobody()
    os.chmod(folder, 0o755)  # noqa: PTH101 - a path's own method is taken for one that waits
    async with program(str(uid), str(gid), *demo(folder / "demo"), module=("-c", _AS_SOMEBODY), cwd=folder) as running:
        assert await running.ends() == 1, running.said
        assert "Permission denied" in running.said
        assert "Traceback" not in running.said


# A market of one's own.


async def test_a_replayed_market_is_traded(data_dir: Path) -> None:
    replay = ("--market", str(market_file()), "--from", "2023-08-16", "--speed", "3600")
    async with program(*demo(data_dir, *replay)) as running:
        running.type("/positions\n")
        await running.says(SOME_OPEN)
        running.type("/status\n/quit\n")
        assert await running.ends() == 0, running.said
    assert "ETH-1" in running.said
    assert is_put_away(data_dir)


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (("--from", "2023-99-01"), 2, "'2023-99-01' does not match the formats '%Y-%m-%d'"),
        (("--from", "2023-08-16"), 2, "--from: is given without market"),
        (("--market", "nowhere.csv"), 2, "file 'nowhere.csv' does not exist"),
        (("--market", __file__), 1, "the columns time, venue, asset"),
        (("--scenario", "moon"), 2, "--scenario: is no scenario: one of calm, funding-flip, crash, depeg, outage"),
        (("--scenario", "calm", "--market", __file__), 2, "--market: is given, and so is scenario"),
        (("--speed", "0"), 2, "--speed"),
    ],
)
async def test_what_is_wrong_is_told_in_a_word(
    folder: Path, data_dir: Path, wrong: tuple[str, ...], code: int, words: str
) -> None:
    ended, said = await outcome(*demo(data_dir, *wrong), cwd=folder)
    assert ended == code, said
    assert words in " ".join(said.replace("│", " ").split())
    assert "Traceback" not in said
    assert Postmaster.of(data_dir / "postgres") is None
