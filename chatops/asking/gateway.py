"""The one path in: know who it is, read what they ask, and hand it on."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from time import perf_counter

from chatops.asking.allowing import Allowing
from chatops.asking.clerk import Clerk
from chatops.asking.confirming import Confirming
from chatops.asking.considering import Considering
from chatops.asking.replies import TurnedDown
from chatops.asking.strangers import Strangers
from chatops.asking.texts import Texts
from chatops.asking.visit import Visit
from chatops.commands.registry import Asking
from chatops.fleet import Fleet
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.presses import Presses, Verdict, could_be_ours, judge, place_of
from chatops.ids import uuid7
from chatops.ledger import Ledger
from chatops.membership.joining import Joining
from chatops.messages import Filled, Incoming, Press, Text
from chatops.people import Directory
from chatops.redactor import Redactor
from chatops.storage.errors import DatabaseAway
from chatops.views import answers

log = logging.getLogger(__name__)


class Gateway:
    """Takes what people write and press, and answers every time, to strangers with silence."""

    def __init__(
        self,
        *,
        directory: Directory,
        fleet: Fleet,
        presses: Presses,
        ledger: Ledger,
        clerk: Clerk,
        allowing: Allowing,
        considering: Considering,
        confirming: Confirming,
        joining: Joining,
        strangers: Strangers,
        texts: Texts,
        now: Callable[[], datetime],
        redact: Redactor,
    ) -> None:
        """`redact` takes the secrets of the settings out of what people type, before anybody reads or keeps it."""
        self._redact = redact
        self._directory = directory
        self._fleet = fleet
        self._presses = presses
        self._ledger = ledger
        self._clerk = clerk
        self._allowing = allowing
        self._considering = considering
        self._confirming = confirming
        self._joining = joining
        self._strangers = strangers
        self._texts = texts
        self._now = now

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
            await self._considering.consider(replace(visit, is_private=read.is_private), read.ask, text.at)
        elif not await self._allowing.is_too_much(visit, read.asked, None):
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
            await self._considering.consider(visit, stored.ask, press.at)
            return
        asked = visit.said("?", {"token": storable(press.token, 64)}) if stored is None else visit.asked(stored.ask)
        if await self._allowing.is_too_much(visit, asked, None if stored is None else stored.ask, is_new=False):
            return
        if stored is None:
            await self._clerk.close_with(visit, asked, StepName.MISREAD, answers.not_good(verdict, None), new=True)
            return
        if verdict is Verdict.GOOD and self._allowing.is_stale(stored.ask, press.at):
            # However long a question may be confirmed: that was meant for the facts of back then.
            verdict = Verdict.LATE
        if verdict is Verdict.GOOD and stored.command_id is not None:
            await self._confirming.settle(visit, stored, stored.command_id)
        else:
            await self._confirming.turn_down(visit, stored, verdict)
