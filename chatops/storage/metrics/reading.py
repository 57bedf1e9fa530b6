"""What was measured, read back by span."""

import asyncio
from collections.abc import Iterable
from itertools import repeat
from operator import attrgetter

from chatops.history.resolution import resolution
from chatops.history.rows import Measured, Metric
from chatops.money.spans import Span
from chatops.storage.database import Database, Record
from chatops.storage.metrics.querying import QUERIES

_AT = attrgetter("at")


class Metrics:
    """Every method raises `DatabaseAway`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def measured(
        self, bot: str, metric: Metric, span: Span, *, subject: str | None = None, tier: str | None = None
    ) -> tuple[Measured, ...]:
        """One metric of all its subjects, or of one: the windows that begin in the span, oldest first.

        They are of the tier named ("1m", "5m", "1h", "1d"), or of the one that the length of the span asks for
        (`resolution`). Where that one does not reach back so far any more they are of the next that does, and where
        it is not rolled up yet they are made from the finer: so they reach until now, and the newest may go on.
        """
        query = QUERIES[tier or resolution(span).tier]
        found = await self._database.fetch(query, bot, metric.value, span.start, span.end, subject)
        # On a thread: the legs of a bot over a day are as many rows as take the loop a twentieth of a second.
        return await asyncio.to_thread(_together, bot, metric, found)


def _together(bot: str, metric: Metric, found: Iterable[Record]) -> tuple[Measured, ...]:
    rows: list[Measured] = []
    for subject, _, *columns in found:
        rows += map(Measured, repeat(bot), repeat(metric), repeat(subject), *columns)
    rows.sort(key=_AT)
    return tuple(rows)
