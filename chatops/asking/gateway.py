"""The one path in: know, parse, allow, ask twice, record, run, answer."""

import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any, TypeVar

from bot_integration import Outcome
from chatops.asking.acting import Acting
from chatops.asking.clerk import Clerk
from chatops.asking.confirming import Confirming
from chatops.asking.privately import Privately
from chatops.asking.replies import TurnedDown
from chatops.asking.strangers import Strangers
from chatops.asking.texts import Texts
from chatops.asking.visit import Visit, bot_of
from chatops.asks import Ask
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.fleet import Fleet
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.limits import Limits
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.guard.presses import Presses, Verdict, could_be_ours, judge, place_of
from chatops.ids import uuid7
from chatops.ledger import Entry, Ledger
from chatops.membership.joining import Joining
from chatops.messages import Filled, Incoming, Press, Text
from chatops.patience import Patience
from chatops.people import Directory
from chatops.redactor import Redactor
from chatops.storage.errors import DatabaseAway
from chatops.views import answers, approvals

log = logging.getLogger(__name__)

SaidT = TypeVar("SaidT")


class Gateway:
    """Takes what people write and press, and answers every time, to strangers with silence."""

    def __init__(
        self,
        *,
        directory: Directory,
        fleet: Fleet,
        registry: Registry,
        presses: Presses,
        ledger: Ledger,
        clerk: Clerk,
        permissions: Permissions,
        limits: Limits,
        confirming: Confirming,
        acting: Acting,
        joining: Joining,
        strangers: Strangers,
        texts: Texts,
        privately: Privately,
        now: Callable[[], datetime],
        patience: Patience,
        redact: Redactor,
    ) -> None:
        """`redact` takes the secrets of the settings out of what people type, before anybody reads or keeps it."""
        self._redact = redact
        self._directory = directory
        self._fleet = fleet
        self._registry = registry
        self._presses = presses
        self._ledger = ledger
        self._clerk = clerk
        self._permissions = permissions
        self._limits = limits
        self._confirming = confirming
        self._acting = acting
        self._joining = joining
        self._strangers = strangers
        self._texts = texts
        self._privately = privately
        self._now = now
        self._patience = patience

    async def receive(self, incoming: Incoming) -> None:
        """Handle it whole. Nothing is raised but cancellation: what breaks is logged, recorded and answered."""
        began = perf_counter()
        at = self._now()
        command_id = incoming.receipt.command_id if incoming.receipt else uuid7()
        incoming = self._without_secrets(incoming)
        if not isinstance(incoming, Press) and await self._joining.try_code(incoming, command_id, at):
            return
        person = self._directory.identify(incoming.sender)
        if person is None:
            await self._strangers.turn_away(incoming, command_id, at)
            return
        # What one person alone sees cannot be changed.
        pressed = incoming.message_id if isinstance(incoming, Press) and not incoming.alone else None
        seen = self._fleet.seen_by(person)
        room = incoming.place if isinstance(incoming, Press) else incoming.room
        pressing, around = pressed is not None, incoming.around
        asking = Asking(person, incoming.sender, room, at, command_id, seen, pressed=pressing, around=around)
        visit = Visit(person, asking, began, incoming.receipt, replaces=pressed, is_alone=incoming.alone)
        try:
            await self._handle(visit, incoming)
        except Exception:
            log.exception("ask %s broke", command_id)
            await self._clerk.say(visit, answers.broke(command_id))
            await self._clerk.pass_over(visit, "it broke, and was answered so")

    async def _handle(self, visit: Visit, incoming: Incoming) -> None:
        was_here = self._ledger.is_here
        try:
            try:
                await self._hear(visit, incoming)
            except DatabaseAway:
                if not was_here or self._ledger.is_here:
                    raise
                # It went away just now, and nothing was done yet: what can be done without it is.
                await self._hear(visit, incoming)
        except DatabaseAway as error:
            log.warning("ask %s needs the database: %s", visit.asking.command_id, error)
            await self._clerk.refuse(visit, self._said(visit, incoming))

    async def _hear(self, visit: Visit, incoming: Incoming) -> None:
        if isinstance(incoming, Press):
            await self._redeem(visit, incoming)
        else:
            await self._read(visit, incoming)

    def _without_secrets(self, incoming: Incoming) -> Incoming:
        match incoming:
            case Text():
                return replace(incoming, text=self._redact.typed(incoming.text))
            case Filled(word=word, arguments=arguments):
                filled = {name: self._redact.typed(said) for name, said in arguments.items()}
                return replace(incoming, word=self._redact.typed(word), arguments=filled)
            case _:
                return incoming

    def _said(self, visit: Visit, incoming: Incoming) -> Asked:
        """What was said, as far as that is known without the database."""
        if isinstance(incoming, Press):
            return visit.said("?", {"token": storable(incoming.token, 64)})
        return self._texts.recorded(visit, incoming)

    async def _read(self, visit: Visit, text: Text | Filled) -> None:
        read = await self._texts.read(visit, text)
        if not isinstance(read, TurnedDown):
            await self._consider(replace(visit, is_private=read.is_private), read.ask, text.at)
        elif not await self._is_too_much(visit, read.asked, None):
            await self._clerk.close_with(visit, read.asked, read.step, read.message)

    async def _redeem(self, visit: Visit, press: Press) -> None:
        # What is behind the token is looked up again for every press; the client's word counts for nothing.
        stored = await self._presses.find(press.token) if could_be_ours(press.token) else None
        verdict = judge(stored, visit.person, press.room, self._now())
        if stored is not None and verdict is not Verdict.ELSEWHERE:
            # Of an old message a platform may tell the chat, and not the topic that its answer belongs in.
            visit = replace(visit, asking=replace(visit.asking, room=place_of(stored, press)))
        if stored is not None and stored.beside:
            visit = replace(visit, asking=replace(visit.asking, pressed=False), replaces=None)
        if stored is not None and stored.command_id is None and verdict is Verdict.GOOD:
            await self._consider(visit, stored.ask, press.at)
            return
        asked = visit.said("?", {"token": storable(press.token, 64)}) if stored is None else visit.asked(stored.ask)
        if await self._is_too_much(visit, asked, None if stored is None else stored.ask, is_new=False):
            return
        if stored is None:
            await self._clerk.close_with(visit, asked, StepName.MISREAD, answers.not_good(verdict, None), new=True)
            return
        if verdict is Verdict.GOOD and self._is_stale(stored.ask, press.at):
            # However long a question may be confirmed: that was meant for the facts of back then.
            verdict = Verdict.LATE
        if verdict is Verdict.GOOD and stored.command_id is not None:
            await self._confirming.settle(visit, stored, stored.command_id)
        else:
            await self._confirming.turn_down(visit, stored, verdict)

    async def _consider(self, visit: Visit, ask: Ask, at: datetime | None) -> None:
        """An ask that is new: whether it may be, whether it is asked twice, and else what it is answered."""
        asked = visit.asked(ask)
        if await self._is_too_much(visit, asked, ask) or not await self._may(visit, asked, ask):
            return
        if self._is_stale(ask, at):
            beside = self._privately.is_beside(visit)
            await self._clerk.close_with(visit, asked, StepName.EXPIRED, answers.stale(ask), new=beside)
            return
        terms = self._permissions.policy.terms(ask)
        is_asked_twice = terms.confirm or terms.approvals > 0 or terms.totp
        if is_asked_twice or not ask.reads:
            aside = self._privately.asked(visit)
            if isinstance(aside, Denied):
                await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(aside), new=True)
                return
            visit, asked = aside, aside.asked(ask)
        # Where the settings or a bot's author spare it the second press, its question still makes its choices.
        has_choices = not ask.reads and self._registry.entry(ask).question is not None
        said = await self._question(visit, ask) if is_asked_twice or has_choices else None
        if isinstance(said, Question):
            # These count too.
            ask, terms = said.ask, self._permissions.policy.terms(said.ask)
            asked = replace(asked, arguments=ask.arguments, bot=bot_of(ask), risk=ask.moves)
            if not await self._may(visit, asked, ask):
                return
            is_asked_twice = terms.confirm or terms.approvals > 0 or terms.totp
        if isinstance(said, Question) and is_asked_twice:
            await self._confirming.ask(visit, asked, said, by_code=terms.totp)
        elif isinstance(said, Reply):
            await self._tell(visit, asked, said)
        elif ask.reads:
            saying = self._registry.entry(ask).answer(ask, visit.asking)
            await self._tell(visit, asked, await self._unless_it_breaks(visit, ask, saying))
        else:
            await self._act(visit, asked, ask)

    async def _is_too_much(self, visit: Visit, asked: Asked, ask: Ask | None, *, is_new: bool = True) -> bool:
        """Whether it is over a limit: then it is denied, and answered the first time."""
        terms = self._permissions.policy.terms(ask) if ask is not None else None
        over = self._limits.take(visit.person, ask, terms, is_new=is_new)
        if over is None:
            return False
        log.info("over the limit of %s: %s", over.what, visit.person.name)
        if over.is_first:
            data = {"reason": "limit", "answer": (message := answers.too_many(over)).title}
            await self._clerk.answer(visit, asked, message, (StepName.DENIED, data), new=True, alone=True)
        else:
            await self._clerk.leave_unanswered(visit, asked, "limit")
        return True

    async def _may(self, visit: Visit, asked: Asked, ask: Ask) -> bool:
        """Whether whoever has this account at this very moment may; that they may not is answered."""
        is_away = not self._ledger.is_here
        person = self._directory.identify(visit.asking.sender)
        if person is not None and person.name != visit.person.name:
            person = None
        allowed = self._permissions.check(person, ask, visit.asking.room, database_is_away=is_away)
        if isinstance(allowed, Allowed):
            return True
        log.info("denied %s to %s", ask.word, visit.person.name)
        await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(allowed), new=True)
        return False

    def _is_stale(self, ask: Ask, at: datetime | None) -> bool:
        """Whether it acts, and came (or may have come, where nobody knows when) while we were away."""
        return not ask.reads and (at is None or self._now() - at > self._patience.stale)

    async def _question(self, visit: Visit, ask: Ask) -> Question | Reply:
        """What is asked before the act: by a word that has no question of its own, whether it really is to be."""
        question = self._registry.entry(ask).question
        if question is None:
            return Question(ask, approvals.really(ask))
        return await self._unless_it_breaks(visit, ask, question(ask, visit.asking))

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
