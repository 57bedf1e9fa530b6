"""News from PostgreSQL: what is owed, and who is known. Nobody has to look again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import asyncpg

from chatops.storage.database import CONNECT_TIMEOUT_S

log = logging.getLogger(__name__)

#: Told by the triggers of the table `deliveries`, and of `people` and `identities`.
DELIVERIES, PEOPLE = "deliveries", "people"
#: So long nothing need come from the server before it is asked whether it is there.
KEEPALIVE_S = 30.0
#: Between two tries to connect: longer each time, and no longer than the last.
_WAITS_S = (0.2, 0.5, 1.0, 2.0, 5.0)

_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Wakeup:
    """Listens on a connection of its own, for as long as it runs, and connects again for ever."""

    def __init__(
        self,
        url: str,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        keepalive_s: float = KEEPALIVE_S,
        answer_within_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self._url = url
        self._sleep = sleep
        self._keepalive_s = keepalive_s
        self._answer_within_s = answer_within_s

    async def run(self, woken: Mapping[str, Callable[[], None]]) -> None:
        """Call what belongs to a channel at each of its notices, and all of it each time it has connected.

        What was told before then nobody heard.
        """
        tries = 0
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=CONNECT_TIMEOUT_S, server_settings={"application_name": "quarterdeck wakeup"}
                )
                tries = 0
                await self._listen(connection, woken)
                log.warning("the database's news have stopped: the connection was lost")
            except _AWAY as error:
                if tries == 0:
                    log.warning("no news from the database for now: %s", str(error) or type(error).__name__)
            await self._sleep(_WAITS_S[min(tries, len(_WAITS_S) - 1)])
            tries += 1

    async def _listen(
        self, connection: "asyncpg.Connection[asyncpg.Record]", woken: Mapping[str, Callable[[], None]]
    ) -> None:
        """Until the connection is lost."""
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            for channel, wake in woken.items():
                await connection.add_listener(channel, partial(_heard, wake))
            for wake in woken.values():
                wake()
            while not lost.is_set():
                try:
                    async with asyncio.timeout(self._keepalive_s):
                        await lost.wait()
                except TimeoutError:
                    # A server whose machine has gone says no goodbye.
                    await connection.execute("SELECT 1", timeout=self._answer_within_s)
        finally:
            connection.terminate()


def _heard(wake: Callable[[], None], *_: object) -> None:
    wake()
