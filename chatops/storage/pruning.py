"""All that is old is forgotten at once, as a desk that runs does it day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chatops.storage.database import Database
from chatops.storage.errors import StorageError
from chatops.storage.history.forgetting import forget_history
from chatops.storage.metrics.forgetting import forget_metrics
from chatops.storage.metrics.rolling import roll_up
from chatops.storage.retention import forgotten

_SIZE = "SELECT pg_database_size(current_database())"


class CannotPrune(StorageError):
    """Somebody else is at it."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, and what is left."""

    #: By what people call it, also where it is none.
    gone: Mapping[str, int]
    #: Of the whole database.
    bytes_before: int
    bytes: int


async def prune(database: Database, now: datetime) -> Pruned:
    """Forget all that is old. To be done twice changes nothing. Raises `DatabaseAway` and `CannotPrune`."""
    before = await database.fetchval(_SIZE)
    gone = await forgotten(database, now)
    history = await forget_history(database, now)
    try:
        # Only what the coarser tier has may go.
        await roll_up(database, now)
        metrics = await forget_metrics(database, now)
    except asyncpg.LockNotAvailableError as error:
        raise CannotPrune("Somebody reads or writes metrics right now. Ask again in a minute.") from error
    gone |= {
        "samples of bots": history.samples,
        "partitions of history": history.partitions,
        "partitions of metrics": len(metrics),
    }
    return Pruned(gone, before, await database.fetchval(_SIZE))
