"""Who we know: a person is a name, a role, and the identities that platforms know them by."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from chatops.room import Room

log = logging.getLogger(__name__)

_NAME = re.compile(r"\w[\w.-]{0,31}")
#: Who stands in the record where no person did it.
THE_DESK = "quarterdeck"


class Role(StrEnum):
    """What a person may do; each covers those before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Its place, the least first."""
        return list(Role).index(self)

    def covers(self, other: "Role") -> bool:
        """Whether this role may do whatever the other may."""
        return self.rank >= other.rank


class Source(StrEnum):
    """Where a person is written down."""

    #: In the settings file, and changed there alone.
    FILE = "file"
    #: In the database: they came by a claim or an invitation.
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Identity:
    """An account on a platform, by the id that its owner cannot change. Names are never part of it."""

    platform: str
    id: str
    #: Where ids are unique only within a workspace.
    workspace: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.platform, self.workspace, self.id) if part)


@dataclass(frozen=True, slots=True)
class Principal:
    """A person we know."""

    name: str
    role: Role
    identities: frozenset[Identity] = frozenset()
    #: The only bots that they may ask about, folded; None: all.
    bots: frozenset[str] | None = None
    #: The only rooms in which they may ask; None: wherever they are known.
    rooms: frozenset[Room] | None = None

    def may_see(self, bot: str) -> bool:
        """Whether they may ask about the bot of this name, in whatever case it is typed."""
        return self.bots is None or bot.casefold() in self.bots

    def may_ask_in(self, room: Room) -> bool:
        """Whether they may ask in this room."""
        return self.rooms is None or room in self.rooms or room.without_topic in self.rooms


@dataclass(frozen=True, slots=True)
class Account:
    """An identity that is stored, and whose it is."""

    identity: Identity
    person: str
    source: Source = Source.HERE


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """What the database knows: people of its own, and accounts of these and of people of the settings file."""

    people: tuple[Principal, ...] = ()
    accounts: tuple[Account, ...] = ()


def may_be_called(name: str) -> bool:
    """Whether a person may have this name: one word, and nobody's who is no person."""
    return _NAME.fullmatch(name) is not None and name.casefold() != THE_DESK


@dataclass(frozen=True, slots=True)
class Revoked:
    """What became of a person who was revoked, or of whom an account was taken."""

    person: Principal
    #: The accounts that lead nowhere now.
    gone: frozenset[Identity]
    #: Those that are theirs on: where all was to go, what the settings file names.
    stays: frozenset[Identity]
    #: How many of their asks were waiting, and are void.
    voided: int


class Directory:
    """Everybody we know, by identity. Whoever is not in it is a stranger.

    It holds the people of the settings file, and beside them what was last taken in of the database. It is in memory:
    what it knows counts on while the database is away.
    """

    def __init__(self, people: Iterable[Principal], stored: StoredPeople | None = None) -> None:
        """Raises `ValueError` where one account would be two people: a role must not change hands unseen."""
        self._of_file = tuple(people)
        owners: dict[Identity, Principal] = {}
        for person in self._of_file:
            for identity in person.identities:
                if (owner := owners.setdefault(identity, person)) is not person:
                    raise ValueError(
                        f"{identity} belongs to {owner.name} and to {person.name}: an account is one person"
                    )
        self._watchers: list[Callable[[], None]] = []
        self._people: tuple[Principal, ...] = ()
        self._by_identity: dict[Identity, Principal] = {}
        self._clashes: tuple[str, ...] = ()
        self._hold(*_merged(self._of_file, stored or StoredPeople()))

    def as_if(self, stored: StoredPeople) -> "Directory":
        """One with the same settings file that knows this of the database."""
        return Directory(self._of_file, stored)

    def take_in(self, stored: StoredPeople) -> None:
        """Know this of the database from now on, and nothing else of it. Where that changes anything watchers hear."""
        before, clashed = self._people, self._clashes
        self._hold(*_merged(self._of_file, stored))
        for clash in self._clashes:
            if clash not in clashed:
                log.warning("people: %s", clash)
        if self._people != before:
            for watcher in self._watchers:
                watcher()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call this after every change. It must neither wait nor raise."""
        self._watchers.append(watcher)

    def identify(self, identity: Identity) -> Principal | None:
        """The person behind an account, or None for a stranger."""
        return self._by_identity.get(identity)

    def named(self, name: str) -> Principal | None:
        """The person of this name, in whatever case it is typed."""
        folded = name.casefold()
        return next((person for person in self._people if person.name.casefold() == folded), None)

    def source(self, person: Principal) -> Source:
        """Where this person of ours is written down."""
        return Source.FILE if self._file_person(person.name) else Source.HERE

    def fixed(self, person: Principal) -> frozenset[Identity]:
        """Those of their accounts that the settings file names."""
        of_file = self._file_person(person.name)
        return of_file.identities if of_file else frozenset()

    @property
    def people(self) -> tuple[Principal, ...]:
        """Everybody: those of the settings in their order, then those of the database by name."""
        return self._people

    @property
    def admins(self) -> tuple[Principal, ...]:
        """Those who can be heard as admin: with an account on some platform."""
        return tuple(person for person in self._people if person.role is Role.ADMIN and person.identities)

    @property
    def clashes(self) -> tuple[str, ...]:
        """What of the database does not count since the settings file says otherwise, a sentence each."""
        return self._clashes

    def _file_person(self, name: str) -> Principal | None:
        return next((person for person in self._of_file if person.name == name), None)

    def _hold(self, people: tuple[Principal, ...], clashes: tuple[str, ...]) -> None:
        self._people, self._clashes = people, clashes
        self._by_identity = {identity: person for person in people for identity in person.identities}


def _merged(of_file: tuple[Principal, ...], stored: StoredPeople) -> tuple[tuple[Principal, ...], tuple[str, ...]]:
    """Everybody, and what gave way: the settings file goes before the database, by account and by name."""
    clashes: list[str] = []
    owners = {identity: person.name for person in of_file for identity in person.identities}
    names = {person.name.casefold() for person in of_file}
    linked: dict[tuple[Source, str], set[Identity]] = {}
    for account in stored.accounts:
        owner = owners.get(account.identity)
        if owner is None:
            linked.setdefault((account.source, account.person), set()).add(account.identity)
        elif (account.source, account.person) != (Source.FILE, owner):
            clashes.append(f"{account.identity} is {owner}'s by the settings file, and not {account.person}'s")
    people = [
        replace(person, identities=person.identities | linked.pop((Source.FILE, person.name), set()))
        for person in of_file
    ]
    for person in sorted(stored.people, key=lambda one: one.name):
        accounts = linked.pop((Source.HERE, person.name), set())
        if person.name.casefold() in names:
            clashes.append(
                f"{person.name} of the settings file goes before the {person.role} {person.name} stored here"
            )
        else:
            people.append(replace(person, identities=frozenset(accounts)))
    clashes += [
        f"{', '.join(sorted(map(str, accounts)))} was linked to {name}, who is not in the settings file any more"
        for (_, name), accounts in sorted(linked.items())
    ]
    return tuple(people), tuple(clashes)
