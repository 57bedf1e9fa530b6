"""The line to Telegram: whether it holds, and how to go on for ever where it does not."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from telegram.error import Conflict, InvalidToken, TelegramError

from chatops.adapters.hearing import Hearing, OnTrouble
from chatops.adapters.telegram.backoff import pause_s
from chatops.adapters.telegram.errors import reason
from chatops.lasting import Lasting
from chatops.link import Link
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

#: Two programs that stand down in turns hear nothing of each other for as long as one of them pauses. Only what holds
#: for longer than the longest pause is over.
CALM = timedelta(minutes=6)


class Line:
    """Tries steps and waits out what fails. `renew` gets another token, and says whether there was one.

    `jitter` gives 0 to 1. `on_trouble` is told what `OnTrouble` says, `on_back` each time that it holds again; neither
    may raise.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
        renew: Callable[[], Awaitable[bool]],
        on_trouble: OnTrouble | None,
        on_back: Callable[[], None] | None,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._renew = renew
        self._hearing = Hearing("telegram", log, now=now, on_trouble=on_trouble, on_back=on_back)
        self._failures = 0
        self._conflicts = 0
        self._unstored = Lasting(
            log, "telegram: updates wait until they can be stored", clock=lambda: now().timestamp()
        )

    @property
    def link(self) -> Link:
        """Whether it holds, since when, and if not why."""
        return self._hearing.link

    async def tried(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Take a step, and say whether it went well; where it fails wait, longer each time. Only cancelling ends it."""
        try:
            await step()
        except TelegramError as error:
            self.lost(reason(error), to_mend=isinstance(error, InvalidToken | Conflict), raw=error.message)
            await self._wait_out(error)
        except StorageError as error:
            # What came is not confirmed, so it comes again.
            self._unstored.met(error)
            await self._wait_out(error)
        except Exception as error:
            log.exception("telegram: the way in failed")
            await self._wait_out(error)
        else:
            self._failures = 0
            self._unstored.over()
            return True
        return False

    def held(self) -> None:
        """Telegram answered, and what people say reaches us."""
        self._hearing.held()
        if self._conflicts and self._now() - self.link.since < CALM:
            return
        self._conflicts = 0
        self._hearing.mended()

    def lost(self, why: str, *, to_mend: bool = False, raw: str = "") -> None:
        """What people say does not reach us. `to_mend`: not before a person does something; `raw` is for the log."""
        self._hearing.lost(why, to_mend=to_mend, raw=raw)

    async def _wait_out(self, error: Exception) -> None:
        if isinstance(error, Conflict):
            self._conflicts += 1
            await self._sleep(pause_s(error, self._conflicts, self._jitter()))
            return
        self._failures += 1
        is_refused = isinstance(error, InvalidToken)
        if is_refused and await self._renew():
            return
        await self._sleep(pause_s(error, self._failures, self._jitter()))
        if is_refused:
            await self._renew()
