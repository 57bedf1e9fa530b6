"""The one door out: mint tokens, show or edit in place, remember what was shown."""

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


class Outbox:
    """Shows messages in rooms, whatever the platform."""

    def __init__(
        self,
        adapters: Iterable[Adapter],
        ledger: Ledger,
        now: Callable[[], datetime],
        confirm_within: timedelta,
    ) -> None:
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._ledger = ledger
        self._now = now
        self._confirm_within = confirm_within

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
        """Put it before people; gives its id there, None where the platform did not take it."""
        adapter = self._adapters.get(owed.room.platform)
        try:
            if adapter is None:
                raise SendError(f"there is no {owed.room.platform} here", permanent=True)
            if owed.replaces is None:
                message_id = await adapter.send(owed.room, owed.posting)
            else:
                message_id = await adapter.edit(owed.room, owed.replaces, owed.posting)
        except SendError as error:
            log.warning("message %s not shown in %s: %s", owed.id, owed.room, error)
            if recorded:
                await self._note(owed, self._ledger.undeliverable(owed.id, str(error), permanent=error.permanent))
            return None
        if recorded:
            await self._note(owed, self._ledger.delivered(owed.id, message_id))
        return message_id

    async def _note(self, owed: Owed, noting: Awaitable[None]) -> None:
        try:
            await noting
        except DatabaseAway as error:
            # People have what they have, whether it is noted or not; the next start calls it perhaps shown.
            log.warning("what became of message %s not recorded: %s", owed.id, error)
