"""Whether one platform can be reached: while it cannot, a probe is tried instead of the messages that are owed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from chatops.adapters.base import Fault, SendError
from chatops.link import Connected, Link, away, connected
from chatops.tasks import first_of

log = logging.getLogger(__name__)

FIRST_S = 1.0
LONGEST_S = 30.0
#: Closed again before it was open for so long, it goes on with the waits of before. Where probes are answered and
#: messages are not, each opening costs one message its certainty, as long as they are tried one by one (`is_proven`).
SETTLED_AFTER = timedelta(seconds=30)

#: After these nobody tries messages until the platform has answered a probe.
CLOSES_THE_GATE = frozenset([Fault.BACKOFF, Fault.AMBIGUOUS, Fault.DEAD_CREDENTIAL])


class Gate:
    """Open until somebody closes it, then closed until a probe gets through. `run` does the probing.

    `probe` raises `SendError` while the platform does not take us. `now` gives aware moments, `jitter` 0 to 1.
    `on_change` is told when it closes, when it opens, and when the fault becomes another one meanwhile.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
        platform: str = "platform",
        on_change: Callable[[Link], None] | None = None,
    ) -> None:
        self._probe = probe
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._platform = platform
        self._on_change = on_change
        self._link: Link = Connected(now())
        self._fault: Fault | None = None
        #: What the platform itself named as the wait before the next probe.
        self._named_wait_s: float | None = None
        self._failures = 0
        #: Whether it closed again so soon that no word from outside makes it hurry.
        self._relapsed = False
        self._is_proven = True
        self._opened = asyncio.Event()
        self._opened.set()
        self._closed = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether messages may be tried."""
        return self._fault is None

    @property
    def is_proven(self) -> bool:
        """Whether a message has got through since it last closed. Until then they are to be tried one by one."""
        return self._is_proven

    @property
    def link(self) -> Link:
        """Since when it is open, or closed and for what."""
        return self._link

    @property
    def fault(self) -> Fault | None:
        """What it is closed for, as the newest failure says; None while it is open."""
        return self._fault

    def close(self, error: SendError) -> None:
        """Let no message be tried until a probe gets through.

        Raises `ValueError` for a fault that says nothing of the platform as a whole.
        """
        if error.fault not in CLOSES_THE_GATE:
            raise ValueError(f"{error.fault} is no reason to close a platform's gate; deal with that message alone")
        if self._fault is not None:
            # What was on its way when it closed fails too. Only a lost credential says more than the probe will.
            if error.fault is Fault.DEAD_CREDENTIAL:
                self._note_failure(error.fault, str(error))
            return
        # Where messages got through since, what fails again and again is one chat, and the others need not wait for it.
        is_soon = self._now() - self._link.since < SETTLED_AFTER
        self._relapsed = self._failures > 0 and is_soon and not self._is_proven
        self._failures = self._failures + 1 if self._relapsed else 1
        self._named_wait_s = None
        self._is_proven = False
        # What was said before tells nothing of now.
        self._hurry.clear()
        log.warning("%s: nothing can be sent: %s", self._platform, _in_full(error))
        self._opened.clear()
        self._closed.set()
        self._note_failure(error.fault, str(error))

    def note_sent(self) -> None:
        """A message got through. What was on its way while it closed proves nothing of now."""
        self._is_proven = self._is_proven or self.is_open

    def note_open(self) -> None:
        """The platform answered something else: the next probe goes at once, and decides.

        A wait that the platform named is kept all the same, and so is one after an opening that did not last.
        """
        self._hurry.set()

    async def opened(self) -> None:
        """Wait until it is open. By the time that the waiter runs it may have closed again."""
        await self._opened.wait()

    async def run(self) -> None:
        """Probe while it is closed, until cancelled."""
        while True:
            await self._closed.wait()
            await self._wait_out()
            await self._try()

    async def _wait_out(self) -> None:
        wait_s = self._pause_s()
        if self._named_wait_s is not None or self._relapsed:
            await self._sleep(wait_s)
        else:
            await first_of(self._sleep(wait_s), self._hurry.wait())
        self._hurry.clear()

    def _pause_s(self) -> float:
        if self._named_wait_s is not None:
            return self._named_wait_s
        longest = LONGEST_S
        # What a person has to mend is asked after slowly from the first.
        if self._fault is not Fault.DEAD_CREDENTIAL:
            longest = min(LONGEST_S, FIRST_S * 2.0 ** min(self._failures - 1, 16))
        # Many who lost the same server do not come back at one instant.
        return longest * (1 - self._jitter() / 2)

    async def _try(self) -> None:
        try:
            await self._probe()
        except SendError as error:
            self._failures += 1
            self._named_wait_s = error.wait_s if error.fault is Fault.RETRY_AFTER else None
            self._note_failure(error.fault, str(error))
        except Exception as error:
            log.exception("%s: the probe broke on our side", self._platform)
            self._failures += 1
            self._named_wait_s = None
            self._note_failure(Fault.BACKOFF, f"our own probe broke ({type(error).__name__}); the log has it whole")
        else:
            self._open()

    def _open(self) -> None:
        was = self._link
        self._fault = None
        self._link = connected(was, self._now())
        log.info("%s: reached again after %s", self._platform, self._link.since - was.since)
        self._closed.clear()
        self._opened.set()
        self._tell()

    def _note_failure(self, fault: Fault, reason: str) -> None:
        changed = fault is not self._fault
        self._fault = fault
        self._link = away(self._link, self._now(), reason)
        if changed:
            self._tell()

    def _tell(self) -> None:
        if self._on_change is None:
            return
        try:
            self._on_change(self._link)
        except Exception:
            log.exception("%s: telling that the link changed failed", self._platform)


def _in_full(error: SendError) -> str:
    """What is wrong, with the words of whatever found it: people are told the first alone."""
    raw = str(error.__cause__ or "")
    return str(error) if raw in str(error) else f"{error} [{raw}]"
