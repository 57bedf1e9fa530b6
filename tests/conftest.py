"""A PostgreSQL for the tests: one server a session, one empty database of the newest shape a test."""

import hashlib
import os
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from chatops.storage import migrations
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.errors import DataDirInUse
from tests.databases import UNDOING, Databases, beside, connected

#: Nothing here has to outlive a power cut.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
#: How many sessions and workers may run at once on one machine.
SLOTS = 64


def pytest_configure() -> None:
    # A session that is ended by a time limit still stops its server.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # In the background of a script it is ignored, and by whatever we start too, which we interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # How long an example takes, or making one up, is no story: any may be held up by the others that run beside it.
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole programs that are started and killed come first: one of them must not be what all wait for at the end."""
    items.sort(key=lambda item: "faults" not in item.path.parts)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_url() -> AsyncIterator[str]:
    """The URL of a server of this session's own, stopped at its end.

    Its directory is kept for the next session, which starts faster for it, and which takes over
    and stops the server of a session that was killed.
    """
    base = Path(tempfile.gettempdir()) / f"quarterdeck-tests-{os.getuid()}"
    for slot in range(SLOTS):
        server = EmbeddedPostgres(base / str(slot), HASTY)
        try:
            url = await server.start()
        except DataDirInUse:
            continue
        try:
            await _drop_leftovers(url)
            yield url
        finally:
            await server.stop()
        return
    pytest.fail(f"{SLOTS} test sessions run already, see {base}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(postgres_url: str) -> str:
    """The name of a database of the newest shape, to be copied."""
    name = f"shape_{_digest_of_shape()}"
    async with connected(postgres_url) as connection:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            # Under another name until it is whole.
            await connection.execute(f"CREATE DATABASE test_{name}")
            async with Database.open(beside(postgres_url, f"test_{name}")) as database:
                await database.migrate()
                await database.execute(UNDOING)
            await connection.execute(f"ALTER DATABASE test_{name} RENAME TO {name}")
    return name


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases(postgres_url: str, template: str) -> Databases:
    """Databases of the newest shape, which tests have one after another."""
    return Databases(postgres_url, template)


@pytest_asyncio.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database without a table in it, this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    async with connected(postgres_url) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
        yield beside(postgres_url, name)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """The URL of an empty database of the newest shape, this test's own."""
    url = await databases.lend()
    yield url
    await databases.take_back(url)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database of the newest shape, this test's own, open."""
    # One connection is enough for most tests, and each other takes 3 ms.
    async with Database.open(database_url, min_size=1) as database:
        yield database


def _digest_of_shape() -> str:
    digest = hashlib.sha256(UNDOING.encode())
    for step in sorted(Path(migrations.__path__[0]).rglob("*.py")):
        digest.update(step.read_bytes())
    return digest.hexdigest()[:16]


async def _drop_leftovers(postgres_url: str) -> None:
    async with connected(postgres_url) as connection:
        for row in await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'test%'"):
            await connection.execute(f"DROP DATABASE {row[0]} WITH (FORCE)")
