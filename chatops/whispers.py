"""Messages that show a secret: stored nowhere, and taken away again."""

import logging
from collections.abc import Iterable

from chatops.adapters.base import Adapter, SendError
from chatops.ids import uuid7
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.room import Room

log = logging.getLogger(__name__)


class Whispers:
    """Shows them, as far as a platform takes them at once."""

    def __init__(self, adapters: Iterable[Adapter], outbox: Outbox) -> None:
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._outbox = outbox

    async def whisper(self, message: Message, room: Room) -> str | None:
        """Show a message that must be stored nowhere; gives its id, None where it cannot go at once.

        It may be there all the same where the platform did not answer.
        """
        return await self._outbox.progress(message, room, command_id=uuid7(), card=None)

    async def take_away(self, room: Room, message_id: str) -> bool:
        """Take one away. Whether it is gone."""
        adapter = self._adapters.get(room.platform)
        if adapter is None:
            return False
        try:
            await adapter.delete(room, message_id)
        except SendError as error:
            log.warning("message %s in %s could not be taken away: %s", message_id, room, error)
            return False
        return True
