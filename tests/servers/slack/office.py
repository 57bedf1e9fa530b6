"""Hands the app what it is owed, over Socket Mode or HTTP, and watches that it acknowledges."""

import asyncio
from contextlib import suppress

from tests.servers.common.bell import Bell
from tests.servers.slack.deliveries import Delivery, Kind, NotTaken
from tests.servers.slack.limits import EVENT_RETRIES
from tests.servers.slack.signed_http import SignedHttp
from tests.servers.slack.sockets import Sockets

#: The app has asked, in a header, not to be sent an event again.
NO_RETRY = "no_retry"


class Office:
    """Only events are sent again, three times at most. The platform waits minutes between; we wait `retry_s`."""

    def __init__(self, sockets: Sockets, http: SignedHttp, changed: Bell, *, retry_s: float) -> None:
        self.all: list[Delivery] = []
        #: How many of the next events are delivered three times though the first was acknowledged.
        self.thrice = 0
        self._sockets = sockets
        self._http = http
        self._changed = changed
        self._retry_s = retry_s
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, delivery: Delivery) -> Delivery:
        """Begin to deliver; `delivery.done` is set when it is over."""
        self.all.append(delivery)
        task = asyncio.create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return delivery

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            if delivery.kind is Kind.EVENT:
                await self._deliver_event(delivery)
            else:
                await self._try(delivery, "")
        finally:
            delivery.done.set()
            self._changed.ring()

    async def _deliver_event(self, delivery: Delivery) -> None:
        thrice = self.thrice > 0
        self.thrice -= int(thrice)
        reason = ""
        while delivery.tries <= EVENT_RETRIES:
            if delivery.tries:
                await asyncio.sleep(self._retry_s)
            if not await self._try(delivery, reason):
                if delivery.trouble == NO_RETRY:
                    return
                reason = delivery.trouble
            elif thrice and delivery.tries < 3:
                reason = self._timeout_word
            else:
                return

    @property
    def _timeout_word(self) -> str:
        return "http_timeout" if self._http.url else "timeout"

    async def _try(self, delivery: Delivery, reason: str) -> bool:
        door = self._http if self._http.url else self._sockets
        try:
            answer = await door.hand_over(delivery, reason)
        except NotTaken as error:
            delivery.trouble = error.reason if error.again else NO_RETRY
            return False
        delivery.is_acked, delivery.trouble, delivery.answer = True, "", answer
        self._changed.ring()
        return True
