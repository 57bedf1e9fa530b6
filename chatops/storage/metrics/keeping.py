"""The work on what was measured that is done again and again while a desk runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg

from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.metrics.forgetting import forget_metrics
from chatops.storage.metrics.partitions import make_room
from chatops.storage.metrics.rolling import roll_up

log = logging.getLogger(__name__)

#: As long as the shortest window that is rolled up.
_AGAIN_S = 300.0


async def metrics_for_ever(
    database: Database, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Roll up what is over, make room for what comes and forget what is old, every five minutes.

    Not at once: a desk that starts has more urgent things to do, and nothing that is read has to wait for it.
    """
    while True:
        await sleep(_AGAIN_S)
        try:
            await tend(database, now())
        except DatabaseAway as error:
            log.info("metrics not rolled up for now: %s", error)
        except asyncpg.LockNotAvailableError as error:
            log.info("partitions of metrics are left as they are for now: %s", error)
        except Exception:
            log.exception("metrics could not be rolled up")


async def tend(database: Database, now: datetime) -> None:
    """All of it once. Raises `DatabaseAway`, and asyncpg's `LockNotAvailableError`."""
    # First what nobody can be in the way of.
    await roll_up(database, now)
    await make_room(database, now)
    if gone := await forget_metrics(database, now):
        log.info("forgot metrics: %s", ", ".join(gone))
