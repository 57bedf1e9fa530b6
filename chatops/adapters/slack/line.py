"""The line from Slack: whether it holds, and how to go on for ever where it does not."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from chatops.adapters.hearing import Hearing, OnTrouble
from chatops.lasting import Lasting
from chatops.link import Link
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

FIRST_S, LONGEST_S = 0.5, 30.0


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
        self._sleep = sleep
        self._jitter = jitter
        self._renew = renew
        self._hearing = Hearing("slack", log, now=now, on_trouble=on_trouble, on_back=on_back)
        self._failures = 0
        self._unstored = Lasting(log, "slack: what was left over waits", clock=lambda: now().timestamp())

    @property
    def link(self) -> Link:
        """Whether it holds, since when, and if not why."""
        return self._hearing.link

    async def tried(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Take a step, and say whether it went well; where it fails wait, longer each time. Only cancelling ends it."""
        try:
            await step()
        except Lost as error:
            self._hearing.lost(str(error), to_mend=error.to_mend)
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

    def held(self, note: str = "") -> None:
        """Slack answered, and what people say reaches us. `note` is what is wrong all the same."""
        self._failures = 0
        self._hearing.held(note)
        self._hearing.mended()

    async def _wait_out(self, longest: float | None = None, told_s: float | None = None) -> None:
        self._failures += 1
        if told_s is not None:
            await self._sleep(told_s)
            return
        doubled = FIRST_S * 2.0 ** min(self._failures - 1, 16)
        await self._sleep((longest or min(LONGEST_S, doubled)) * (1 - self._jitter() / 2))
