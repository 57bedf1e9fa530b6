"""A gateway with nothing but the recording of one far bot, in a process of its own: it can be killed.

`python -m tests.chatops.recording.keeper BOT_URL TOKEN DATABASE_URL` says "up", and records until it is killed.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot_integration.control import RemoteBot
from chatops.fleet import Fleet
from chatops.recording.following import Following
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory

UP_WITHIN_S = 30.0
#: Between two batches: far less than for people, so that a kill falls anywhere.
STORE_EVERY_S = 0.03


@asynccontextmanager
async def keeper(bot: str, token: str, database: str) -> AsyncIterator[None]:
    """It records while the block lasts, and is killed with -9 at its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, bot, token, database), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(UP_WITHIN_S):
            assert await process.stdout.readline() == b"up\n"
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        await process.communicate()


async def main(bot: str, token: str, url: str) -> None:
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, STORE_EVERY_S))

    async with Database.open(url) as database, RemoteBot("alpha", bot, token) as far:
        sys.stdout.write("up\n")
        sys.stdout.flush()
        await Following(Fleet([far]), PostgresHistory(database), lambda: datetime.now(UTC), sleep=sleep).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
