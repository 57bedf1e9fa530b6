"""What every way in shares: an update is stored before Slack is told that we have it, and handed on once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from chatops.adapters.own_tasks import OwnTasks
from chatops.adapters.slack.bare import bare, key_of, storable
from chatops.adapters.slack.inbound import PLATFORM, Update
from chatops.adapters.slack.sent_forms import SentForms
from chatops.adapters.slack.within import Within
from chatops.lasting import Lasting
from chatops.messages import Receipt
from chatops.storage.errors import StorageError
from chatops.storage.inbox import Inbox

log = logging.getLogger(__name__)

#: The kind that Slack hands over again where it is not told that we have it. What people command and press it does not:
#: while neither the database nor the disk takes it, it is handled, and said to have come.
_COMES_AGAIN = "event"
#: The kind that stays before whoever filled it in where Slack is not told that we have it: then it is not handled, as
#: they send it again.
_STAYS = "view"

HandOn = Callable[[Update, Receipt], Awaitable[None]]


class Intake:
    """Keeps updates in the inbox and hands those on that are new."""

    def __init__(
        self, inbox: Inbox, tasks: OwnTasks, *, hand_on: HandOn, now: Callable[[], datetime], within: Within
    ) -> None:
        self._inbox = inbox
        self._within = within
        self._tasks = tasks
        self._hand_on = hand_on
        self._now = now
        self._sent = SentForms()
        self._unstored = Lasting(log, "slack: updates wait until they can be stored", clock=lambda: now().timestamp())

    async def hand_on_leftovers(self) -> None:
        """Hand on what was stored and not handled. Raises `DatabaseAway`."""
        for left in await self._inbox.unhandled(PLATFORM):
            log.info("slack: stored update %s handed on again", left.receipt.inbox_id)
            await self._hand_on(left.payload, left.receipt)

    async def take(self, kind: str, body: Mapping[str, Any]) -> bool:
        """Store a body that came, and say whether it is: then, and only then, may Slack be told so.

        What follows does not hold that up. Storing goes on where it takes too long, since what is stored unseen would
        be handled after the next start alone.
        """
        if kind == _STAYS and self._sent.has(body):
            log.info("slack: a form that was taken was sent again")
            return True
        is_stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._tasks.begin("taking an update", partial(self._store, kind, body, is_stored))
        try:
            async with asyncio.timeout(within_s := self._within.stored_s):
                return await asyncio.shield(is_stored)
        except TimeoutError:
            log.warning("slack: an update was not stored within %.1f s: Slack is not told that it came", within_s)
            # What came at that very moment came.
            return not is_stored.cancel() and is_stored.result()

    async def _store(self, kind: str, body: Mapping[str, Any], is_stored: "asyncio.Future[bool]") -> None:
        try:
            update = bare(kind, body, self._now().timestamp())
            # Its trigger is another one each time that the same form is sent.
            key = self._sent.key(body) if kind == _STAYS else None
            receipts = await self._inbox.store(PLATFORM, [(key or key_of(kind, body), storable(update))])
        except StorageError as error:
            self._unstored.met(error)
            _say(is_stored, False)
            return
        except BaseException:
            # Whoever waits must not wait for ever; Slack hands it over again.
            _say(is_stored, False)
            raise
        self._unstored.over()
        is_taken = kind not in (_COMES_AGAIN, _STAYS) or all(map(_is_stored, receipts))
        is_heard = _say(is_stored, is_taken)
        if kind == _STAYS and is_taken and is_heard:
            self._sent.add(body)
        for receipt in receipts:
            if receipt is not None and kind == _STAYS and not (is_taken and is_heard):
                await self._leave(receipt)
            elif receipt is not None:
                await self._hand_on(update, receipt)

    async def _leave(self, receipt: Receipt) -> None:
        """It was not confirmed, and is not to be handled after the next start either."""
        if not _is_stored(receipt):
            # Nor stored once there is room again.
            assert receipt.arrival is not None
            receipt.arrival.stored.set()
            return
        try:
            await self._inbox.leave(receipt, "was not stored in time, and left with whoever filled it in")
        except StorageError as error:
            log.warning("slack: update of ask %s not marked: %s", receipt.command_id, error)


def _say(is_stored: "asyncio.Future[bool]", value: bool) -> bool:
    """Tell whoever waits; says whether anybody does."""
    if is_stored.done():
        return False
    is_stored.set_result(value)
    return True


def _is_stored(receipt: Receipt | None) -> bool:
    return receipt is None or receipt.arrival is None or receipt.arrival.stored.is_set()
