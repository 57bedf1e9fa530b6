"""The second press of an ask that waits: the only way in which anything acts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from bot_integration import Outcome
from chatops.asks import Ask, Cancel
from chatops.clerk import Clerk
from chatops.commands.registry import Registry, Reply
from chatops.fleet import Fleet
from chatops.guard.audit import StepName
from chatops.guard.permissions import Denied, Permissions
from chatops.guard.presses import StoredPress, Verdict
from chatops.ledger import Entry, Ledger, Recorded, Redemption
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.views import answers
from chatops.visit import Visit, bot_of

log = logging.getLogger(__name__)

#: Told what somebody did, so that the other rooms hear of it: the word, who, where, the bot, how it ended. It never
#: raises.
Used = Callable[[str, str, Room, str, str], Awaitable[None]]


class Confirming:
    """Confirms or cancels what waits; the row of the ask is the lock."""

    def __init__(
        self,
        *,
        clerk: Clerk,
        ledger: Ledger,
        outbox: Outbox,
        registry: Registry,
        fleet: Fleet,
        permissions: Permissions,
        used: Used,
    ) -> None:
        self._clerk = clerk
        self._ledger = ledger
        self._outbox = outbox
        self._registry = registry
        self._permissions = permissions
        self._fleet = fleet
        self._used = used

    async def settle(self, visit: Visit, stored: StoredPress, command_id: UUID) -> None:
        """Carry the waiting ask on, by a press that was judged good."""
        if isinstance(stored.ask, Cancel):
            await self._cancel(visit, stored, command_id)
        else:
            await self._confirm(visit, stored, command_id)

    async def turn_down(self, visit: Visit, stored: StoredPress, verdict: Verdict) -> None:
        """Say why a press did nothing, and record it as an ask of its own."""
        asked = visit.asked(stored.ask)
        late = verdict in (Verdict.LATE, Verdict.SPENT)
        step = StepName.EXPIRED if late else StepName.DENIED
        if verdict is Verdict.LATE and stored.command_id is not None:
            await self._expire(visit, stored, stored.command_id)
        # A press that did nothing leaves the card of the others alone: it is answered beside it.
        await self._clerk.close_with(
            visit, asked, step, answers.not_good(verdict, stored), new=verdict is not Verdict.LATE
        )

    async def _expire(self, visit: Visit, stored: StoredPress, command_id: UUID) -> None:
        step = self._clerk.step(
            command_id, StepName.EXPIRED, visit.person.name, {"answer": "Nobody confirmed in time."}
        )
        await self._ledger.record(Entry((step,), redeems=Redemption(stored.token, command_id, visit.person.name)))

    async def _cancel(self, visit: Visit, stored: StoredPress, command_id: UUID) -> None:
        message = answers.cancelled()
        draft = self._outbox.draft(
            message, visit.asking.room, asker=visit.person.name, command_id=command_id, replaces=visit.replaces
        )
        step = self._clerk.step(command_id, StepName.CANCELLED, visit.person.name, {"answer": message.title})
        entry = Entry(
            (step,),
            minted=draft.minted,
            owed=draft.owed,
            receipt=visit.receipt,
            redeems=Redemption(stored.token, command_id, visit.person.name),
        )
        if await self._ledger.record(entry) is not Recorded.BEFORE:
            await self._outbox.show(draft)
        else:
            await self.turn_down(visit, replace(stored, open=False), Verdict.SPENT)

    async def _confirm(self, visit: Visit, stored: StoredPress, command_id: UUID) -> None:
        allowed = self._permissions.check(visit.person, stored.ask, visit.asking.room)
        if isinstance(allowed, Denied):
            asked = visit.asked(stored.ask)
            await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(allowed))
            return
        entry = self._registry.entry(stored.ask)
        asking = replace(visit.asking, command_id=command_id)
        session = self._session(stored.ask)
        steps = (
            self._clerk.step(command_id, StepName.CONFIRMED, visit.person.name),
            self._clerk.step(command_id, StepName.RUNNING, visit.person.name, {"session": session} if session else {}),
        )
        redemption = Redemption(stored.token, command_id, visit.person.name)
        entry_ = Entry(steps, receipt=visit.receipt, redeems=redemption)
        if await self._ledger.record(entry_) is Recorded.BEFORE:
            await self.turn_down(visit, replace(stored, open=False), Verdict.SPENT)
            return
        # The act does not wait for its card: "closing…" is on its way while the bot closes.
        act = asyncio.create_task(entry.answer(stored.ask, asking))
        card = visit.replaces
        try:
            card = await self._progress(visit, command_id, answers.working(stored.ask), card)
            reply = await act
        except asyncio.CancelledError:
            act.cancel()
            await asyncio.gather(act, return_exceptions=True)
            raise
        except Exception:
            log.exception("%s %s broke", stored.ask.word, command_id)
            reply = Reply(answers.broke(command_id), Outcome.UNKNOWN)
        await self._finish(visit, command_id, reply, card)
        why = f" Reason: {reason}" if (reason := getattr(stored.ask, "reason", "")) else ""
        ended = f"{reply.message.title}{why}"
        await self._used(stored.ask.word, visit.person.name, visit.asking.room, bot_of(stored.ask) or "", ended)

    async def _progress(self, visit: Visit, command_id: UUID, message: Message, card: str | None) -> str | None:
        """Show it without a record; gives the card's id, another one where the old could not be edited."""
        try:
            return await self._outbox.progress(message, visit.asking.room, command_id=command_id, card=card)
        except Exception:
            # What it says is about to be overtaken; the act must be answered whatever becomes of its card.
            log.exception("the progress of %s could not be shown", command_id)
            return card

    async def _finish(self, visit: Visit, command_id: UUID, reply: Reply, card: str | None) -> None:
        draft = self._outbox.draft(
            reply.message, visit.asking.room, asker=visit.person.name, command_id=command_id, replaces=card
        )
        step = self._clerk.step(command_id, StepName.FINISHED, visit.person.name, visit.ending(reply))
        try:
            await self._ledger.record(Entry((step,), minted=draft.minted, owed=draft.owed))
        except DatabaseAway as error:
            # It was done all the same, and that is what people must hear. Its row stays "running": the next start asks
            # the bot. Debt: the spool (SPEC 6) would carry the end into the log by itself.
            log.error("the end of %s not recorded: %s", command_id, error)  # noqa: TRY400 - foreseen
            message = answers.unrecorded(reply.message)
            await self._outbox.tell(message, visit.asking.room, command_id=command_id, replaces=card)
            return
        await self._outbox.show(draft)

    def _session(self, ask: Ask) -> str | None:
        bot = self._fleet.named(bot_of(ask) or "")
        snapshot = bot.snapshot() if bot else None
        return str(snapshot.session_id) if snapshot else None
