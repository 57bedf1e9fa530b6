"""The one path in: know, parse, allow, ask twice, record, run, answer."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from uuid import UUID

from bot_integration import Outcome
from chatops.asks import Ask, Cancel
from chatops.clerk import Clerk
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.confirming import Confirming, Used
from chatops.fleet import Fleet
from chatops.grammar import Misread, parse
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.permissions import Denied, Permissions
from chatops.guard.presses import Presses, Verdict, could_be_ours, judge
from chatops.ids import uuid7
from chatops.ledger import Entry, Ledger
from chatops.messages import Button, Incoming, Press, Text
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.storage.errors import DatabaseAway
from chatops.views import answers
from chatops.visit import Visit, bot_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things count."""

    #: For this long a question may be confirmed.
    confirm: timedelta = timedelta(seconds=60)
    #: What acts and is older than this came while we were away, and is asked for again.
    stale: timedelta = timedelta(seconds=60)


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
        outbox: Outbox,
        permissions: Permissions,
        now: Callable[[], datetime],
        patience: Patience,
        used: Used,
    ) -> None:
        self._directory = directory
        self._fleet = fleet
        self._registry = registry
        self._permissions = permissions
        self._presses = presses
        self._ledger = ledger
        self._now = now
        self._patience = patience
        self._clerk = Clerk(ledger, outbox, now)
        self._confirming = Confirming(
            clerk=self._clerk,
            ledger=ledger,
            outbox=outbox,
            registry=registry,
            fleet=fleet,
            permissions=permissions,
            used=used,
        )

    async def receive(self, incoming: Incoming) -> None:
        """Handle it whole. Nothing is raised but cancellation: what breaks is logged, recorded and answered."""
        began = perf_counter()
        at = self._now()
        command_id = incoming.receipt.command_id if incoming.receipt else uuid7()
        person = self._directory.identify(incoming.sender)
        if person is None:
            try:
                await self._turn_away(incoming, command_id, at)
            except Exception:
                log.exception("turning away %s broke", command_id)
            return
        asking = Asking(person, incoming.sender, incoming.room, at, command_id, pressed=isinstance(incoming, Press))
        visit = Visit(incoming, person, asking, began)
        try:
            if isinstance(incoming, Text):
                await self._read(visit, incoming)
            else:
                await self._redeem(visit, incoming)
        except DatabaseAway as error:
            log.warning("ask %s not recorded: %s", command_id, error)
            if await self._clerk.keep(visit):
                await self._clerk.say(visit, answers.database_away())
        except Exception:
            log.exception("ask %s broke", command_id)
            await self._clerk.say(visit, answers.broke(command_id))
            await self._clerk.pass_over(visit, "it broke, and was answered so")

    async def _read(self, visit: Visit, text: Text) -> None:
        parsed = parse(text.text, self._fleet.names)
        if isinstance(parsed, Misread):
            asked = visit.said(parsed.word or "?", {"text": storable(text.text, 200)})
            await self._clerk.close_with(
                visit, asked, StepName.MISREAD, answers.misread(parsed, visit.person, self._permissions)
            )
            return
        await self._consider(visit, parsed, text.at)

    async def _redeem(self, visit: Visit, press: Press) -> None:
        # What is behind the token is looked up again for every press; the client's word counts for nothing.
        stored = await self._presses.find(press.token) if could_be_ours(press.token) else None
        verdict = judge(stored, visit.person, press.room, self._now())
        if stored is not None and verdict is not Verdict.ELSEWHERE:
            # Of an old message a platform may tell the chat, and not the topic that its answer belongs in.
            visit = replace(visit, asking=replace(visit.asking, room=stored.room))
        if stored is None:
            asked = visit.said("?", {"token": storable(press.token, 64)})
            await self._clerk.close_with(visit, asked, StepName.MISREAD, answers.not_good(verdict, None), new=True)
            return
        if verdict is Verdict.GOOD and stored.command_id is not None and self._is_stale(stored.ask, press.at):
            # However long a question may be confirmed: that was meant for the facts of back then.
            verdict = Verdict.LATE
        if verdict is not Verdict.GOOD:
            await self._confirming.turn_down(visit, stored, verdict)
            return
        if stored.command_id is None:
            await self._consider(visit, stored.ask, press.at)
        else:
            await self._confirming.settle(visit, stored, stored.command_id)

    async def _consider(self, visit: Visit, ask: Ask, at: datetime | None) -> None:
        asked = visit.asked(ask)
        allowed = self._permissions.check(visit.person, ask, visit.asking.room)
        if isinstance(allowed, Denied):
            log.info("denied %s to %s", ask.word, visit.person.name)
            await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(allowed), new=True)
            return
        if self._is_stale(ask, at):
            await self._clerk.close_with(visit, asked, StepName.EXPIRED, answers.stale(ask))
            return
        reply = await self._reply(visit, ask)
        if isinstance(reply, Question):
            await self._ask_twice(visit, asked, reply)
            return
        ending = visit.ending(reply)
        await self._clerk.answer(
            visit,
            asked,
            reply.message,
            (StepName.RUNNING, {}),
            (StepName.FINISHED, ending),
        )

    def _is_stale(self, ask: Ask, at: datetime | None) -> bool:
        """Whether it acts, and came (or may have come, where nobody knows when) while we were away."""
        return not ask.reads and (at is None or self._now() - at > self._patience.stale)

    async def _reply(self, visit: Visit, ask: Ask) -> Question | Reply:
        """What its command says to it. What breaks there has done nothing yet, and is on record like any other."""
        try:
            entry = self._registry.entry(ask)
            if ask.confirm and entry.question is not None:
                return await entry.question(ask, visit.asking)
            return await entry.answer(ask, visit.asking)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("%s %s broke", ask.word, visit.asking.command_id)
            return Reply(answers.broke(visit.asking.command_id), Outcome.FAILED)

    async def _ask_twice(self, visit: Visit, asked: Asked, question: Question) -> None:
        command_id = asked.id
        buttons = (
            (
                Button("Confirm", question.ask, settles=command_id),
                Button("Cancel", Cancel(), settles=command_id),
            ),
        )
        asked = replace(asked, arguments=question.ask.arguments, bot=bot_of(question.ask))
        message = replace(question.message, buttons=(*buttons, *question.message.buttons))
        await self._clerk.answer(
            visit, asked, message, (StepName.ASKED_TO_CONFIRM, {"preview": dict(question.preview)})
        )

    async def _turn_away(self, incoming: Incoming, command_id: UUID, at: datetime) -> None:
        log.warning("stranger %s in %s", incoming.sender, incoming.room)
        said = incoming.text if isinstance(incoming, Text) else incoming.token
        asked = Asked(
            id=command_id,
            at=at,
            platform=incoming.room.platform,
            principal=None,
            sender_id=str(incoming.sender),
            room=incoming.room.key,
            bot=None,
            word="?",
            arguments={"text": storable(said, 200)},
            risk=None,
        )
        by = str(incoming.sender)
        steps = (
            self._clerk.step(command_id, StepName.RECEIVED, by, asked.facts()),
            self._clerk.step(command_id, StepName.DENIED, by, {"reason": "stranger"}),
        )
        try:
            await self._ledger.record(Entry(steps, asked=asked, receipt=incoming.receipt))
        except DatabaseAway as error:
            log.warning("stranger %s not recorded: %s", incoming.sender, error)
