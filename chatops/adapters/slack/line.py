"""The line from Slack: whether it holds, and how to go on for ever where it does not."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from alerts.durations import span
from chatops.lasting import Lasting
from chatops.link import Away, Link, away, connected
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

FIRST_S, LONGEST_S = 0.5, 30.0

#: Is told why the desk hears nobody where a person has to mend it, once, and None when it is over.
OnTrouble = Callable[[str | None], None]


class Lost(Exception):
    """What people say does not reach us. `to_mend`: not before a person does something."""

    def __init__(self, reason: str, *, to_mend: bool = False, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.to_mend = to_mend
        #: How long Slack wants to be left alone, where it says so.
        self.wait_s = wait_s


class Line:
    """Tries steps and waits out what fails. `jitter` gives 0 to 1; `renew` gets other tokens, and says whether it did.

    `on_trouble` is told what `OnTrouble` says, `on_back` each time that the line holds again; neither may raise.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
        renew: Callable[[], Awaitable[bool]],
        on_trouble: OnTrouble | None = None,
        on_back: Callable[[], None] | None = None,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._renew = renew
        self._on_trouble = on_trouble
        self._on_back = on_back
        self._link: Link = Away(now(), "Slack has not answered yet")
        self._failures = 0
        self._trouble: str | None = None
        self._is_lost_said = False
        self._unstored = Lasting(log, "slack: what was left over waits", clock=lambda: now().timestamp())

    @property
    def link(self) -> Link:
        """Whether it holds, since when, and if not why."""
        return self._link

    async def tried(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Take a step, and say whether it went well; where it fails wait, longer each time. Only cancelling ends it."""
        try:
            await step()
        except Lost as error:
            self._lost(str(error), error.to_mend)
            if error.to_mend and await self._renew():
                return False
            await self._wait_out(LONGEST_S if error.to_mend else None, error.wait_s)
        except StorageError as error:
            self._unstored.met(error)
            await self._wait_out()
        except Exception:
            log.exception("slack: the way in failed")
            await self._wait_out()
        else:
            self._unstored.over()
            return True
        return False

    def held(self) -> None:
        """Slack answered, and what people say reaches us."""
        self._failures = 0
        if isinstance(self._link, Away):
            log.info("slack: connected, after %s", span(self._now() - self._link.since))
            self._is_lost_said = False
            if self._on_back is not None:
                self._on_back()
        self._link = connected(self._link, self._now())
        self._tell(None)

    def _lost(self, why: str, to_mend: bool) -> None:
        # Once, however its reason changes, but for what a person has to mend: that is said with each reason of it.
        if why != self._trouble and (to_mend or not self._is_lost_said):
            log.warning("slack: nobody is heard: %s", why)
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

    async def _wait_out(self, longest: float | None = None, told_s: float | None = None) -> None:
        self._failures += 1
        if told_s is not None:
            await self._sleep(told_s)
            return
        doubled = FIRST_S * 2.0 ** min(self._failures - 1, 16)
        await self._sleep((longest or min(LONGEST_S, doubled)) * (1 - self._jitter() / 2))
