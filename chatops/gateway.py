"""The one path in: know, parse, allow, ask twice, record, run, answer."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from bot_integration import Outcome
from chatops.asks import Ask, Cancel
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.fleet import Fleet
from chatops.grammar import Misread, parse
from chatops.guard.audit import Asked, Step, StepName, storable
from chatops.guard.permissions import Denied, check
from chatops.guard.presses import Presses, StoredPress, Verdict, could_be_ours, judge
from chatops.ids import uuid7
from chatops.ledger import Entry, Ledger, Redemption
from chatops.messages import Button, Incoming, Message, Press, Text
from chatops.outbox import Outbox
from chatops.people import Directory, Principal
from chatops.storage.errors import DatabaseAway
from chatops.views import answers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things count."""

    #: For this long a question may be confirmed.
    confirm: timedelta = timedelta(seconds=60)
    #: What acts and is older than this came while we were away, and is asked for again.
    stale: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One text or press on its way through."""

    incoming: Incoming
    person: Principal
    asking: Asking
    began: float

    @property
    def replaces(self) -> str | None:
        return self.incoming.message_id if isinstance(self.incoming, Press) else None

    @property
    def inbox_id(self) -> int | None:
        return self.incoming.receipt.inbox_id if self.incoming.receipt else None


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
        now: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        self._directory = directory
        self._fleet = fleet
        self._registry = registry
        self._presses = presses
        self._ledger = ledger
        self._outbox = outbox
        self._now = now
        self._patience = patience

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
        asking = Asking(person, incoming.sender, incoming.room, at, command_id)
        visit = _Visit(incoming, person, asking, began)
        try:
            if isinstance(incoming, Text):
                await self._read(visit, incoming)
            else:
                await self._redeem(visit, incoming)
        except DatabaseAway as error:
            log.warning("ask %s not recorded: %s", command_id, error)
            await self._say(visit, answers.database_away())
        except Exception:
            log.exception("ask %s broke", command_id)
            await self._say(visit, answers.broke(command_id))

    # ------------------------------------------------------------------------ texts

    async def _read(self, visit: _Visit, text: Text) -> None:
        parsed = parse(text.text, self._fleet.names)
        if isinstance(parsed, Misread):
            asked = self._asked(visit, parsed.word or "?", {"text": storable(text.text, 200)}, None)
            await self._close_with(visit, asked, StepName.MISREAD, answers.misread(parsed, visit.person))
            return
        await self._consider(visit, parsed, text.at)

    # ---------------------------------------------------------------------- presses

    async def _redeem(self, visit: _Visit, press: Press) -> None:
        # What is behind the token is looked up again for every press; the client's word counts for nothing.
        stored = await self._presses.find(press.token) if could_be_ours(press.token) else None
        verdict = judge(stored, visit.person, press.room, self._now())
        if stored is not None and verdict is not Verdict.ELSEWHERE:
            # Of an old message a platform may tell the chat, and not the topic that its answer belongs in.
            visit = replace(visit, asking=replace(visit.asking, room=stored.room))
        if stored is None:
            asked = self._asked(visit, "?", {"token": storable(press.token, 64)}, None)
            await self._close_with(visit, asked, StepName.MISREAD, answers.not_good(verdict, None), new=True)
            return
        if verdict is not Verdict.GOOD:
            await self._turn_down(visit, stored, verdict)
            return
        if stored.command_id is None:
            await self._consider(visit, stored.ask, press.at)
        elif isinstance(stored.ask, Cancel):
            await self._cancel(visit, stored, stored.command_id)
        else:
            await self._confirm(visit, stored, stored.command_id)

    async def _turn_down(self, visit: _Visit, stored: StoredPress, verdict: Verdict) -> None:
        asked = self._asked(visit, stored.ask.word, stored.ask.arguments, stored.ask.risk, _bot_of(stored.ask))
        late = verdict in (Verdict.LATE, Verdict.SPENT)
        step = StepName.EXPIRED if late else StepName.DENIED
        if verdict is Verdict.LATE and stored.command_id is not None:
            await self._expire(visit, stored, stored.command_id)
        # A press that did nothing leaves the card of the others alone: it is answered beside it.
        await self._close_with(visit, asked, step, answers.not_good(verdict, stored), new=verdict is not Verdict.LATE)

    async def _expire(self, visit: _Visit, stored: StoredPress, command_id: UUID) -> None:
        step = self._step(command_id, StepName.EXPIRED, visit.person.name, {"answer": "Nobody confirmed in time."})
        await self._ledger.record(Entry((step,), redeems=Redemption(stored.token, command_id, visit.person.name)))

    async def _cancel(self, visit: _Visit, stored: StoredPress, command_id: UUID) -> None:
        message = answers.cancelled()
        owed, minted = self._outbox.draft(
            message, visit.asking.room, asker=visit.person.name, command_id=command_id, replaces=visit.replaces
        )
        step = self._step(command_id, StepName.CANCELLED, visit.person.name, {"answer": message.title})
        entry = Entry(
            (step,),
            minted=minted,
            owed=owed,
            inbox_id=visit.inbox_id,
            redeems=Redemption(stored.token, command_id, visit.person.name),
        )
        if await self._ledger.record(entry):
            await self._outbox.show(owed)
        else:
            await self._turn_down(visit, replace(stored, open=False), Verdict.SPENT)

    async def _confirm(self, visit: _Visit, stored: StoredPress, command_id: UUID) -> None:
        """The second press of an ask that waits: the only way in which anything acts."""
        allowed = check(visit.person, stored.ask)
        if isinstance(allowed, Denied):
            asked = self._asked(visit, stored.ask.word, stored.ask.arguments, stored.ask.risk, _bot_of(stored.ask))
            await self._close_with(visit, asked, StepName.DENIED, answers.denied(allowed))
            return
        entry = self._registry.entry(stored.ask)
        asking = replace(visit.asking, command_id=command_id)
        session = self._session(stored.ask)
        steps = (
            self._step(command_id, StepName.CONFIRMED, visit.person.name),
            self._step(command_id, StepName.RUNNING, visit.person.name, {"session": session} if session else {}),
        )
        redemption = Redemption(stored.token, command_id, visit.person.name)
        if not await self._ledger.record(Entry(steps, inbox_id=visit.inbox_id, redeems=redemption)):
            await self._turn_down(visit, replace(stored, open=False), Verdict.SPENT)
            return
        # The act does not wait for its card: "closing…" is on its way while the bot closes.
        act = asyncio.create_task(entry.answer(stored.ask, asking))
        try:
            await self._progress(visit, command_id, answers.working(stored.ask))
            reply = await asyncio.shield(act)
        except asyncio.CancelledError:
            act.cancel()
            raise
        except Exception:
            log.exception("%s %s broke", stored.ask.word, command_id)
            reply = Reply(answers.broke(command_id), Outcome.UNKNOWN)
        await self._finish(visit, command_id, reply)

    async def _progress(self, visit: _Visit, command_id: UUID, message: Message) -> None:
        owed, _ = self._outbox.draft(
            message, visit.asking.room, asker=None, command_id=command_id, replaces=visit.replaces
        )
        try:
            await self._outbox.show(owed, recorded=False)
        except Exception:
            # What it says is about to be overtaken; the act must be answered whatever becomes of its card.
            log.exception("the progress of %s could not be shown", command_id)

    async def _finish(self, visit: _Visit, command_id: UUID, reply: Reply) -> None:
        owed, minted = self._outbox.draft(
            reply.message, visit.asking.room, asker=visit.person.name, command_id=command_id, replaces=visit.replaces
        )
        step = self._step(command_id, StepName.FINISHED, visit.person.name, _ending(reply, visit.began))
        try:
            await self._ledger.record(Entry((step,), minted=minted, owed=owed))
        except DatabaseAway as error:
            # It was done all the same, and that is what people must hear. Its row stays "running": the next start asks
            # the bot. Debt: the spool (SPEC 6) would carry the end into the log by itself.
            log.error("the end of %s not recorded: %s", command_id, error)  # noqa: TRY400 - foreseen
            await self._progress(visit, command_id, answers.unrecorded(reply.message))
            return
        await self._outbox.show(owed)

    # ------------------------------------------------------------------ what both do

    async def _consider(self, visit: _Visit, ask: Ask, at: datetime | None) -> None:
        asked = self._asked(visit, ask.word, ask.arguments, ask.risk, _bot_of(ask))
        allowed = check(visit.person, ask)
        if isinstance(allowed, Denied):
            log.info("denied %s to %s", ask.word, visit.person.name)
            await self._close_with(visit, asked, StepName.DENIED, answers.denied(allowed), new=True)
            return
        if not ask.reads and (at is None or self._now() - at > self._patience.stale):
            await self._close_with(visit, asked, StepName.EXPIRED, answers.stale(ask))
            return
        reply = await self._reply(visit, ask)
        if isinstance(reply, Question):
            await self._ask_twice(visit, asked, reply)
            return
        ending = _ending(reply, visit.began)
        await self._answer(
            visit,
            asked,
            reply.message,
            (StepName.RUNNING, {}),
            (StepName.FINISHED, ending),
        )

    async def _reply(self, visit: _Visit, ask: Ask) -> Question | Reply:
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

    async def _ask_twice(self, visit: _Visit, asked: Asked, question: Question) -> None:
        command_id = asked.id
        buttons = (
            (
                Button("Confirm", question.ask, settles=command_id),
                Button("Cancel", Cancel(), settles=command_id),
            ),
        )
        asked = replace(asked, arguments=question.ask.arguments, bot=_bot_of(question.ask))
        message = replace(question.message, buttons=(*buttons, *question.message.buttons))
        await self._answer(visit, asked, message, (StepName.ASKED_TO_CONFIRM, dict(question.preview)))

    async def _close_with(
        self, visit: _Visit, asked: Asked, step: StepName, message: Message, *, new: bool = False
    ) -> None:
        await self._answer(visit, asked, message, (step, {"answer": storable(message.title)}), new=new)

    async def _answer(
        self,
        visit: _Visit,
        asked: Asked,
        message: Message,
        *steps: tuple[StepName, Mapping[str, Any]],
        new: bool = False,
    ) -> None:
        owed, minted = self._outbox.draft(
            message,
            visit.asking.room,
            asker=visit.person.name,
            command_id=asked.id,
            replaces=None if new else visit.replaces,
        )
        taken = self._step(asked.id, StepName.RECEIVED, visit.person.name, asked.facts())
        entry = Entry(
            (taken, *(self._step(asked.id, name, visit.person.name, data) for name, data in steps)),
            asked=asked,
            minted=minted,
            owed=owed,
            inbox_id=visit.inbox_id,
        )
        if await self._ledger.record(entry):
            await self._outbox.show(owed)
        else:
            log.info("ask %s was handled before", asked.id)

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
            self._step(command_id, StepName.RECEIVED, by, asked.facts()),
            self._step(command_id, StepName.DENIED, by, {"reason": "stranger"}),
        )
        receipt = incoming.receipt
        try:
            await self._ledger.record(Entry(steps, asked=asked, inbox_id=receipt.inbox_id if receipt else None))
        except DatabaseAway as error:
            log.warning("stranger %s not recorded: %s", incoming.sender, error)

    async def _say(self, visit: _Visit, message: Message) -> None:
        """Answer without a record: the last resort, where recording is what broke."""
        owed, _ = self._outbox.draft(message, visit.asking.room, asker=None, command_id=visit.asking.command_id)
        try:
            await self._outbox.show(owed, recorded=False)
        except Exception:
            log.exception("ask %s could not even be answered", visit.asking.command_id)

    def _session(self, ask: Ask) -> str | None:
        bot = self._fleet.named(_bot_of(ask) or "")
        snapshot = bot.snapshot() if bot else None
        return str(snapshot.session_id) if snapshot else None

    def _asked(
        self,
        visit: _Visit,
        word: str,
        arguments: Mapping[str, Any],
        risk: str | None,
        bot: str | None = None,
    ) -> Asked:
        asking = visit.asking
        return Asked(
            id=asking.command_id,
            at=asking.at,
            platform=asking.room.platform,
            principal=visit.person.name,
            sender_id=str(asking.sender),
            room=asking.room.key,
            bot=bot,
            word=word,
            arguments=arguments,
            risk=risk,
            correlation_id=asking.command_id.hex[-12:],
        )

    def _step(self, command_id: UUID, name: StepName, by: str, data: Mapping[str, Any] | None = None) -> Step:
        return Step(command_id, self._now(), name, by, data or {})


def _bot_of(ask: Ask) -> str | None:
    return getattr(ask, "bot", "") or None


def _ending(reply: Reply, began: float) -> dict[str, Any]:
    return {
        "outcome": str(reply.outcome),
        "answer": storable(reply.message.title),
        "latency_ms": round((perf_counter() - began) * 1_000, 3),
    }
