"""Who we know: a person is a name, a role, and the identities that platforms know them by."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chatops.room import Room


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


class Directory:
    """Everybody we know, by identity. Whoever is not in it is a stranger."""

    def __init__(self, people: Iterable[Principal]) -> None:
        """Raises `ValueError` where one account would be two people: a role must not change hands unseen."""
        self._people = tuple(people)
        self._by_identity: dict[Identity, Principal] = {}
        for person in self._people:
            for identity in person.identities:
                if (owner := self._by_identity.setdefault(identity, person)) is not person:
                    raise ValueError(
                        f"{identity} belongs to {owner.name} and to {person.name}: an account is one person"
                    )

    def identify(self, identity: Identity) -> Principal | None:
        """The person behind an account, or None for a stranger."""
        return self._by_identity.get(identity)

    def named(self, name: str) -> Principal | None:
        """The person of this name."""
        return next((person for person in self._people if person.name == name), None)

    @property
    def people(self) -> tuple[Principal, ...]:
        """Everybody, in the order of the settings."""
        return self._people
