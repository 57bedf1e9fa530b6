"""The one door out: mint tokens, show or edit in place, remember what was shown."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from chatops.adapters.base import Adapter, SendError
from chatops.guard.presses import StoredPress, seal
from chatops.ids import uuid7
from chatops.ledger import Ledger, Owed
from chatops.messages import Message, Room
from chatops.storage.errors import DatabaseAway

log = logging.getLogger(__name__)


#: Between the tries to show one message, in seconds.
_WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: A platform that wants to be left alone for longer than this is not waited for.
_LONGEST_WAIT_S = 60.0


class Outbox:
    """Shows messages in rooms, whatever the platform."""

    def __init__(
        self,
        adapters: Iterable[Adapter],
        ledger: Ledger,
        now: Callable[[], datetime],
        confirm_within: timedelta,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._ledger = ledger
        self._now = now
        self._confirm_within = confirm_within
        self._sleep = sleep

    def draft(
        self,
        message: Message,
        room: Room,
        *,
        asker: str | None,
        command_id: UUID,
        replaces: str | None = None,
    ) -> tuple[Owed, tuple[StoredPress, ...]]:
        """The message as it will be owed, and the tokens of its buttons: to be recorded before `show`."""
        posting, minted = seal(message, room, asker, self._now(), self._confirm_within)
        return Owed(uuid7(), room, posting, command_id, replaces), minted

    async def show(self, owed: Owed, *, recorded: bool = True) -> str | None:
        """Put it before people; gives its id there, None where the platform did not take it.

        What is recorded is tried again for a minute where that makes no second message. Debt: after that it stays
        `pending` until the next start; the senders of SPEC 8 would go on.
        """
        waits = iter(_WAITS_S if recorded else ())
        while True:
            try:
                message_id = await self._put(owed)
            except SendError as error:
                log.warning("message %s not shown in %s: %s", owed.id, owed.room, error)
                wait = next(waits, None)
                # An edit that arrives twice is the same card; a new message would be a second one.
                again = not error.permanent and (error.unsent or owed.replaces is not None)
                if wait is not None and again and (error.wait_s or 0) <= _LONGEST_WAIT_S:
                    await self._sleep(max(wait, error.wait_s or 0))
                    continue
                if recorded:
                    await self._note(owed, self._ledger.undeliverable(owed.id, str(error), permanent=error.permanent))
                return None
            if recorded:
                await self._note(owed, self._ledger.delivered(owed.id, message_id))
            return message_id

    async def _put(self, owed: Owed) -> str:
        adapter = self._adapters.get(owed.room.platform)
        if adapter is None:
            raise SendError(f"there is no {owed.room.platform} here", permanent=True)
        if owed.replaces is None:
            return await adapter.send(owed.room, owed.posting)
        return await adapter.edit(owed.room, owed.replaces, owed.posting)

    async def _note(self, owed: Owed, noting: Awaitable[None]) -> None:
        try:
            await noting
        except DatabaseAway as error:
            # People have what they have, whether it is noted or not; the next start calls it perhaps shown.
            log.warning("what became of message %s not recorded: %s", owed.id, error)
