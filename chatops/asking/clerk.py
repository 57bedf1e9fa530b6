"""Puts on record what became of a visit, and then shows it: never the other way round."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chatops.asking.visit import Visit
from chatops.delivery.endings import Ends
from chatops.drafts import Draft
from chatops.guard.audit import Asked, Step, StepName, storable
from chatops.ledger import Aside, Entry, Ledger, Recorded, Redemption
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.owed import State
from chatops.storage.errors import DatabaseAway
from chatops.views import answers

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
        aside: Aside = Aside.ON_DISK,
        alone: bool = False,
    ) -> None:
        """Record the ask with its first steps and its answer in one write, then show the answer.

        With `alone` to whoever asks alone, where the platform can and it changes no message.
        """
        draft = self._outbox.draft(
            message,
            visit.room,
            asker=visit.person.name,
            command_id=asked.id,
            # A message that was edited does not ask a client for a reply.
            replaces=None if new or message.wanted is not None else visit.replaces,
            whisper_to=visit.asking.sender if alone else None,
        )
        taken = self.step(asked.id, StepName.RECEIVED, visit.person.name, asked.facts())
        entry = Entry(
            (taken, *(self.step(asked.id, name, visit.person.name, {**data, **visit.place}) for name, data in steps)),
            asked=asked,
            minted=draft.minted,
            owed=draft.owed,
            receipt=visit.receipt,
            aside=aside,
        )
        if await self._ledger.record(entry) is not Recorded.BEFORE:
            await self.show(visit, draft)
        else:
            log.info("ask %s was handled before", asked.id)

    async def show(self, visit: Visit, draft: Draft) -> None:
        """Show what is on record. Who cannot be reached where they alone read is told so where they asked."""
        ending = await self._outbox.put(draft)
        elsewhere = visit.room != (asked_in := visit.asked_in or visit.asking.room)
        if elsewhere and isinstance(ending, Ends) and ending.state is State.DEAD:
            there = replace(visit, answer_in=None, asking=replace(visit.asking, room=asked_in))
            await self.say(there, answers.unreached(acts=visit.asked_in is not None), alone=True)

    async def close_with(
        self, visit: Visit, asked: Asked, step: StepName, message: Message, *, new: bool = False
    ) -> None:
        """End it with this step: denied, misread or expired. That is for whoever asked alone."""
        await self.answer(visit, asked, message, (step, {"answer": storable(message.title)}), new=new, alone=True)

    async def leave_unanswered(self, visit: Visit, asked: Asked, reason: str) -> None:
        """Record that it was denied for this reason, and say nothing."""
        steps = (
            self.step(asked.id, StepName.RECEIVED, visit.person.name, asked.facts()),
            self.step(asked.id, StepName.DENIED, visit.person.name, {"reason": reason}),
        )
        await self._ledger.record(Entry(steps, asked=asked, receipt=visit.receipt))

    async def carry_on(
        self, visit: Visit, message: Message, redeems: Redemption, *steps: tuple[StepName, str, Mapping[str, Any]]
    ) -> bool:
        """Take an ask that waits to its next steps, each with who did it, and show on its card what that means.

        `visit` is its asker's. False: it was settled before, and nothing is shown.
        """
        command_id = redeems.command_id
        draft = self._outbox.draft(
            message, visit.asking.room, asker=visit.person.name, command_id=command_id, replaces=visit.replaces
        )
        entry = Entry(
            tuple(self.step(command_id, name, by, data) for name, by, data in steps),
            minted=draft.minted,
            owed=draft.owed,
            receipt=visit.receipt,
            redeems=redeems,
        )
        if await self._ledger.record(entry) is Recorded.BEFORE:
            return False
        await self._outbox.show(draft)
        return True

    async def refuse(self, visit: Visit, asked: Asked) -> None:
        """End what cannot be done, or known, without the database; said also where not even the disk takes it."""
        try:
            await self.close_with(visit, asked, StepName.DENIED, answers.database_away(), new=True)
        except DatabaseAway as error:
            log.error("ask %s is on no record: %s", asked.id, error)  # noqa: TRY400 - foreseen
            await self.say(visit, answers.nowhere_to_record(), alone=True)

    async def say(self, visit: Visit, message: Message, *, alone: bool = False) -> None:
        """Answer without a record: the last resort, where recording is what broke. With `alone` as `answer`."""
        asking, to = visit.asking, visit.asking.sender if alone else None
        try:
            await self._outbox.tell(message, asking.room, command_id=asking.command_id, whisper_to=to)
        except Exception:
            log.exception("ask %s could not even be answered", visit.asking.command_id)

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
