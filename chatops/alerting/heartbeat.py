"""Tells somebody else, over HTTP, that the desk does its work: they notice our own death."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import aiohttp

from alerts.auditor import Audit
from alerts.heartbeat import why_silent

log = logging.getLogger(__name__)

#: Before it is looked again whether all is in time.
LOOK_AGAIN_S = 1.0
#: For the whole call.
ANSWER_WITHIN_S = 10.0


class Heartbeat:
    """Calls `url` every so often, as long as the newest audit says that all is in time. `run` does, until cancelled."""

    def __init__(
        self,
        url: str,
        every: timedelta,
        audited: Callable[[], Audit | None],
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        """`now` is the clock that the audits go by."""
        self._url = url
        self._every_s = every.total_seconds()
        self._audited = audited
        self._now = now
        self._sleep = sleep
        self._timeout = aiohttp.ClientTimeout(total=min(answer_within_s, self._every_s))
        #: Why the last one was not sent; None: nothing was said of it yet.
        self._silent: str | None = None
        self._is_heard = True

    async def run(self) -> None:
        """Beat, until cancelled."""
        async with aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                await self._sleep(await self.beat(session))

    async def beat(self, session: aiohttp.ClientSession) -> float:
        """Call, where all is in time; gives the seconds until the next turn. It does not raise."""
        try:
            audited = self._audited()
            why = why_silent(audited, self._now())
            if audited is not None:
                self._note_silence(why)
            if why:
                return min(LOOK_AGAIN_S, self._every_s)
            await self._call(session)
        except Exception:
            log.exception("no heartbeat was sent")
        return self._every_s

    async def _call(self, session: aiohttp.ClientSession) -> None:
        """The address may be secret: nothing of it is logged, nor of what aiohttp says of it."""
        try:
            async with session.get(self._url, allow_redirects=False) as response:
                failed = "" if response.status < 300 else f"it answered {response.status}"
        except (aiohttp.ClientError, OSError) as error:
            failed = type(error).__name__
        if failed and self._is_heard:
            log.warning("the heartbeat is not heard: %s; it is sent again at its next turn", failed)
        elif not failed and not self._is_heard:
            log.info("the heartbeat is heard again")
        self._is_heard = not failed

    def _note_silence(self, why: str) -> None:
        # How long it is changes each time.
        if bool(why) != bool(self._silent) and (why or self._silent is not None):
            if why:
                log.warning("no heartbeat is sent: %s", why)
            else:
                log.info("the heartbeat goes on")
        self._silent = why
