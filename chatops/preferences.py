"""What rooms have chosen, over what the settings say of them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from chatops.notices.kinds import Loudness, NoticeKind
from chatops.room import Room

_NOTICE = "notice:"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice of one room. The key says what it is about; the value is JSON, and not null."""

    room: Room
    key: str
    value: Any


class PreferenceStore(Protocol):
    """The stored choices. Every method raises `DatabaseAway` where the database is."""

    async def load(self) -> list[Chosen]:
        """All of them, each for the room as it is called now."""
        ...

    async def where(self, rooms: Collection[Room]) -> Mapping[Room, Room]:
        """Where each of these rooms is now: a chat may have been given another id."""
        ...

    async def keep(self, chosen: Sequence[Chosen], by: str) -> None:
        """Store these, all or none, in place of what the rooms had chosen for those keys."""
        ...

    async def forget(self, room: Room, key: str) -> None:
        """As if the room had never chosen."""
        ...

    async def muted(self) -> Collection[Room]:
        """The rooms that are told nothing unasked, each as it is called now."""
        ...

    async def mute(self, room: Room, by: str) -> None:
        """Have it be one of them."""
        ...

    async def unmute(self, room: Room) -> None:
        """Have it be none of them, under whatever id it has had."""
        ...


class Preferences:
    """The choices of every room, in memory: they hold while the database is away, and change only with it."""

    def __init__(self, store: PreferenceStore, standing: Mapping[Room, Mapping[NoticeKind, Loudness]]) -> None:
        """`standing` are the rooms that the settings have told of what happens, each with how."""
        self._store = store
        self._settings = standing
        self._standing = standing
        self._chosen: dict[Room, dict[str, Any]] = {}
        self._muted: frozenset[Room] = frozenset()
        #: Where the rooms of the settings were when we loaded.
        self._where: Mapping[Room, Room] = {}
        #: By platform and id, the id that a chat got while we ran.
        self._moved: dict[tuple[str, str], str] = {}
        #: What is loaded must not undo in memory what is stored meanwhile.
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """Take in what is stored, and where the rooms of the settings are now. Raises `DatabaseAway`."""
        async with self._turn:
            await self._load()

    def moved(self, platform: str, old: str, new: str) -> None:
        """A chat has another id now: what its rooms chose goes with it, here as it does in the store."""
        if old == new:
            return
        # A chat that comes back to an id it had: no chain of moves may end where it began.
        self._moved.pop((platform, new), None)
        self._moved[platform, old] = new
        self._standing = {self._here(room): kinds for room, kinds in self._standing.items()}
        self._muted = frozenset(map(self._here, self._muted))
        chosen: dict[Room, dict[str, Any]] = {}
        # What was chosen under the new id goes before what had been under the old one.
        for room in sorted(self._chosen, key=lambda room: room == self._here(room)):
            chosen.setdefault(self._here(room), {}).update(self._chosen[room])
        self._chosen = chosen

    def loudness(self, room: Room, kind: NoticeKind) -> Loudness:
        """How this room is told of this kind: as it chose, or as the settings say; else not at all."""
        room = self._here(room)
        if self.is_muted(room):
            return Loudness.OFF
        chosen = self._chosen.get(room, {}).get(_NOTICE + kind)
        # A later version may have stored what this one does not know.
        if isinstance(chosen, str) and chosen in set(Loudness):
            return Loudness(chosen)
        return self._standing.get(room, {}).get(kind, Loudness.OFF)

    def is_muted(self, room: Room) -> bool:
        """Whether it, or the chat that it is a topic of, is told nothing unasked."""
        room = self._here(room)
        return room in self._muted or room.without_topic in self._muted

    def is_standing(self, room: Room) -> bool:
        """Whether the settings name it, or the chat that it is a topic of."""
        return not self._standing.keys().isdisjoint({self._here(room), self._here(room).without_topic})

    @property
    def rooms(self) -> tuple[Room, ...]:
        """Every room that the settings or somebody in it has said something of."""
        return tuple(dict.fromkeys([*self._standing, *self._chosen, *self._muted]))

    def told_of(self, kind: NoticeKind) -> tuple[tuple[Room, Loudness], ...]:
        """The rooms that want to hear of this kind, and how."""
        rooms = dict.fromkeys([*self._standing, *self._chosen])
        told = ((room, self.loudness(room, kind)) for room in rooms)
        return tuple((room, loudness) for room, loudness in told if loudness is not Loudness.OFF)

    async def set_loudness(self, room: Room, wanted: Mapping[NoticeKind, Loudness], by: str) -> None:
        """Tell this room so from now on. Raises `DatabaseAway`."""
        await self._keep([Chosen(room, _NOTICE + kind, str(loudness)) for kind, loudness in wanted.items()], by)

    def here(self, room: Room) -> Room:
        """The room as it is called now: its chat may have been given another id."""
        return self._here(self._where.get(room, room))

    def in_settings(self, room: Room) -> Room:
        """The room as the settings call it, whatever id its chat has now."""
        for one in self._settings:
            if (now_at := self.here(one)) == room:
                return one
            if not one.topic and now_at == room.without_topic:
                return replace(one, topic=room.topic)
        return room

    def chosen(self, room: Room, key: str) -> Any:
        """What a room chose for a key; None where it did not."""
        return self._chosen.get(self.here(room), {}).get(key)

    def choices(self, key: str) -> dict[Room, Any]:
        """What each room chose for a key, of those that did."""
        return {room: chosen[key] for room, chosen in self._chosen.items() if key in chosen}

    async def choose(self, room: Room, key: str, value: Any, by: str) -> None:
        """Store a choice in place of the one before. Raises `DatabaseAway`."""
        await self._keep([Chosen(room, key, value)], by)

    async def forget(self, room: Room, key: str) -> None:
        """As if the room had never chosen. Raises `DatabaseAway`."""
        async with self._turn:
            await self._store.forget(self._here(room), key)
            self._chosen.get(self._here(room), {}).pop(key, None)

    async def mute(self, room: Room, by: str, *, on: bool) -> None:
        """Tell this room nothing unasked from now on, or tell it again. Raises `DatabaseAway`."""
        async with self._turn:
            room = self._here(room)
            if on:
                await self._store.mute(room, by)
                self._muted |= {room}
            else:
                await self._store.unmute(room)
                self._muted -= {room}

    async def _keep(self, chosen: Sequence[Chosen], by: str) -> None:
        async with self._turn:
            await self._store.keep([replace(one, room=self._here(one.room)) for one in chosen], by)
            for one in chosen:
                self._chosen.setdefault(self._here(one.room), {})[one.key] = one.value

    def _here(self, room: Room) -> Room:
        """The room as it is called now."""
        while (new := self._moved.get((room.platform, room.id))) is not None:
            room = replace(room, id=new)
        return room

    async def _load(self) -> None:
        moved = await self._store.where(self._settings)
        chosen: dict[Room, dict[str, Any]] = {}
        for one in await self._store.load():
            chosen.setdefault(one.room, {})[one.key] = one.value
        muted = await self._store.muted()
        self._where = moved
        self._standing = {moved.get(room, room): kinds for room, kinds in self._settings.items()}
        self._chosen = chosen
        self._muted = frozenset(muted)
