"""A desk with nothing but its database, in a process of its own: it can be killed.

`python -m tests.chatops.storage.desk_process DATA_DIR [USER]` says "up" and its URL, or "error" and
why, and stops when it is terminated.
"""

import asyncio
import os
import pwd
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.errors import StorageError


@asynccontextmanager
async def desk_process(data_dir: Path, user: str = "") -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The process and the first line it said. Killed at the end, if it still is there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(data_dir), user),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def become(user: str) -> None:
    """Give up root's rights. Python itself may be closed to `user`, so all is imported by now."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


async def main(data_dir: Path) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    try:
        async with EmbeddedPostgres(data_dir) as url:
            sys.stdout.write(f"up {url}\n")
            sys.stdout.flush()
            await ended.wait()
    except StorageError as error:
        sys.stdout.write(f"error {error}\n")


if __name__ == "__main__":
    if sys.argv[2]:
        become(sys.argv[2])
    asyncio.run(main(Path(sys.argv[1])))
