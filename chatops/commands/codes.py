"""Answers to what proves who one is: totp and code."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from alerts.severity import Severity
from bot_integration import Outcome
from chatops.asks import GiveCode, TakeAway, Totp
from chatops.commands.registry import Asking, NotHeard, Question, Registry, Reply
from chatops.habits import Habits
from chatops.membership.proving import CodeVerdict, Proving, Tried
from chatops.people import Directory, Principal
from chatops.reach import Reach
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.storage.totp import Shown
from chatops.views import codes as views
from chatops.whispers import Whispers

log = logging.getLogger(__name__)


class AwaitsCode(Protocol):
    """Asks that go on when a code comes."""

    async def awaiting_code(self, person: str) -> UUID | None:
        """The newest of this person; None where nothing of theirs waits for one. Raises `DatabaseAway`."""
        ...

    async def confirm_by_code(self, command_id: UUID, asking: Asking) -> Reply:
        """Carry it on, whoever asks having proved themselves; gives what is answered to the code.

        Nothing is done where it waits no more, and that is said.
        """
        ...


class CodeCommands:
    """Enrols in direct messages, and takes codes. Seeds and recovery codes are whispered: shown, and stored nowhere."""

    def __init__(
        self,
        proving: Proving,
        waits: AwaitsCode,
        whispers: Whispers,
        reach: Reach,
        directory: Directory,
        *,
        habits: Habits,
    ) -> None:
        self._proving = proving
        self._waits = waits
        self._whispers = whispers
        self._reach = reach
        self._directory = directory
        self._habits = habits

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Totp, self.totp, self.ask_totp)
        registry.on(GiveCode, self.code)
        registry.on(TakeAway, self.take_away)

    # ------------------------------------------------------------------------ totp

    async def ask_totp(self, ask: Totp, asking: Asking) -> Question | Reply:
        """Begin at once; whatever ends codes that count asks twice."""
        if ask.form == "totp who":
            return await self._ask_for_another(ask, asking.person)
        if not self._is_direct(asking):
            return Reply(views.elsewhere(), Outcome.REFUSED)
        found = await self._proving.enrolment(asking.person.name)
        if found is None or not found.is_confirmed:
            return Reply(views.not_enrolled(), Outcome.REFUSED) if ask.wish == "off" else await self._enrol(asking)
        if ask.wish:
            return Question(ask, views.really_off() if ask.wish == "off" else views.really_new())
        return Reply(views.enrolled_already(await self._proving.recovery_codes_left(asking.person.name)))

    async def _ask_for_another(self, ask: Totp, admin: Principal) -> Question | Reply:
        person = self._directory.named(ask.what)
        if person is not None and person.name == admin.name:
            return Reply(views.that_is_you(), Outcome.REFUSED)
        # Who was taken out of the settings may have codes still.
        who = person.name if person is not None else ask.what
        if await self._proving.enrolment(who) is None:
            return Reply(views.none_of(who), Outcome.REFUSED)
        if ask.to != "off":
            return Reply(views.who_is(who), Outcome.REFUSED)
        return Question(ask.model_copy(update={"what": who}), views.really_off_for(who))

    async def totp(self, ask: Totp, asking: Asking) -> Reply:
        """Do what was confirmed."""
        if ask.form == "totp who":
            if ask.what == asking.person.name:
                # Their own need a code, however this came to be asked.
                return Reply(views.that_is_you(), Outcome.REFUSED)
            await self._end(ask.what)
            return Reply(views.off_for(ask.what))
        if ask.wish == "off":
            await self._end(asking.person.name)
            return Reply(views.off())
        if not self._is_direct(asking):
            return Reply(views.elsewhere(), Outcome.REFUSED)
        return await self._enrol(asking, instead=ask.wish == "new")

    async def _enrol(self, asking: Asking, *, instead: bool = False) -> Reply:
        name = asking.person.name
        await self._hide(name)
        try:
            begun = await self._proving.enrol(name, instead=instead)
        except OSError as error:
            log.error("no key for codes: %s", error)  # noqa: TRY400 - foreseen
            return Reply(views.no_key(), Outcome.FAILED)
        if begun is None:
            return Reply(views.enrolled_already(await self._proving.recovery_codes_left(name)))
        enrolment, secret, uri = begun
        shown = await self._whispers.whisper(views.enrolment(secret, uri), asking.room)
        if shown is None:
            return Reply(views.unseen(), Outcome.FAILED)
        await self._proving.shown(name, enrolment, Shown(asking.room, shown))
        return Reply(views.begun())

    async def _end(self, person: str) -> None:
        await self._hide(person)
        await self._proving.end(person)

    # ------------------------------------------------------------------------ code

    async def code(self, ask: GiveCode, asking: Asking) -> Reply:
        """Try it; it enrols, or what waits for it goes on. Raises `NotHeard` where it is wrong."""
        try:
            waiting, tried = await self._attempt(ask, asking)
        except DatabaseAway as error:
            log.warning("a code of %s not checked: %s", asking.person.name, error)
            return Reply(views.cannot_check(), Outcome.FAILED)
        match tried.verdict:
            case CodeVerdict.ENROLLED:
                return await self._enrolled(tried, asking)
            case CodeVerdict.RIGHT | CodeVerdict.RECOVERY if waiting is not None:
                reply = await self._waits.confirm_by_code(waiting, asking)
                return (
                    replace(reply, message=views.with_left(reply.message, tried.left)) if tried.is_recovery else reply
                )
            case CodeVerdict.WRONG:
                raise NotHeard("a wrong code", views.wrong())
            case CodeVerdict.USED:
                raise NotHeard("a code that was used before", views.used())
            case CodeVerdict.LOCKED if tried.until is not None:
                await self._tell(asking, tried.until)
                until = tried.until.astimezone(self._zone(asking.person, asking.room))
                raise NotHeard("too many wrong codes", views.locked(until))
            case CodeVerdict.UNHEARD:
                raise NotHeard("a code after too many wrong ones")
            case CodeVerdict.NOT_ENROLLED:
                return Reply(views.not_enrolled(), Outcome.REFUSED)
            case CodeVerdict.ELSEWHERE:
                return Reply(views.first_code_elsewhere(), Outcome.REFUSED)
            case CodeVerdict.SHAPELESS:
                return Reply(views.how_it_goes(), Outcome.REFUSED)
            case CodeVerdict.NO_KEY:
                return Reply(views.key_is_gone(), Outcome.FAILED)
            case _:
                return Reply(views.nothing_waits(), Outcome.REFUSED)

    async def _attempt(self, ask: GiveCode, asking: Asking) -> tuple[UUID | None, Tried]:
        """What waits for the code, and what came of it."""
        name = asking.person.name
        found = await self._proving.enrolment(name)
        waiting = await self._waits.awaiting_code(name) if found and found.is_confirmed else None
        to_enrol, to_prove = self._is_direct(asking), waiting is not None
        return waiting, await self._proving.attempt(name, ask.code, to_enrol=to_enrol, to_prove=to_prove)

    async def _enrolled(self, tried: Tried, asking: Asking) -> Reply:
        name = asking.person.name
        hidden = await self._hide(name)
        shown = await self._whispers.whisper(views.recovery_codes(tried.recovery_codes), asking.room)
        if shown is not None and (found := await self._proving.enrolment(name)) is not None:
            await self._proving.shown(name, found.id, Shown(asking.room, shown))
        return Reply(views.enrolled(shown=shown is not None, hidden=hidden))

    async def take_away(self, ask: TakeAway, asking: Asking) -> Reply:
        """The message with a secret, when it has been read."""
        gone = await self._hide(asking.person.name)
        return Reply(views.taken_away()) if gone else Reply(views.still_there(), Outcome.FAILED)

    async def _hide(self, person: str) -> bool:
        """Take away what shows a secret of theirs. Whether nothing does any more."""
        found = await self._proving.enrolment(person)
        if found is None or found.shown is None:
            return True
        gone = await self._whispers.take_away(found.shown.room, found.shown.message_id)
        if gone:
            await self._proving.shown(person, found.id, None)
        return gone

    async def _tell(self, asking: Asking, until: datetime) -> None:
        log.warning("too many wrong codes from %s in %s", asking.person.name, asking.room)
        for admin in self._directory.admins:
            for room in self._reach.rooms(admin)[:1]:
                at, end = (moment.astimezone(self._zone(admin, room)) for moment in (asking.at, until))
                told = views.tell_of_locked(asking.person, asking.room, at, end)
                await self._reach.tell([admin], told, severity=Severity.CRITICAL)

    def _zone(self, person: Principal, room: Room) -> ZoneInfo:
        return self._habits.of(person.name, room).zone

    def _is_direct(self, asking: Asking) -> bool:
        # Not the sender's alone: what was asked on one platform may be confirmed by a code from another.
        return asking.room in self._reach.rooms(asking.person)
