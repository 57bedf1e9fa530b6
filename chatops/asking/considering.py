"""What becomes of an ask that is new: it is answered, asked back, or done at once."""

import logging
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from bot_integration import Outcome
from chatops.asking.acting import Acting
from chatops.asking.allowing import Allowing
from chatops.asking.clerk import Clerk
from chatops.asking.confirming import Confirming
from chatops.asking.privately import Privately
from chatops.asking.visit import Visit, bot_of
from chatops.asks import Ask
from chatops.commands.registry import Question, Registry, Reply
from chatops.guard.audit import Asked, StepName
from chatops.guard.permissions import Denied, Permissions
from chatops.guard.policy import Terms
from chatops.ledger import Entry
from chatops.storage.errors import DatabaseAway
from chatops.views import answers, approvals

log = logging.getLogger(__name__)

SaidT = TypeVar("SaidT")


class Considering:
    """Takes an ask as far as it goes without another word of whoever asked."""

    def __init__(
        self,
        *,
        allowing: Allowing,
        registry: Registry,
        clerk: Clerk,
        permissions: Permissions,
        confirming: Confirming,
        acting: Acting,
        privately: Privately,
    ) -> None:
        self._allowing = allowing
        self._registry = registry
        self._clerk = clerk
        self._permissions = permissions
        self._confirming = confirming
        self._acting = acting
        self._privately = privately

    async def consider(self, visit: Visit, ask: Ask, at: datetime | None) -> None:
        """Say why it may not be, ask whether it really is to be, or answer it.

        `at` is when it was made; None where it may have waited while we were away. Raises `DatabaseAway`.
        """
        asked = visit.asked(ask)
        if await self._allowing.is_too_much(visit, asked, ask) or not await self._allowing.may(visit, asked, ask):
            return
        if self._allowing.is_stale(ask, at):
            beside = self._privately.is_beside(visit)
            await self._clerk.close_with(visit, asked, StepName.EXPIRED, answers.stale(ask), new=beside)
            return
        terms = self._permissions.policy.terms(ask)
        if _is_asked_twice(terms) or not ask.reads:
            aside = self._privately.asked(visit)
            if isinstance(aside, Denied):
                await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(aside), new=True)
                return
            visit, asked = aside, aside.asked(ask)
        said = await self._asked_back(visit, ask, terms)
        if isinstance(said, Reply):
            await self._tell(visit, asked, said)
            return
        if said is not None:
            # What the question settled counts too.
            ask, terms = said.ask, self._permissions.policy.terms(said.ask)
            asked = replace(asked, arguments=ask.arguments, bot=bot_of(ask), risk=ask.moves)
            if not await self._allowing.may(visit, asked, ask):
                return
            if _is_asked_twice(terms):
                await self._confirming.ask(visit, asked, said, by_code=terms.totp)
                return
        if ask.reads:
            saying = self._registry.entry(ask).answer(ask, visit.asking)
            await self._tell(visit, asked, await self._unless_it_breaks(visit, ask, saying))
        else:
            await self._act(visit, asked, ask)

    async def _asked_back(self, visit: Visit, ask: Ask, terms: Terms) -> Question | Reply | None:
        """What is asked before the act; None where nothing is.

        Where the settings or a bot's author spare it the second press, its question still makes its choices.
        """
        question = self._registry.entry(ask).question
        if question is not None and (_is_asked_twice(terms) or not ask.reads):
            return await self._unless_it_breaks(visit, ask, question(ask, visit.asking))
        return Question(ask, approvals.really(ask)) if _is_asked_twice(terms) else None

    async def _unless_it_breaks(self, visit: Visit, ask: Ask, saying: Coroutine[Any, Any, SaidT]) -> SaidT | Reply:
        """What a command says. What breaks there has done nothing yet, and is on record like any other."""
        try:
            return await saying
        except DatabaseAway:
            raise
        except Exception:
            log.exception("%s %s broke", ask.word, visit.asking.command_id)
            return Reply(answers.broke(visit.asking.command_id), Outcome.FAILED)

    async def _tell(self, visit: Visit, asked: Asked, reply: Reply) -> None:
        there, ending = self._privately.told(visit, reply.message), visit.ending(reply)
        steps = ((StepName.RUNNING, dict[str, Any]()), (StepName.FINISHED, ending))
        await self._clerk.answer(there, asked, reply.message, *steps, alone=there.is_alone)

    async def _act(self, visit: Visit, asked: Asked, ask: Ask) -> None:
        """Do at once what nobody has to confirm: on record before it is done."""
        taken = self._clerk.step(asked.id, StepName.RECEIVED, visit.person.name, asked.facts())
        if await self._acting.begin(visit, ask, Entry((taken,), asked=asked, receipt=visit.receipt)):
            await self._acting.carry_out(visit, ask, asked_at=asked.at)
        else:
            log.info("ask %s was handled before", asked.id)


def _is_asked_twice(terms: Terms) -> bool:
    return terms.confirm or terms.approvals > 0 or terms.totp
