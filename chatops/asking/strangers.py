"""Strangers: nothing that they say is answered, and all of it is on record."""

import logging
from datetime import datetime
from uuid import UUID

from chatops.asking.clerk import Clerk
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.recordable import without_codes
from chatops.ledger import Entry, Ledger
from chatops.messages import Incoming, Press
from chatops.storage.errors import DatabaseAway

log = logging.getLogger(__name__)


class Strangers:
    """Turns them away."""

    def __init__(self, clerk: Clerk, ledger: Ledger) -> None:
        self._clerk = clerk
        self._ledger = ledger

    async def turn_away(self, incoming: Incoming, command_id: UUID, at: datetime) -> None:
        """Put on record that a stranger came, and say nothing. Never raises but for cancellation."""
        log.warning("stranger %s in %s", incoming.sender, incoming.room)
        said = incoming.token if isinstance(incoming, Press) else incoming.text
        by = str(incoming.sender)
        asked = Asked(
            id=command_id,
            at=at,
            platform=incoming.room.platform,
            principal=None,
            sender_id=by,
            room=incoming.room.key,
            bot=None,
            word="?",
            arguments={"text": storable(without_codes(said), 200)},
            risk=None,
        )
        steps = (
            self._clerk.step(command_id, StepName.RECEIVED, by, asked.facts()),
            self._clerk.step(command_id, StepName.DENIED, by, {"reason": "stranger"}),
        )
        try:
            await self._ledger.record(Entry(steps, asked=asked, receipt=incoming.receipt))
        except DatabaseAway as error:
            log.warning("stranger %s not recorded: %s", incoming.sender, error)
        except Exception:
            log.exception("turning away %s broke", command_id)
