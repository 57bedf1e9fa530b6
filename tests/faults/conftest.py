"""A desk in a folder of its own, and the platform that it is on."""

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot_integration.control import RemoteBot
from bot_integration.control.http_line import HttpLine
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from tests.chatops.storage.server import kill_servers
from tests.faults.desk import BOT, DeskFiles
from tests.faults.holdup import holdup
from tests.faults.place import Place
from tests.faults.program import PATIENCE_S, eventually, program
from tests.faults.slack_desk import SlackDesk
from tests.servers.slack import SlackServer
from tests.servers.telegram import TelegramServer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def made() -> AsyncIterator[Path]:
    """The data directory of a desk that was run before: a start on a copy of it is quicker than a first one."""
    path = Path(tempfile.mkdtemp(prefix="qd-"))
    async with EmbeddedPostgres(path / "desk") as url, Database.open(url) as database:
        await database.migrate()
    yield path / "desk"
    kill_servers(path)
    shutil.rmtree(path)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, as sockets need, that is closed to others. No PostgreSQL below it outlives the test."""
    path = Path(tempfile.mkdtemp(prefix="qd-"))
    yield path
    kill_servers(path)
    shutil.rmtree(path)


@pytest.fixture
async def platform() -> AsyncIterator[TelegramServer]:
    """A platform that, at the end, was never sent what it should not be."""
    async with TelegramServer() as server:
        yield server
        assert server.violations == []


@pytest.fixture
def new_desk(folder: Path, platform: TelegramServer) -> DeskFiles:
    """A desk that was never run."""
    ada = platform.person(111, "Ada", "ada")
    return DeskFiles(folder, platform, ada, platform.private(ada))


@pytest.fixture
def desk(new_desk: DeskFiles, made: Path) -> DeskFiles:
    """A desk with an empty database."""
    copy(made, new_desk.data_dir)
    return new_desk


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """The other platform, of which the same is true."""
    # Its own three seconds for an acknowledgement are not what these are about, and a busy machine takes longer.
    async with SlackServer(ack_s=PATIENCE_S) as server:
        yield server
        assert server.violations == []


@pytest.fixture
def new_slack_desk(folder: Path, slack: SlackServer) -> SlackDesk:
    """A desk on Slack alone that was never run."""
    return SlackDesk(folder, slack, slack.person("ada"), slack.channel("ops"))


@pytest.fixture
def slack_desk(new_slack_desk: SlackDesk, made: Path) -> SlackDesk:
    """The same with an empty database."""
    copy(made, new_slack_desk.data_dir)
    return new_slack_desk


@pytest.fixture
async def place(desk: DeskFiles) -> AsyncIterator[Place]:
    real, watched = desk.folder / "bot.sock", desk.folder / "way.sock"
    # Ada closes without end here; what goes unheard over the limit is another story.
    desk.write(f"unix://{watched}", more="[words.close]\nlimit = 1000")
    async with AsyncExitStack() as stack:
        paper = program("paper", "--listen", f"unix:{real}", "--name", BOT, "--speed", "1", "--scenario", "calm")
        await (await stack.enter_async_context(paper)).says("trades on paper")
        way = await stack.enter_async_context(holdup(watched, real))
        bot = await stack.enter_async_context(RemoteBot(BOT, f"unix://{real}"))
        line = await stack.enter_async_context(HttpLine(BOT, f"unix://{real}", None))
        place = Place(desk, way, bot, line)
        # It may be asked before it has said anything.
        await eventually(line.snapshot, "its first facts")
        assert await place.holds("SOL-1")
        yield place


def copy(made: Path, data_dir: Path) -> None:
    """Owners and rights included."""
    subprocess.run(["cp", "-a", made, data_dir], check=True)
