"""A PostgreSQL that comes and goes with its desk, however the desk went the last time."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from chatops.storage import embedded
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.errors import DataDirInUse, ServerFailed
from chatops.storage.server_user import ServerUser
from chatops.tasks import running
from tests.chatops.storage.desk_process import desk_process
from tests.chatops.storage.server import ask, kill_server, on_linux, run, server_of

#: Longer than anything here takes on a machine that does much else.
PATIENCE_S = 60.0


async def answers(url: str) -> bool:
    try:
        return await ask(url, "SELECT 1") == 1
    except (OSError, asyncpg.PostgresError):
        return False


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is no PostgreSQL, of the user that PostgreSQL runs as."""
    user = ServerUser.of(Path("/nowhere"))
    with (
        Path(os.devnull).open("wb") as nowhere,
        user.launch(("/bin/sleep", "600"), Path("/"), nowhere) as process,
    ):
        yield process
        process.kill()


async def test_a_cold_start_makes_a_database_and_a_warm_one_keeps_it(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir) as url:
        await run(url, "CREATE TABLE kept AS SELECT 7 AS number")
    assert server_of(data_dir) is None
    async with EmbeddedPostgres(data_dir) as url:
        assert await ask(url, "SELECT number FROM kept") == 7
    assert server_of(data_dir) is None


async def test_it_has_no_port_and_keeps_what_it_was_told(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir) as url:
        assert await ask(url, "SHOW listen_addresses") == ""
        assert await ask(url, "SHOW fsync") == "on"
        assert await ask(url, "SHOW synchronous_commit") == "on"
    assert (data_dir / "postgres").stat().st_mode & 0o077 == 0


async def test_the_server_of_a_killed_desk_is_taken_over_and_stopped(data_dir: Path) -> None:
    async with desk_process(data_dir) as (process, said):
        assert said.startswith("up ")
        process.kill()
        await process.wait()
    left = server_of(data_dir)
    assert left is not None
    async with EmbeddedPostgres(data_dir) as url:
        assert server_of(data_dir) == left
        assert await ask(url, "SELECT 1") == 1
    assert server_of(data_dir) is None
    assert not left.lives(data_dir / "postgres")


async def test_a_killed_server_is_started_anew(data_dir: Path) -> None:
    async with desk_process(data_dir) as (process, said):
        url = said.removeprefix("up ")
        await run(url, "CREATE TABLE kept AS SELECT 7 AS number")
        # A session that is at work when its server dies holds the memory for a moment.
        session = await asyncpg.connect(url)
        work = asyncio.create_task(session.execute("SELECT pg_sleep(60)"))
        await kill_server(data_dir)
        process.kill()
        await process.wait()
        async with EmbeddedPostgres(data_dir, retry_s=PATIENCE_S) as new_url:
            assert await ask(new_url, "SELECT number FROM kept") == 7
        with suppress(asyncpg.PostgresError, OSError):
            await work
        session.terminate()


async def test_the_last_process_of_a_killed_server_is_waited_for(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, retry_s=PATIENCE_S)
    async with server as url:
        session = await asyncpg.connect(url)
        worker = session.get_server_pid()
        os.kill(worker, signal.SIGSTOP)
        await kill_server(data_dir)
        starting = asyncio.create_task(server.start())
        log = data_dir / "postgres.log"
        while not starting.done() and "still in use" not in log.read_text():  # noqa: ASYNC110 - a file sets no event
            await asyncio.sleep(0)
        os.kill(worker, signal.SIGCONT)
        assert await starting == url
        assert await ask(url, "SELECT 1") == 1
        session.terminate()


async def test_a_server_that_died_is_revived_by_starting_again(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, retry_s=PATIENCE_S)
    async with server as url:
        await kill_server(data_dir)
        assert await server.start() == url
        assert await ask(url, "SELECT 1") == 1


async def test_a_server_that_dies_under_a_running_desk_is_revived_by_itself(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    async with server as url, running(server.keep(), "keeping"):
        await kill_server(data_dir)
        async with asyncio.timeout(PATIENCE_S):
            while not await answers(url):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.05)


async def test_a_server_that_cannot_be_revived_is_told_once_and_so_is_its_return(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = data_dir / "postgres" / "postgresql.conf"
    tries = 0

    class Mended(EmbeddedPostgres):
        """Somebody mends its settings before the fourth try to revive it."""

        async def _serve(self, short: Path) -> None:
            nonlocal tries
            tries += 1
            if tries == 5:
                settings.write_text(right)
            await super()._serve(short)

    server = Mended(data_dir, look_every_s=0.05, retry_s=0.1)
    async with server as url:
        right = settings.read_text()
        settings.write_text("nonsense = here\n")
        await kill_server(data_dir)
        async with running(server.keep(), "keeping"), asyncio.timeout(PATIENCE_S):
            while not await answers(url):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.05)
            while "PostgreSQL has died: over" not in caplog.text:  # noqa: ASYNC110 - nor does the log
                await asyncio.sleep(0.01)
    # The first was its start. Those of the killed one who take their time to end may cost it more.
    assert tries >= 1 + 4
    said = [record.getMessage() for record in caplog.records if record.name == embedded.__name__]
    heads = [line.splitlines()[0].partition(" in /")[0].partition(" after")[0] for line in said]
    assert heads == [
        "PostgreSQL has died: it is started again",
        "PostgreSQL cannot be started again yet: PostgreSQL does not start",
        "PostgreSQL cannot be started again yet: over",
        "PostgreSQL has died: over",
    ]


async def test_a_second_desk_is_refused_by_the_number_of_the_first(data_dir: Path) -> None:
    async with desk_process(data_dir) as (process, said):
        with pytest.raises(DataDirInUse, match=rf"process {process.pid}\).*desk\.data_dir"):
            await EmbeddedPostgres(data_dir).start()
        assert await ask(said.removeprefix("up "), "SELECT 1") == 1
        process.terminate()
        await process.wait()
        assert process.returncode == 0
    assert server_of(data_dir) is None


async def test_two_desks_in_one_process_are_two_desks(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir) as url:
        with pytest.raises(DataDirInUse, match=f"process {os.getpid()}"):
            await EmbeddedPostgres(data_dir).start()
        assert await ask(url, "SELECT 1") == 1


async def test_a_deep_directory_is_no_obstacle(data_dir: Path) -> None:
    deep = data_dir.joinpath(*["a-rather-long-name-of-a-directory"] * 6)
    async with EmbeddedPostgres(deep) as url:
        assert await ask(url, "SELECT 1") == 1
        assert len(links(deep)) == 1
    assert links(deep) == []
    assert server_of(deep) is None


async def test_odd_names_are_no_obstacle(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir / "größer & 100% 'schön'?") as url:
        assert await ask(url, "SELECT 1") == 1


async def test_a_first_start_that_was_cut_off_is_made_again(data_dir: Path) -> None:
    half = data_dir / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(data_dir) as url:
        assert await ask(url, "SELECT 1") == 1
    assert not half.exists()


async def test_a_number_that_belongs_to_a_stranger_by_now_is_no_server(
    data_dir: Path, stranger: subprocess.Popen[bytes]
) -> None:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    async with EmbeddedPostgres(data_dir):
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
    async with EmbeddedPostgres(data_dir) as url:
        assert await ask(url, "SELECT 1") == 1
    assert stranger.poll() is None


async def test_what_keeps_it_from_starting_is_told_and_nothing_is_left(data_dir: Path) -> None:
    with pytest.raises(ServerFailed, match='invalid value for parameter "shared_buffers"'):
        await EmbeddedPostgres(data_dir, {"shared_buffers": "plenty"}).start()
    assert server_of(data_dir) is None
    async with EmbeddedPostgres(data_dir) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_a_start_that_is_cancelled_leaves_nothing(data_dir: Path) -> None:
    starting = asyncio.create_task(EmbeddedPostgres(data_dir).start())
    # The second name is that of the first, once it is whole.
    names = [data_dir / "postgres.new", data_dir / "postgres"]
    while not any(name.exists() for name in names):  # noqa: ASYNC110 - nor does a directory
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with EmbeddedPostgres(data_dir) as url:
        assert await ask(url, "SELECT 1") == 1


@on_linux
async def test_no_token_of_ours_reaches_it_and_no_key_of_the_terminal(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_TELEGRAM__TOKEN", "123:secret")
    async with EmbeddedPostgres(data_dir):
        server = server_of(data_dir)
        assert server is not None
        about = Path("/proc", str(server.pid))
        assert b"secret" not in (about / "environ").read_bytes()
        assert os.getpgid(server.pid) == server.pid


def links(deep: Path) -> list[Path]:
    """The short names of this directory: other tests that run now have some of their own."""
    made = Path(tempfile.gettempdir()).glob("quarterdeck-*/s")
    return [name for name in made if name.resolve().is_relative_to(deep.resolve())]
