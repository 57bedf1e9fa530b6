"""The card of an act that runs, edited as it comes on and without a record."""

import asyncio
import logging
from uuid import UUID

from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.room import Room

log = logging.getLogger(__name__)


class ProgressCard:
    """Says how far an act has come. That is about to be overtaken: what cannot go at once is left out."""

    def __init__(self, outbox: Outbox, room: Room, command_id: UUID, card: str | None) -> None:
        self._outbox = outbox
        self._room = room
        self._command_id = command_id
        self._card = card
        self._editing = asyncio.Lock()

    @property
    def card(self) -> str | None:
        """The message that shows it now: another one where the old could not be edited."""
        return self._card

    async def show(self, message: Message) -> None:
        """Show it; one after another. Whatever becomes of the card, the act must be answered: nothing is raised."""
        async with self._editing:
            try:
                self._card = await self._outbox.progress(
                    message, self._room, command_id=self._command_id, card=self._card
                )
            except Exception:
                log.exception("the progress of %s could not be shown", self._command_id)
