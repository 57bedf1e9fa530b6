"""What the stories of the embedded PostgreSQL look at and do to it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest

from chatops.storage.postmaster import Postmaster
from chatops.storage.server_user import ServerUser

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def server_of(data_dir: Path) -> Postmaster | None:
    return Postmaster.of(data_dir / "postgres")


def nobody() -> tuple[int, int]:
    user = ServerUser.of(Path("/nowhere"))
    assert user.uid is not None
    assert user.gid is not None
    return user.uid, user.gid


async def kill_server(data_dir: Path) -> None:
    server = server_of(data_dir)
    assert server is not None
    server.send(signal.SIGKILL)
    while server.lives(data_dir / "postgres"):  # noqa: ASYNC110 - a process sets no event
        await asyncio.sleep(0)


def kill_servers(directory: Path) -> None:
    for pid_file in directory.rglob("postmaster.pid"):
        server = Postmaster.of(pid_file.parent)
        if server is not None and server.lives(pid_file.parent):
            server.send(signal.SIGKILL)


async def run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
