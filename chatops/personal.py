"""What people have chosen for themselves, over what their rooms have."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Own:
    """One choice of one person. The value is JSON, and not null."""

    #: By name.
    person: str
    key: str
    value: Any


class PersonalStore(Protocol):
    """The stored choices. Every method raises `DatabaseAway` where the database is."""

    async def load(self) -> list[Own]:
        """All of them."""
        ...

    async def keep(self, own: Own) -> None:
        """Store it in place of the one before."""
        ...

    async def forget(self, person: str, key: str) -> None:
        """As if they had never chosen."""
        ...


class Personal:
    """The choices of everybody, in memory: they hold while the database is away, and change only with it."""

    def __init__(self, store: PersonalStore) -> None:
        self._store = store
        self._chosen: dict[str, dict[str, Any]] = {}
        #: What is loaded must not undo in memory what is stored meanwhile.
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """Take in what is stored. Raises `DatabaseAway`."""
        async with self._turn:
            chosen: dict[str, dict[str, Any]] = {}
            for own in await self._store.load():
                chosen.setdefault(own.person, {})[own.key] = own.value
            self._chosen = chosen

    def of(self, person: str) -> Mapping[str, Any]:
        """What somebody chose, by key."""
        return self._chosen.get(person, {})

    async def choose(self, person: str, key: str, value: Any) -> None:
        """Store a choice in place of the one before. Raises `DatabaseAway`."""
        async with self._turn:
            await self._store.keep(Own(person, key, value))
            self._chosen.setdefault(person, {})[key] = value

    async def forget(self, person: str, key: str) -> None:
        """As if they had never chosen. Raises `DatabaseAway`."""
        async with self._turn:
            await self._store.forget(person, key)
            self._chosen.get(person, {}).pop(key, None)
