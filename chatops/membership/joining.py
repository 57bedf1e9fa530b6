"""What a code does that somebody types: all that is read of what a stranger says."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID

from alerts.severity import Severity
from bot_integration import Outcome
from chatops.guard.audit import Asked, Step, StepName, storable
from chatops.guard.codes import Attempt, CodeKind, attempt
from chatops.guard.limits import Limits
from chatops.ledger import Entry, Ledger, Recorded
from chatops.membership.admission import Admission, Admitted, NotNow, Spent
from chatops.messages import Filled, Message, Text
from chatops.outbox import Outbox
from chatops.people import Directory, Principal
from chatops.reach import Reach
from chatops.storage.errors import DatabaseAway
from chatops.storage.wrong_codes import WrongCodes
from chatops.views import answers
from chatops.views import joining as views

log = logging.getLogger(__name__)

_Steps = tuple[tuple[StepName, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class _Try:
    """Somebody's text with what may be a code in it."""

    text: Text | Filled
    typed: Attempt
    #: None: a stranger.
    known: Principal | None
    command_id: UUID
    at: datetime
    began: float


class Joining:
    """Lets in whoever has a good code, tells whoever has an old one, and counts the wrong ones."""

    def __init__(
        self,
        *,
        desk: str,
        directory: Directory,
        admission: Admission,
        wrong: WrongCodes,
        ledger: Ledger,
        outbox: Outbox,
        reach: Reach,
        limits: Limits,
        now: Callable[[], datetime],
    ) -> None:
        self._limits = limits
        self._desk = desk
        self._directory = directory
        self._admission = admission
        self._wrong = wrong
        self._ledger = ledger
        self._outbox = outbox
        self._reach = reach
        self._now = now
        #: One after the other: many at once must not be looked at before the first wrong one is counted.
        self._turn = asyncio.Lock()

    async def try_code(self, text: Text | Filled, command_id: UUID, at: datetime) -> bool:
        """Handle a text with a code in it, with its record; False, and nothing done, where it has none.

        Never raises but for cancellation: where it breaks, whoever asks has to do without.
        """
        typed = attempt(text.text)
        if typed is None:
            return False
        tried = _Try(text, typed, self._directory.identify(text.sender), command_id, at, perf_counter())
        try:
            await self._try(tried)
        except DatabaseAway as error:
            log.warning("the code of %s not looked at: %s", text.sender, error)
            # A stranger's text stays unhandled, and comes again at the next start; somebody we know is answered.
            return tried.known is None or await self._say_away(tried)
        except Exception:
            log.exception("looking at the code of %s broke", text.sender)
            return False
        return True

    async def _try(self, tried: _Try) -> None:
        who = str(tried.text.sender)
        locked_now = False
        # Whoever is known is answered, and must not have that without end.
        over = self._limits.take(tried.known, None, None) if tried.known else None
        if over is not None:
            await self._turn_down(tried, "limit", answers.too_many(over) if over.is_first else None)
            return
        async with self._turn:
            if await self._wrong.locked_until(who, self._now()) is not None:
                log.warning("the code of %s not looked at: too many wrong ones", who)
                await self._turn_down(tried, "too many wrong codes", views.too_many() if tried.known else None)
                return
            found = await self._admission.redeem(tried.typed, tried.text.sender)
            if found is None or isinstance(found, Spent):
                await self._wrong.add(who, self._now())
                locked_now = await self._wrong.locked_until(who, self._now()) is not None
        match found:
            case Admitted(person, code):
                log.warning("people: %s is %s by %s, %s", who, person.name, code.kind, person.role)
                await self._welcome(tried, found)
            case Spent(code, used):
                log.warning("a spent code of %s: %s", who, code.kind)
                await self._turn_down(tried, "a spent code", views.spent(code, used=used))
            case NotNow(_, reason):
                await self._turn_down(tried, "not now", views.not_now(reason))
            case None:
                log.warning("a wrong code of %s in %s", who, tried.text.room)
                await self._turn_down(tried, "a wrong code", views.unknown(tried.known) if tried.known else None)
        if locked_now:
            await self._tell(self._directory.admins, views.guesses(tried.text.sender, tried.known))

    async def _welcome(self, tried: _Try, admitted: Admitted) -> None:
        person, code = admitted.person, admitted.code
        message = views.welcome(person, self._desk, code.kind)
        ending = {
            "outcome": str(Outcome.DONE),
            "answer": storable(message.title),
            "latency_ms": round((perf_counter() - tried.began) * 1_000, 3),
        }
        asked = self._asked(tried, person.name, code.kind, {"role": str(person.role), "by": code.made_by})
        await self._record(tried, asked, message, ((StepName.RUNNING, {}), (StepName.FINISHED, ending)))
        if code.used_by is not None:
            # They were in already: that was told.
            return
        if code.kind is CodeKind.INVITE and (host := self._directory.named(code.made_by)) is not None:
            await self._tell([host], views.came_in(person, tried.text.sender))
        if code.kind is CodeKind.LINK:
            before = replace(person, identities=person.identities - {tried.text.sender})
            await self._tell([before], views.linked(person, tried.text.sender))

    async def _say_away(self, tried: _Try) -> bool:
        """Answer it here: read as a word, the code would stand in the record. False where the disk refuses, too."""
        try:
            await self._turn_down(tried, "the database is away", answers.database_away())
        except DatabaseAway:
            return False
        return True

    async def _turn_down(self, tried: _Try, reason: str, message: Message | None) -> None:
        name = tried.known.name if tried.known else None
        said = {"reason": reason, **({"answer": storable(message.title)} if message else {})}
        asked = self._asked(tried, name, tried.typed.word, {})
        await self._record(tried, asked, message, ((StepName.DENIED, said),))

    async def _record(self, tried: _Try, asked: Asked, message: Message | None, steps: _Steps) -> None:
        """Put it on record, then show the answer where there is one."""
        by = asked.principal or asked.sender_id
        draft = None
        if message is not None:
            # Who came in everybody may see; that somebody did not is theirs alone.
            alone = tried.text.sender if any(name is StepName.DENIED for name, _ in steps) else None
            draft = self._outbox.draft(
                message, tried.text.room, asker=asked.principal, command_id=asked.id, whisper_to=alone
            )
        entry = Entry(
            (
                Step(asked.id, self._now(), StepName.RECEIVED, by, asked.facts()),
                *(Step(asked.id, self._now(), name, by, data) for name, data in steps),
            ),
            asked=asked,
            minted=draft.minted if draft else (),
            owed=draft.owed if draft else (),
            receipt=tried.text.receipt,
        )
        if await self._ledger.record(entry) is not Recorded.BEFORE and draft is not None:
            await self._outbox.show(draft)

    def _asked(self, tried: _Try, principal: str | None, word: str, arguments: Mapping[str, Any]) -> Asked:
        """The row of the log: neither the code nor the name that was typed beside it is in there."""
        return Asked(
            id=tried.command_id,
            at=tried.at,
            platform=tried.text.room.platform,
            principal=principal,
            sender_id=str(tried.text.sender),
            room=tried.text.room.key,
            bot=None,
            word=str(word),
            arguments=arguments,
            risk=None,
            correlation_id=tried.command_id.hex[-12:],
        )

    async def _tell(self, people: Iterable[Principal], message: Message) -> None:
        try:
            await self._reach.tell(people, message, severity=Severity.WARNING)
        except Exception:
            # What happened has happened, and is on record.
            log.exception("people were not told: %s", message.title)
