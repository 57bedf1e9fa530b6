"""Keeps what was last told of a bot, beside the telling and never in its way."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from chatops.lasting import Lasting
from chatops.notices.memory import Memory, Remembered
from chatops.storage.errors import DatabaseAway

log = logging.getLogger(__name__)

#: Between two writes.
WRITE_EVERY_S = 2.0
#: Money alone is written no more often.
MONEY_AFTER = timedelta(minutes=1)


class Keeping:
    """What is kept of one bot, written inside `run`."""

    def __init__(
        self,
        bot: str,
        memory: Memory,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._memory = memory
        self._now = now
        self._sleep = sleep
        self._seen: Remembered | None = None
        self._noted_at: datetime | None = None
        self._due = asyncio.Event()
        self._unkept = Lasting(log, f"what was last told of {bot} is not kept yet", level=logging.INFO)

    async def recall(self) -> Remembered | None:
        """What was kept; None where that cannot be known now. Raises nothing but for cancellation."""
        try:
            return await self._memory.recall(self._bot)
        except DatabaseAway as error:
            log.info("what was last told of %s is not known: %s", self._bot, error)
        except Exception:
            log.exception("what was last told of %s could not be recalled", self._bot)
        return None

    def note(self, seen: Remembered) -> None:
        """Told of, and to be written soon where it differs."""
        now = self._now()
        if (
            self._seen is None
            or self._noted_at is None
            or seen.differs(self._seen)
            or now - self._noted_at > MONEY_AFTER
        ):
            self._seen, self._noted_at = seen, now
            self._due.set()

    async def run(self) -> None:
        """Write until cancelled; what could not be written is tried again."""
        while True:
            await self._due.wait()
            self._due.clear()
            if self._seen is not None and not await self._write(self._seen):
                self._due.set()
            await self._sleep(WRITE_EVERY_S)

    async def _write(self, seen: Remembered) -> bool:
        try:
            await self._memory.keep(self._bot, seen)
        except DatabaseAway as error:
            self._unkept.met(error)
            return False
        except Exception:
            # To try the same again would break the same way.
            log.exception("what was last told of %s could not be kept", self._bot)
        self._unkept.over()
        return True
