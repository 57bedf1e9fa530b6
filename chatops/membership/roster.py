"""Who belongs here: the directory as the database has it, and the changes of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from chatops.guard.codes import StoredCode
from chatops.people import Directory, Identity, Principal, Revoked, Role, Source, may_be_called
from chatops.storage.errors import DatabaseAway
from chatops.storage.people import PeopleChange, PeopleTables

log = logging.getLogger(__name__)

#: Who asked nothing for so long was not here lately.
LATELY = timedelta(days=30)
#: Before people are loaded again where that broke, in seconds.
_AGAIN_S = 5.0


class Unwilling(Exception):
    """A change of people that is not made; the message says why, and what to do instead."""


class Roster:
    """Keeps the directory as the tables are, whoever changes them.

    A change holds in memory as soon as it is stored. What another program changes is taken in when its news come.
    """

    def __init__(
        self,
        directory: Directory,
        tables: PeopleTables,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.directory = directory
        self._tables = tables
        self._now = now
        self._sleep = sleep
        self._news = asyncio.Event()
        #: What was loaded before a change must not be taken in after it.
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """Take in what is stored. Raises `DatabaseAway`."""
        async with self._turn:
            self.directory.take_in(await self._tables.load())

    def stir(self) -> None:
        """Somebody changed something: have `run` load it."""
        self._news.set()

    async def run(self) -> None:
        """Load whenever there is news, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.load()
            except DatabaseAway as error:
                # Its return is news by itself. Until then the copy counts.
                log.info("people not loaded: %s", error)
            except Exception:
                log.exception("people could not be loaded")
                await self._sleep(_AGAIN_S)
                self._news.set()

    async def last_seen(self) -> dict[str, datetime]:
        """When each person asked something last, of those who did lately, by name. Raises `DatabaseAway`."""
        return await self._tables.last_seen(self._now() - LATELY)

    async def code(self, hashed: str) -> StoredCode | None:
        """What is known of a code by its hash; None where there never was such a one. Raises `DatabaseAway`."""
        return await self._tables.code(hashed)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[tuple[PeopleChange, Directory]]:
        """A change, and everybody as they are before it. What it makes of them holds once the block has ended.

        Raises `Unwilling` where nobody would be admin any more, and `DatabaseAway`.
        """
        async with self._turn:
            async with self._tables.changing() as change:
                before = self.directory.as_if(await change.load())
                yield change, before
                stored = await change.load()
                if before.admins and not self.directory.as_if(stored).admins:
                    raise Unwilling("Nobody would be admin any more. Make somebody else one first: /invite admin.")
            self.directory.take_in(stored)

    async def set_role(self, name: str, role: Role, by: str) -> Principal:
        """Make them that; gives who they were. Raises `Unwilling` and `DatabaseAway`."""
        async with self.changing() as (change, before):
            person = who(before, name)
            check_actor(before, by, person.role, role)
            check_role(before, person, role)
            await change.set_role(person.name, role)
            if not role.covers(person.role):
                # Whom they invite is as much as they were.
                await change.codes.void_of(person.name, self._now())
        log.info("people: %s made %s %s", by, person.name, role)
        return person

    async def revoke(self, name: str, by: str) -> Revoked:
        """Make them a stranger at once; of a person of the settings file only what was linked here goes.

        What they have asked and not confirmed is void, and so are codes that they made. Raises `Unwilling` and
        `DatabaseAway`.
        """
        async with self.changing() as (change, before):
            person = who(before, name)
            check_actor(before, by, person.role)
            check_revoke(before, person)
            fixed = before.fixed(person)
            if before.source(person) is Source.FILE:
                await change.remove_accounts(person.name, Source.FILE)
            else:
                await change.remove_person(person.name)
            await change.codes.void_of(person.name, self._now())
            because = f"{person.name} was revoked"
            voided = await change.end_what_waits(person.name, by, self._now(), because=because)
        log.warning("people: %s revoked %s", by, person.name)
        return Revoked(person, person.identities - fixed, fixed, voided)

    async def take_account(self, name: str, account: str, by: str) -> Revoked:
        """Make one linked account of theirs a stranger's at once; the others stay theirs.

        What they have asked and not confirmed is void all the same, by whichever account, and so are codes that they
        made: whoever has that account now may have been behind any of it. Raises `Unwilling` and `DatabaseAway`.
        """
        async with self.changing() as (change, before):
            person = who(before, name)
            check_actor(before, by, person.role)
            gone = linked_account(before, person, account)
            await change.remove_account(gone)
            await change.codes.void_of(person.name, self._now())
            because = f"{gone} was taken from {person.name}"
            voided = await change.end_what_waits(person.name, by, self._now(), because=because)
        log.warning("people: %s took %s from %s", by, gone, person.name)
        return Revoked(person, frozenset({gone}), person.identities - {gone}, voided)


def who(directory: Directory, name: str) -> Principal:
    """The person of this name. Raises `Unwilling`."""
    person = directory.named(name)
    if person is None:
        names = ", ".join(one.name for one in directory.people)
        raise Unwilling(f"I know nobody called “{name[:32]}”. There is: {names or 'nobody'}.")
    return person


def check_actor(directory: Directory, by: str, *roles: Role) -> None:
    """Raises `Unwilling` where whoever asks is not here any more, or is less than what they give or take.

    Settings may hand these words to others than admins. `by` is no person's name where a program asks.
    """
    actor = directory.named(by)
    if actor is None:
        if may_be_called(by):
            raise Unwilling(f"{by} is not here any more.")
        return
    for role in roles:
        if not actor.role.covers(role):
            raise Unwilling(f"You are {actor.role}, and {role} is more than that.")


def check_role(directory: Directory, person: Principal, role: Role) -> None:
    """Raises `Unwilling` where this person cannot be made that."""
    if directory.source(person) is Source.FILE:
        raise Unwilling(f"{person.name} is in the settings file: change the role there, and start again.")
    if person.role is role:
        raise Unwilling(f"{person.name} is {role} already.")
    if role is not Role.ADMIN:
        _check_admins(directory, person)


def check_revoke(directory: Directory, person: Principal) -> None:
    """Raises `Unwilling` where this person cannot be revoked."""
    if directory.source(person) is Source.HERE:
        _check_admins(directory, person)
    elif person.identities == directory.fixed(person):
        raise Unwilling(f"{person.name} is in the settings file: take them out of it, and start again.")


def linked_account(directory: Directory, person: Principal, typed: str) -> Identity:
    """The account that is meant: by its id, or by its platform where it is the only one there.

    Raises `Unwilling` where it is none of theirs, stays by the settings file, or is all that they have.
    """
    folded = typed.casefold()
    found = [one for one in person.identities if folded in (one.id.casefold(), str(one).casefold())]
    found = found or [one for one in person.identities if folded == one.platform.casefold()]
    linked = [one for one in found if one not in directory.fixed(person)]
    if found and not linked:
        raise Unwilling(f"{found[0]} is in the settings file: take it out of it, and start again.")
    if len(linked) != 1:
        there = ", ".join(sorted(map(str, person.identities - directory.fixed(person))))
        many = f"{person.name} has {len(linked) or 'no'} {'accounts' if linked else 'account'} “{typed[:32]}”."
        raise Unwilling(f"{many} Linked is: {there or 'none'}.")
    if len(person.identities) == 1:
        raise Unwilling(f"{person.name} has no other account: /revoke {person.name} makes them a stranger.")
    return linked[0]


def _check_admins(directory: Directory, person: Principal) -> None:
    if directory.admins == (person,):
        raise Unwilling(f"{person.name} is the only admin. Make somebody else one first: /invite admin.")
