"""Puts on record what became of a visit, and then shows it: never the other way round."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chatops.guard.audit import Asked, Step, StepName, storable
from chatops.ledger import Entry, Ledger, Recorded
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.storage.errors import DatabaseAway
from chatops.visit import Visit

log = logging.getLogger(__name__)


class Clerk:
    """Writes to the ledger, shows through the outbox."""

    def __init__(self, ledger: Ledger, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._now = now

    async def answer(
        self,
        visit: Visit,
        asked: Asked,
        message: Message,
        *steps: tuple[StepName, Mapping[str, Any]],
        new: bool = False,
    ) -> None:
        """Record the ask with its first steps and its answer in one write, then show the answer."""
        draft = self._outbox.draft(
            message,
            visit.asking.room,
            asker=visit.person.name,
            command_id=asked.id,
            replaces=None if new else visit.replaces,
        )
        taken = self.step(asked.id, StepName.RECEIVED, visit.person.name, asked.facts())
        entry = Entry(
            (taken, *(self.step(asked.id, name, visit.person.name, data) for name, data in steps)),
            asked=asked,
            minted=draft.minted,
            owed=draft.owed,
            receipt=visit.receipt,
        )
        if await self._ledger.record(entry) is not Recorded.BEFORE:
            await self._outbox.show(draft)
        else:
            log.info("ask %s was handled before", asked.id)

    async def close_with(
        self, visit: Visit, asked: Asked, step: StepName, message: Message, *, new: bool = False
    ) -> None:
        """End it with this step: denied, misread or expired."""
        await self.answer(visit, asked, message, (step, {"answer": storable(message.title)}), new=new)

    async def say(self, visit: Visit, message: Message) -> None:
        """Answer without a record: the last resort, where recording is what broke."""
        try:
            await self._outbox.tell(message, visit.asking.room, command_id=visit.asking.command_id)
        except Exception:
            log.exception("ask %s could not even be answered", visit.asking.command_id)

    async def keep(self, visit: Visit) -> bool:
        """Whether what was said is stored: what is not is handed over again, and must not be answered each time."""
        if visit.receipt is None:
            return True
        try:
            await self._ledger.keep(visit.receipt)
        except DatabaseAway:
            arrival = visit.receipt.arrival
            if arrival is None or arrival.stored.is_set():
                return True
            arrival.given_up.set()
            return False
        return True

    async def pass_over(self, visit: Visit, note: str) -> None:
        """Have it not come again at the next start, as what breaks us would at every one."""
        if visit.receipt is None:
            return
        try:
            await self._ledger.pass_over(visit.receipt, note)
        except Exception:
            log.exception("the update of ask %s could not be passed over", visit.receipt.command_id)

    def step(self, command_id: UUID, name: StepName, by: str, data: Mapping[str, Any] | None = None) -> Step:
        """A step of this moment."""
        return Step(command_id, self._now(), name, by, data or {})
