"""A PostgreSQL for the tests: one server a session, one empty database of the newest shape a test."""

import hashlib
import os
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from chatops.storage import migrations
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.errors import DataDirInUse

#: Nothing here has to outlive a power cut.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
#: How many sessions and workers may run at once on one machine.
SLOTS = 64


def pytest_configure() -> None:
    # A session that is ended by a time limit still stops its server.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # In the background of a script it is ignored, and by whatever we start too, which we interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
    name = f"shape_{_digest_of_migrations()}"
    async with _connection(postgres_url) as connection:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            # Under another name until it is whole.
            await connection.execute(f"CREATE DATABASE test_{name}")
            async with Database.open(beside(postgres_url, f"test_{name}")) as database:
                await database.migrate()
            await connection.execute(f"ALTER DATABASE test_{name} RENAME TO {name}")
    return name


@pytest_asyncio.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database without a table in it, this test's own."""
    async with _new_database(postgres_url, "template1") as url:
        yield url


@pytest_asyncio.fixture
async def database_url(postgres_url: str, template: str) -> AsyncIterator[str]:
    """The URL of an empty database of the newest shape, this test's own."""
    async with _new_database(postgres_url, template) as url:
        yield url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database of the newest shape, this test's own, open."""
    async with Database.open(database_url) as database:
        yield database


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    for step in sorted(Path(migrations.__path__[0]).rglob("*.py")):
        digest.update(step.read_bytes())
    return digest.hexdigest()[:16]


@asynccontextmanager
async def _new_database(postgres_url: str, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    async with _connection(postgres_url) as connection:
        # Copied file by file, in half the time that it takes to log each page.
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield beside(postgres_url, name)
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _drop_leftovers(postgres_url: str) -> None:
    async with _connection(postgres_url) as connection:
        for row in await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'test%'"):
            await connection.execute(f"DROP DATABASE {row[0]} WITH (FORCE)")


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def beside(postgres_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
