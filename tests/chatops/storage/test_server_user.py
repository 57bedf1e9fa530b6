"""Whoever runs the desk, PostgreSQL runs with as few rights as will do."""

import asyncio
import os
from pathlib import Path

from chatops.storage.binaries import find_binaries
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.server_user import ServerUser
from tests.chatops.storage.desk_process import desk_process
from tests.chatops.storage.server import as_root, ask, nobody, on_linux, server_of


@as_root
@on_linux
async def test_root_lends_it_the_rights_of_nobody(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir):
        server = server_of(data_dir)
        assert server is not None
        assert owner(Path("/proc", str(server.pid))) == nobody()
        assert owner(data_dir) == (os.geteuid(), os.getegid())


@as_root
async def test_nobody_else_gets_in_with_the_rights_of_nobody(open_dir: Path) -> None:
    async with EmbeddedPostgres(open_dir / "desk") as url:
        (open_dir / "desk").chmod(0o755)
        psql = (str(find_binaries(ServerUser()) / "psql"), url, "-c", "SELECT 1")
        uid, gid = nobody()
        tried = await asyncio.create_subprocess_exec(
            *psql, user=uid, group=gid, extra_groups=[], stderr=asyncio.subprocess.PIPE
        )
        _, said = await tried.communicate()
        assert b"Peer authentication failed" in said


@as_root
async def test_an_unprivileged_desk_works(open_dir: Path) -> None:
    os.chown(open_dir, *nobody())
    async with desk_process(open_dir / "desk", "nobody") as (process, said):
        assert said.startswith("up "), said
        assert server_of(open_dir / "desk") is not None
        process.terminate()
        await process.wait()
        assert process.returncode == 0
    assert server_of(open_dir / "desk") is None


@as_root
async def test_what_an_unprivileged_desk_began_root_carries_on(open_dir: Path) -> None:
    os.chown(open_dir, *nobody())
    async with desk_process(open_dir / "desk", "nobody") as (process, said):
        assert said.startswith("up "), said
        process.kill()
        await process.wait()
    async with EmbeddedPostgres(open_dir / "desk") as url:
        assert await ask(url, "SELECT 1") == 1
    assert server_of(open_dir / "desk") is None


@as_root
async def test_a_directory_that_is_closed_to_the_desk_is_told_with_what_to_do(
    open_dir: Path,
) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    async with desk_process(closed / "desk", "nobody") as (_, said):
        assert said.startswith("error ")
        assert "Permission denied" in said
        assert "desk.data_dir" in said


@as_root
async def test_files_of_another_user_are_told_with_what_to_do(open_dir: Path) -> None:
    desk = open_dir / "desk"
    (desk / "postgres").mkdir(parents=True)
    os.chown(desk, *nobody())
    async with desk_process(desk, "nobody") as (_, said):
        assert said.startswith("error ")
        assert "belong to user id 0" in said
        assert "chown" in said


def owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid
