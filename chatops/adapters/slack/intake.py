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
from chatops.lasting import Lasting
from chatops.messages import Receipt
from chatops.storage.errors import StorageError
from chatops.storage.inbox import Inbox

log = logging.getLogger(__name__)

#: Contract, limits.interaction.ack_s is 3 s: what is not stored by then is not confirmed, and comes again.
STORED_WITHIN_S = 2.5

#: The kind that Slack hands over again where it is not told that we have it. What people command and press it does not:
#: while neither the database nor the disk takes it, it is handled, and said to have come.
_COMES_AGAIN = "event"

HandOn = Callable[[Update, Receipt], Awaitable[None]]


class Intake:
    """Keeps updates in the inbox and hands those on that are new."""

    def __init__(self, inbox: Inbox, tasks: OwnTasks, *, hand_on: HandOn, now: Callable[[], datetime]) -> None:
        self._inbox = inbox
        self._tasks = tasks
        self._hand_on = hand_on
        self._now = now
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
        is_stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._tasks.begin("taking an update", partial(self._store, kind, body, is_stored))
        try:
            async with asyncio.timeout(STORED_WITHIN_S):
                return await asyncio.shield(is_stored)
        except TimeoutError:
            log.warning(
                "slack: an update was not stored within %.1f s: Slack is not told that it came", STORED_WITHIN_S
            )
            return False

    async def _store(self, kind: str, body: Mapping[str, Any], is_stored: "asyncio.Future[bool]") -> None:
        try:
            update = bare(kind, body, self._now().timestamp())
            receipts = await self._inbox.store(PLATFORM, [(key_of(kind, body), storable(update))])
        except StorageError as error:
            self._unstored.met(error)
            is_stored.set_result(False)
            return
        except BaseException:
            # Whoever waits must not wait for ever; Slack hands it over again.
            is_stored.set_result(False)
            raise
        self._unstored.over()
        is_stored.set_result(kind != _COMES_AGAIN or all(map(_is_stored, receipts)))
        for receipt in receipts:
            if receipt is not None:
                await self._hand_on(update, receipt)


def _is_stored(receipt: Receipt | None) -> bool:
    return receipt is None or receipt.arrival is None or receipt.arrival.stored.is_set()
