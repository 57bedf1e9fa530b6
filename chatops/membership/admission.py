"""Who gets in by which code: codes are made here, and redeemed by whoever types them first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chatops.guard.codes import LASTS, Attempt, CodeKind, StoredCode, digest, new_code
from chatops.membership.roster import Roster, Unwilling, check_actor
from chatops.people import Account, Directory, Identity, Principal, Role, Source, may_be_called
from chatops.storage.people import PeopleChange

#: What the first admin is called who says nothing else.
FIRST = "admin"


@dataclass(frozen=True, slots=True)
class Admitted:
    """They are in."""

    person: Principal
    code: StoredCode


@dataclass(frozen=True, slots=True)
class Spent:
    """It was a code once."""

    code: StoredCode
    #: Whether somebody came in by it; else its time has passed, or it was taken back.
    used: bool


@dataclass(frozen=True, slots=True)
class NotNow:
    """It is a good code and stays one; the reason says what to do instead."""

    code: StoredCode
    reason: str


class Admission:
    """Makes codes, and lets in who has one."""

    def __init__(self, roster: Roster, now: Callable[[], datetime]) -> None:
        self._roster = roster
        self._now = now

    async def invitation(self, role: Role, name: str, by: str, sender: Identity | None = None) -> str:
        """A code that makes somebody this, under that name if there is one. Raises `Unwilling` and `DatabaseAway`.

        `sender` is the account that asked; None where it was a program.
        """
        async with self._roster.changing() as (change, before):
            check_actor(before, by, role)
            if sender is not None:
                _check_account(before, by, sender)
            if name:
                check_name(before, name)
            return await self._make(
                change, StoredCode(CodeKind.INVITE, by, self._now(), self._now() + LASTS, role, name or None)
            )

    async def link(self, person: Principal, sender: Identity) -> str:
        """A code that makes an account another one of this person's, who asked from the account of `sender`.

        Raises `Unwilling` and `DatabaseAway`.
        """
        async with self._roster.changing() as (change, before):
            check_actor(before, person.name)
            _check_account(before, person.name, sender)
            now = self._now()
            source = before.source(person)
            return await self._make(
                change, StoredCode(CodeKind.LINK, person.name, now, now + LASTS, person=person.name, source=source)
            )

    async def claim(self, by: str) -> str | None:
        """The code for the first admin, in place of every one before; None where there is an admin.

        Raises `DatabaseAway`.
        """
        async with self._roster.changing() as (change, before):
            await change.codes.void_claims(self._now())
            if before.admins:
                return None
            return await self._make(change, StoredCode(CodeKind.CLAIM, by, self._now()))

    async def redeem(self, attempt: Attempt, identity: Identity) -> Admitted | Spent | NotNow | None:
        """Let this account in, if the code is good; None where it never was one. Raises `DatabaseAway`.

        The account that a code let in is let in by it again: what it typed may be handled twice.
        """
        hashed = digest(attempt.code)
        code = await self._roster.code(hashed)
        if code is None:
            return None
        if code.used_by is not None:
            person = self._roster.directory.identify(identity)
            return Admitted(person, code) if person and code.used_by == str(identity) else Spent(code, used=True)
        try:
            return await self._let_in(hashed, code, attempt.name, identity)
        except Unwilling as refusal:
            return NotNow(code, str(refusal))

    async def _let_in(self, hashed: str, code: StoredCode, name: str, identity: Identity) -> Admitted | Spent:
        now = self._now()
        async with self._roster.changing() as (change, before):
            # First of all: of two at this instant one is told that it was used.
            if not await change.codes.use(hashed, str(identity), now):
                return Spent(code, used=not code.is_over(now))
            account = await self._account(change, before, code, name, identity)
            await change.add_account(account, now)
            if code.kind is CodeKind.CLAIM:
                await change.codes.void_claims(now)
        person = self._roster.directory.identify(identity)
        if person is None:
            raise RuntimeError(f"{identity} was let in as {account.person}, and is nobody")
        return Admitted(person, code)

    async def _account(
        self, change: PeopleChange, before: Directory, code: StoredCode, name: str, identity: Identity
    ) -> Account:
        """Whose it will be; whoever is new is written down."""
        known = before.identify(identity)
        if known is not None and (code.kind is not CodeKind.CLAIM or before.source(known) is Source.FILE):
            raise Unwilling(already(before, known))
        if code.kind is CodeKind.LINK:
            return Account(identity, *_linked(before, code))
        if code.kind is CodeKind.CLAIM and before.admins:
            raise Unwilling("This desk has an admin already. Ask them for an invitation.")
        role = code.role or Role.ADMIN
        if known is not None:
            # Whoever runs the program may be here already, as less.
            await change.set_role(known.name, role)
            return Account(identity, known.name)
        if code.kind is CodeKind.CLAIM:
            wanted = name or _free(before, FIRST)
            check_name(before, wanted)
        else:
            given = code.person or ""
            wanted = given if given and before.named(given) is None else _free(before, given or role)
            _check_maker(before, code.made_by, role)
        await change.add_person(wanted, role, code.made_by, self._now())
        return Account(identity, wanted)

    @staticmethod
    async def _make(change: PeopleChange, code: StoredCode) -> str:
        typed = new_code()
        await change.codes.add(digest(typed), code)
        return typed


def check_name(directory: Directory, name: str) -> None:
    """Raises `Unwilling` where nobody new may be called that."""
    if not may_be_called(name):
        raise Unwilling("A name is one word of at most 32 letters, digits, dots, dashes or underscores.")
    # Also one that the settings file hides: it comes back when the file no longer has it.
    taken = directory.named(name)
    if taken is not None:
        raise Unwilling(f"{taken.name} is here already. Take another name.")


def already(directory: Directory, person: Principal) -> str:
    """What somebody is told who is known and needs no code."""
    where = " by the settings file" if directory.source(person) is Source.FILE else ""
    return f"You are {person.name} here already, {person.role}{where}. A code is for somebody I do not know."


def _check_account(before: Directory, name: str, sender: Identity) -> None:
    """Raises `Unwilling` where this account is theirs no more: it may have asked while it was taken from them."""
    person = before.identify(sender)
    if person is None or person.name != name:
        raise Unwilling(f"This account is not {name}'s any more.")


def _check_maker(before: Directory, made_by: str, role: Role) -> None:
    """Raises `Unwilling` where whoever invited is not here any more, or less by now: the settings file may say so."""
    try:
        check_actor(before, made_by, role)
    except Unwilling:
        raise Unwilling("Whoever made that invitation may not any more. Ask for another one.") from None


def _linked(before: Directory, code: StoredCode) -> tuple[str, Source]:
    person = before.named(code.person or "")
    if person is None or before.source(person) is not code.source:
        raise Unwilling("Whoever asked for that link is not here any more. Nothing was done.")
    return person.name, before.source(person)


def _free(directory: Directory, like: str) -> str:
    """`like` itself for the first admin, else the first of `operator-2`, `operator-3` that nobody is called."""
    if like == FIRST and directory.named(like) is None:
        return like
    number = 2
    while directory.named(f"{like[:28]}-{number}") is not None:
        number += 1
    return f"{like[:28]}-{number}"
