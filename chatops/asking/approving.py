"""An ask that waits for a second person: approved, rejected, withdrawn or forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from chatops.asking.acting import Acting
from chatops.asking.awaited import Awaited
from chatops.asking.clerk import Clerk
from chatops.asking.second_look import Changed, Gone, SecondLook
from chatops.asking.visit import Visit
from chatops.asks import Ask, Cancel
from chatops.commands.registry import Asking, Question
from chatops.fleet import Fleet
from chatops.guard.approvals import Request, may_approve
from chatops.guard.audit import State, StepName, standing
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.guard.policy import Terms
from chatops.guard.presses import StoredPress
from chatops.ledger import Entry, Ledger, Recorded, Redemption, Unsettled
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.people import THE_DESK, Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.views import answers, approvals
from chatops.views.format import in_a_row
from chatops.words import Known

#: A step, who took it, and what is recorded with it.
Taken = tuple[StepName, str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press on a request that waits."""

    waiting: Unsettled
    visit: Visit
    token: str
    #: The message in the room of the ask that shows it.
    card: str | None

    @property
    def by(self) -> str:
        """Who pressed."""
        return self.visit.person.name

    @property
    def room(self) -> Room:
        """Where it was asked."""
        return Room.of(self.waiting.asked.platform, self.waiting.asked.room)

    @property
    def redeems(self) -> Redemption:
        """What it settles."""
        return Redemption(self.token, self.waiting.asked.id, self.by, State.AWAITING_APPROVAL)


class Approving:
    """Asks those who may approve, in the room and each by themselves, and takes the first answer."""

    def __init__(
        self,
        *,
        clerk: Clerk,
        ledger: Ledger,
        outbox: Outbox,
        awaited: Awaited,
        directory: Directory,
        fleet: Fleet,
        permissions: Permissions,
        second_look: SecondLook,
        acting: Acting,
        known: Known,
        within: timedelta,
    ) -> None:
        self._clerk = clerk
        self._ledger = ledger
        self._outbox = outbox
        self._awaited = awaited
        self._directory = directory
        self._fleet = fleet
        self._permissions = permissions
        self._second_look = second_look
        self._acting = acting
        self._known = known
        self._within = within

    async def ask(
        self, visit: Visit, wanted: approvals.Put, terms: Terms, redeems: Redemption, confirmed: Taken
    ) -> bool:
        """After its asker confirmed it, ask for another's word; False where it was settled before."""
        asker, command_id = visit.person, redeems.command_id
        awaited = self._awaited.by(visit, wanted.ask)
        if not awaited:
            needed = max(asker.role, terms.role or Role.VIEWER, key=lambda role: role.rank)
            message = approvals.nobody(needed)
            denied = (StepName.DENIED, asker.name, {"answer": message.title})
            return await self._clerk.carry_on(visit, message, redeems, confirmed, denied)
        names = [person.name for person in awaited]
        message = approvals.to_approve(wanted, asker.name, names, self._within)
        data = {"awaited": names, "preview": dict(wanted.preview)}
        asked: Taken = (StepName.ASKED_TO_APPROVE, asker.name, data)
        card = approvals.to_withdraw(message) if self._awaited.reads_alone(visit) else message
        if not await self._clerk.carry_on(visit, card, redeems, confirmed, asked):
            return False
        await self._awaited.ask(command_id, names, visit.asking.room, message, asker.name)
        return True

    async def settle(self, visit: Visit, stored: StoredPress, command_id: UUID) -> bool:
        """Take a press of Approve or Reject that was judged good; False where it was settled before."""
        if (known := await self._waiting(command_id)) is None:
            return False
        waiting, ask = known
        found = self._asker(waiting)
        here = visit.asking.room == Room.of(waiting.asked.platform, waiting.asked.room)
        pressed = Pressed(waiting, visit, stored.token, visit.replaces if here else waiting.card)
        is_no = isinstance(stored.ask, Cancel)
        if is_no and found is not None and found[0].name == pressed.by:
            return await self._end(pressed, StepName.CANCELLED, answers.cancelled())
        decision = self._judge(pressed, ask if is_no else stored.ask, found)
        if isinstance(decision, Denied):
            # That one may not says nothing of the others: it waits on.
            asked = visit.asked(ask)
            await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(decision), new=True)
            return True
        if is_no:
            return await self._end(pressed, StepName.REJECTED, approvals.rejected(pressed.by))
        if found is None:
            gone = approvals.no_longer(f"{waiting.asked.principal} may not ask any more.")
            return await self._end(pressed, StepName.DENIED, gone)
        return await self._approve(pressed, stored, found)

    async def expire(self, command_id: UUID) -> None:
        """Nobody answered in time."""
        if (found := await self._waiting(command_id)) is None:
            return
        waiting, ask = found
        message = approvals.expired(ask)
        asked = waiting.asked
        room = Room.of(asked.platform, asked.room)
        draft = self._outbox.draft(message, room, asker=asked.principal, command_id=command_id, replaces=waiting.card)
        step = self._clerk.step(command_id, StepName.EXPIRED, THE_DESK, {"answer": message.title})
        redeems = Redemption(None, command_id, THE_DESK, State.AWAITING_APPROVAL)
        entry = Entry((step,), minted=draft.minted, owed=draft.owed, redeems=redeems)
        if await self._ledger.record(entry) is not Recorded.BEFORE:
            await self._outbox.show(draft)
            await self.close_copies(waiting, message.title)

    async def close_copies(self, waiting: Unsettled, said: str) -> None:
        """Say on every copy of the request what became of it."""
        asked = waiting.asked
        ask = self._known(asked.word, asked.arguments)
        if ask is not None:
            await self._awaited.tell(waiting, approvals.ended(asked.principal or "somebody", ask, said))

    # ------------------------------------------------------------------------ inside

    async def _approve(self, pressed: Pressed, stored: StoredPress, found: tuple[Principal, Identity]) -> bool:
        (asker, sender), waiting, visit = found, pressed.waiting, pressed.visit
        ask, command_id, room = stored.ask, waiting.asked.id, pressed.room
        allowed = self._permissions.check(asker, ask, room, database_is_away=not self._ledger.is_here)
        if isinstance(allowed, Denied):
            message = approvals.no_longer(f"{asker.name} may not do it any more.")
            return await self._end(pressed, StepName.DENIED, message)
        asking = Asking(asker, sender, room, visit.asking.at, command_id, self._fleet.seen_by(asker), pressed=True)
        askers = Visit(asker, asking, visit.began, visit.receipt, pressed.card)
        approved: Taken = (StepName.APPROVED, pressed.by, {})
        match await self._second_look.at(ask, stored.preview, asking):
            case Gone(reply):
                ended = (StepName.FINISHED, asker.name, askers.ending(reply))
                if not await self._clerk.carry_on(askers, reply.message, pressed.redeems, approved, ended):
                    return False
                await self.close_copies(waiting, reply.message.title)
                return True
            case Changed(question, changes) as anew:
                by_code = allowed.terms.totp
                message = approvals.to_confirm(put(question, command_id), by_code=by_code, changes=changes)
                step = (StepName.ASKED_TO_CONFIRM, pressed.by, anew.facts)
                if not await self._clerk.carry_on(askers, message, pressed.redeems, step):
                    return False
                await self._awaited.tell(waiting, approvals.asked_anew(asker.name, changes))
                return True
        if not self._still(pressed, ask):
            message = approvals.no_longer("one of you two lost the right to it meanwhile.")
            return await self._end(pressed, StepName.DENIED, message)
        first = Entry((self._clerk.step(command_id, *approved),), receipt=visit.receipt, redeems=pressed.redeems)
        if not await self._acting.begin(askers, ask, first):
            return False
        reply = await self._acting.carry_out(askers, ask, asked_at=waiting.asked.at, approved_by=pressed.by)
        await self.close_copies(waiting, in_a_row(reply.message.title, f"Approved by {pressed.by}."))
        return True

    async def _end(self, pressed: Pressed, step: StepName, message: Message) -> bool:
        """End it with this step, done by who pressed; its card and every copy say so."""
        visit = pressed.visit
        there = replace(visit, asking=replace(visit.asking, room=pressed.room), replaces=pressed.card)
        taken = (step, pressed.by, {"answer": message.title})
        if not await self._clerk.carry_on(there, message, pressed.redeems, taken):
            return False
        await self.close_copies(pressed.waiting, message.title)
        return True

    async def _waiting(self, command_id: UUID) -> tuple[Unsettled, Ask] | None:
        """What waits for approval, where its word is still known."""
        waiting = await self._ledger.waiting(command_id)
        if waiting is None or standing(waiting.steps).state is not State.AWAITING_APPROVAL:
            return None
        ask = self._known(waiting.asked.word, waiting.asked.arguments)
        return None if ask is None else (waiting, ask)

    def _asker(self, waiting: Unsettled) -> tuple[Principal, Identity] | None:
        """Who asked, as we know them now, and from which account; None where it is not theirs any more."""
        asker = self._directory.named(waiting.asked.principal or "")
        mine = () if asker is None else asker.identities
        sender = next((one for one in mine if str(one) == waiting.asked.sender_id), None)
        return (asker, sender) if asker is not None and sender is not None else None

    def _judge(self, pressed: Pressed, ask: Ask, found: tuple[Principal, Identity] | None) -> Allowed | Denied:
        """Whether whoever has the account that pressed may, at this very moment, answer for this ask."""
        is_away, room = not self._ledger.is_here, pressed.visit.asking.room
        person = self._directory.identify(pressed.visit.asking.sender)
        if found is None or person is None:
            return self._permissions.check(person, ask, room, database_is_away=is_away)
        request = Request(ask, found[0], pressed.waiting.asked.sender_id)
        return may_approve(person, request, self._permissions, room, database_is_away=is_away)

    def _still(self, pressed: Pressed, ask: Ask) -> bool:
        """Whether both still may: a bot was asked meanwhile, and that may have taken its time."""
        found = self._asker(pressed.waiting)
        return found is not None and all(
            isinstance(decision, Allowed)
            for decision in (
                self._judge(pressed, ask, found),
                self._permissions.check(found[0], ask, pressed.room, database_is_away=not self._ledger.is_here),
            )
        )


def put(question: Question, command_id: UUID) -> approvals.Put:
    """A question as it is put to people who answer for this ask."""
    return approvals.Put(question.ask, question.message, question.preview, command_id)
