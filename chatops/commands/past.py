"""What the database knows, beside what is known without it: waited for only so long."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from chatops.storage.errors import DatabaseAway

log = logging.getLogger(__name__)

#: So long an answer that has the facts of now waits for the past, in seconds.
WITHIN_S = 2.0

ReadT = TypeVar("ReadT")


async def past(word: str, reading: Awaitable[ReadT], within_s: float = WITHIN_S) -> ReadT | None:
    """What is read; None where the database is away, or does not answer in time."""
    try:
        async with asyncio.timeout(within_s):
            return await reading
    except (DatabaseAway, TimeoutError) as error:
        log.warning("/%s is answered without history: %s", word, str(error) or "it took too long")
        return None
