"""The line to Telegram: whether it holds, and how to go on for ever where it does not."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from telegram.error import Conflict, InvalidToken, TelegramError

from alerts.durations import span
from chatops.adapters.telegram.backoff import pause_s
from chatops.adapters.telegram.errors import reason
from chatops.lasting import Lasting
from chatops.link import Away, Link, away, connected
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

#: Two programs that stand down in turns hear nothing of each other for as long as one of them pauses. Only what holds
#: for longer than the longest pause is over.
CALM = timedelta(minutes=6)

#: Is told why the desk hears nobody where a person has to mend it (401, 409), once, and None when it is over.
OnTrouble = Callable[[str | None], None]


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
        self._on_trouble = on_trouble
        self._on_back = on_back
        self._link: Link = Away(now(), "Telegram has not answered yet")
        self._failures = 0
        self._conflicts = 0
        self._trouble: str | None = None
        self._is_lost_said = False
        self._unstored = Lasting(
            log, "telegram: updates wait until they can be stored", clock=lambda: now().timestamp()
        )

    @property
    def link(self) -> Link:
        """Whether it holds, since when, and if not why."""
        return self._link

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
        now = self._now()
        if isinstance(self._link, Away):
            log.info("telegram: connected, after %s", span(now - self._link.since))
            self._is_lost_said = False
            if self._on_back is not None:
                self._on_back()
        self._link = connected(self._link, now)
        if self._conflicts and now - self._link.since < CALM:
            return
        self._conflicts = 0
        self._tell(None)

    def lost(self, why: str, *, to_mend: bool = False, raw: str = "") -> None:
        """What people say does not reach us. `to_mend`: not before a person does something; `raw` is for the log."""
        # Once, however its reason changes, but for what a person has to mend: that is said with each reason of it.
        if why != self._trouble and (to_mend or not self._is_lost_said):
            log.warning("telegram: nobody is heard: %s", why if raw in why else f"{why} [{raw}]")
            self._is_lost_said = True
        self._link = away(self._link, self._now(), why)
        if to_mend:
            self._tell(why)

    def _tell(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if self._on_trouble is not None:
            self._on_trouble(trouble)

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
