"""An ask that waits for its asker: confirmed by a second press or a code, or cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol
from uuid import UUID

from bot_integration import Outcome
from chatops.asking.acting import Acting
from chatops.asking.approving import Approving, Taken, put
from chatops.asking.clerk import Clerk
from chatops.asking.second_look import Changed, Gone, Holds, SecondLook
from chatops.asking.visit import Visit
from chatops.asks import Ask, Cancel
from chatops.commands.registry import Asking, Question, Reply
from chatops.guard.audit import Asked, State, StepName, standing, storable
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.guard.presses import StoredPress, Verdict
from chatops.ledger import Entry, Ledger, Redemption, Unsettled, aside_of
from chatops.messages import Whose
from chatops.patience import Patience
from chatops.people import Directory
from chatops.room import Room
from chatops.views import answers, approvals
from chatops.words import Known


class Codes(Protocol):
    """Who can prove themselves by a code."""

    async def is_enrolled(self, person: str) -> bool:
        """Whether the person of this name can. Raises `DatabaseAway`."""
        ...


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What its asker says yes to: the ask, and what was shown of it."""

    command_id: UUID
    ask: Ask
    #: When it was asked, which what people want is dated by; not when it is confirmed.
    at: datetime
    shown: Mapping[str, Any]
    #: The press; None where it is a code.
    token: str | None


class Confirming:
    """Asks twice, and takes the answer. Of several answers at one instant the first counts: the ledger sees to it."""

    def __init__(
        self,
        *,
        clerk: Clerk,
        ledger: Ledger,
        directory: Directory,
        permissions: Permissions,
        second_look: SecondLook,
        acting: Acting,
        approving: Approving,
        codes: Codes,
        known: Known,
        patience: Patience,
    ) -> None:
        self._clerk = clerk
        self._ledger = ledger
        self._directory = directory
        self._permissions = permissions
        self._second_look = second_look
        self._acting = acting
        self._approving = approving
        self._codes = codes
        self._known = known
        self._patience = patience

    async def ask(self, visit: Visit, asked: Asked, question: Question, *, by_code: bool) -> None:
        """Ask twice, with `by_code` the second time for a code; `asked` is the row of the question's own ask."""
        if by_code and not await self._codes.is_enrolled(visit.person.name):
            await self._clerk.close_with(visit, asked, StepName.DENIED, approvals.enrol_first(question.ask), new=True)
            return
        message = approvals.to_confirm(put(question, asked.id), by_code=by_code)
        to_confirm = (StepName.ASKED_TO_CONFIRM, {"preview": dict(question.preview)})
        await self._clerk.answer(visit, asked, message, to_confirm, aside=aside_of(question.ask))

    async def settle(self, visit: Visit, stored: StoredPress, command_id: UUID) -> None:
        """Carry the waiting ask on, by a press that was judged good."""
        if stored.whose is Whose.ANOTHER:
            goes_on = await self._approving.settle(visit, stored, command_id)
        elif isinstance(stored.ask, Cancel):
            goes_on = await self._cancel(visit, Redemption(stored.token, command_id, visit.person.name))
        else:
            confirmation = Confirmation(
                command_id, stored.ask, stored.asked_at or stored.created_at, stored.preview, stored.token
            )
            goes_on = await self._confirm(visit, confirmation, by_code=False)
        if not goes_on:
            await self.turn_down(visit, replace(stored, open=False), Verdict.SPENT)

    async def awaiting_code(self, person: str) -> UUID | None:
        """The newest ask of this person that waits for a code. Raises `DatabaseAway`."""
        for waiting in await self._ledger.waiting_of(person):
            ask = self._known(waiting.asked.word, waiting.asked.arguments)
            is_asked = standing(waiting.steps).state is State.AWAITING_CONFIRMATION
            if is_asked and ask is not None and self._permissions.policy.terms(ask).totp:
                return waiting.asked.id
        return None

    async def confirm_by_code(self, command_id: UUID, asking: Asking) -> Reply:
        """Confirm what `asking.person` was asked, who has proved themselves; gives what is answered to the code.

        What came of it is told on the card of the question.
        """
        verdict = await self._confirm_by_code(await self._ledger.waiting(command_id), asking)
        outcome = Outcome.DONE if verdict is Verdict.GOOD else Outcome.REFUSED
        return Reply(approvals.code_taken() if verdict is Verdict.GOOD else approvals.code_too_late(), outcome)

    async def _confirm_by_code(self, waiting: Unsettled | None, asking: Asking) -> Verdict:
        if waiting is None or standing(waiting.steps).state is not State.AWAITING_CONFIRMATION:
            return Verdict.SPENT
        asked, shown = waiting.asked, _shown(waiting)
        ask = self._known(asked.word, asked.arguments)
        if ask is None:
            return Verdict.SPENT
        if asked.principal != asking.person.name:
            return Verdict.ANOTHERS
        if asking.at > waiting.steps[-1].at + self._patience.confirm:
            return Verdict.LATE
        there = replace(asking, room=Room.of(asked.platform, asked.room), pressed=True)
        visit = Visit(asking.person, there, perf_counter(), replaces=waiting.card)
        goes_on = await self._confirm(visit, Confirmation(asked.id, ask, asked.at, shown, None), by_code=True)
        return Verdict.GOOD if goes_on else Verdict.SPENT

    async def turn_down(self, visit: Visit, stored: StoredPress, verdict: Verdict) -> None:
        """Say why a press did nothing, and record it as an ask of its own."""
        asked = visit.asked(stored.ask)
        late = verdict in (Verdict.LATE, Verdict.SPENT)
        step = StepName.EXPIRED if late else StepName.DENIED
        if verdict is Verdict.LATE and stored.command_id is not None:
            await self._expire(visit, stored, stored.command_id)
        # A press that did nothing leaves the card of the others alone: it is answered beside it.
        in_place = verdict is Verdict.LATE and stored.whose is Whose.ASKER
        await self._clerk.close_with(visit, asked, step, answers.not_good(verdict, stored), new=not in_place)

    async def _expire(self, visit: Visit, stored: StoredPress, command_id: UUID) -> None:
        if stored.whose is Whose.ANOTHER:
            # One press that came too late ends what others may still approve only when its time is over.
            if stored.expires_at is not None and visit.asking.at > stored.expires_at:
                await self._approving.expire(command_id)
            return
        step = self._clerk.step(command_id, StepName.EXPIRED, visit.person.name, {"answer": answers.NOT_CONFIRMED})
        redeems = Redemption(stored.token, command_id, visit.person.name, State.AWAITING_CONFIRMATION)
        await self._ledger.record(Entry((step,), redeems=redeems))

    async def _cancel(self, visit: Visit, redeems: Redemption) -> bool:
        message = answers.cancelled()
        return await self._clerk.carry_on(
            visit, message, redeems, (StepName.CANCELLED, visit.person.name, {"answer": message.title})
        )

    async def _confirm(self, visit: Visit, confirmation: Confirmation, *, by_code: bool) -> bool:
        """All that has to be so at this moment, and then the act; False where it was settled before."""
        ask, command_id, name = confirmation.ask, confirmation.command_id, visit.person.name
        visit = replace(visit, asking=replace(visit.asking, command_id=command_id))
        redeems = Redemption(confirmation.token, command_id, name, State.AWAITING_CONFIRMATION)
        allowed = self._permissions.check(
            visit.person, ask, visit.asking.room, database_is_away=not self._ledger.is_here
        )
        if not isinstance(allowed, Denied) and allowed.terms.totp and not by_code:
            allowed = Denied(f"/{ask.form} needs a code by now. Ask again.")
        if isinstance(allowed, Denied):
            return await self._deny(visit, allowed, redeems)
        confirmed = (StepName.CONFIRMED, name, {"by": "code"} if by_code else {})
        needs_another = allowed.terms.approvals > 0
        match await self._second_look.at(ask, confirmation.shown, visit.asking, always=needs_another):
            case Gone(reply):
                ended = (StepName.FINISHED, name, visit.ending(reply))
                return await self._clerk.carry_on(visit, reply.message, redeems, confirmed, ended)
            case Changed(question, changes) as anew:
                message = approvals.to_confirm(put(question, command_id), by_code=by_code, changes=changes)
                step = (StepName.ASKED_TO_CONFIRM, name, anew.facts)
                return await self._clerk.carry_on(visit, message, redeems, step)
            case Holds(question) if needs_another:
                asked = question or Question(ask, approvals.really(ask))
                return await self._approving.ask(visit, put(asked, command_id), allowed.terms, redeems, confirmed)
        if isinstance(late := self._allowed(visit, ask), Denied):
            # Their bot was asked meanwhile, and that may have taken its time.
            return await self._deny(visit, late, redeems, confirmed)
        first = Entry((self._clerk.step(command_id, *confirmed),), receipt=visit.receipt, redeems=redeems)
        if not await self._acting.begin(visit, ask, first):
            return False
        await self._acting.carry_out(visit, ask, asked_at=confirmation.at)
        return True

    async def _deny(self, visit: Visit, denied: Denied, redeems: Redemption, *before: Taken) -> bool:
        """End it since they may not, after these steps."""
        message = answers.denied(denied)
        step = (StepName.DENIED, visit.person.name, {"answer": storable(message.title)})
        return await self._clerk.carry_on(visit, message, redeems, *before, step)

    def _allowed(self, visit: Visit, ask: Ask) -> Allowed | Denied:
        """Whether whoever has this account at this very moment may."""
        person = self._directory.identify(visit.asking.sender)
        if person is not None and person.name != visit.person.name:
            person = None
        return self._permissions.check(person, ask, visit.asking.room, database_is_away=not self._ledger.is_here)


def _shown(waiting: Unsettled) -> Mapping[str, Any]:
    """What its question showed last."""
    shown: Mapping[str, Any] = waiting.steps[-1].data.get("preview", {})
    return shown
