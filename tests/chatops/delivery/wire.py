"""A platform, a database and a disk that break when a test says so, and can stop the program between any two steps."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from chatops.adapters.base import Ability, Fault, Pace, Part, SendError
from chatops.messages import Posting
from chatops.people import Identity
from chatops.room import Room
from chatops.storage.database import Connection, Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.spool import Spool
from tests.flows.delivery_world import Watch

#: Three at once, one a second, six a minute: small enough that tests meet every limit.
PACE = Pace(overall_per_s=12, per_chat_per_s=1.0, burst=3, per_group_per_min=6)


class Steps:
    """Counts the steps of a program; at the one that was ordered it goes no further."""

    def __init__(self) -> None:
        self.stop_in: int | None = None
        self.stopped = asyncio.Event()

    async def take(self) -> None:
        if self.stop_in is None:
            return
        self.stop_in -= 1
        if self.stop_in <= 0:
            self.stopped.set()
            await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Try:
    """One call that reached the platform."""

    #: As people know it, whatever its id is now.
    chat: str
    text: str
    is_edit: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the platform does with one call."""

    fault: Fault
    wait_s: float | None = None
    without: Part | None = None
    #: Whether it does what it was asked all the same.
    accepts: bool = False


@dataclass
class Wire:
    """An `Adapter` without a wire."""

    watch: Watch
    steps: Steps
    platform: str = "wire"
    pace: Pace = PACE
    #: By chat, what becomes of the next calls.
    outcomes: dict[str, deque[Outcome]] = field(default_factory=lambda: defaultdict(deque))
    tries: list[Try] = field(default_factory=list)
    #: What nothing can be said against for now.
    broken: Fault | None = None
    #: New ids by old ones.
    moved: dict[str, str] = field(default_factory=dict)
    #: Whether anybody has called a chat by its new id.
    is_followed: bool = False
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset()

    def is_group(self, chat: str) -> bool:
        return chat.startswith("-")

    def direct(self, identity: Identity) -> Room:
        return Room(self.platform, identity.id)

    def is_private(self, chat: str) -> bool:
        return not self.is_group(chat)

    def invitation(self, code: str) -> str | None:
        return None

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        return (posting,)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        with self.watch.one():
            return await self._called(room, posting, None)

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        with self.watch.one():
            return await self._called(room, posting, message_id)

    async def probe(self) -> None:
        if self.broken is not None:
            raise SendError("away", self.broken)

    async def pin(self, room: Room, message_id: str) -> None: ...

    async def unpin(self, room: Room, message_id: str) -> None: ...

    async def delete(self, room: Room, message_id: str) -> None: ...

    def known_as(self, chat: str) -> str:
        """What people call a chat that has this id."""
        return next((old for old, new in self.moved.items() if new == chat), chat)

    async def _called(self, room: Room, posting: Posting, changes: str | None) -> str:
        await self.steps.take()
        if self.broken is not None:
            raise SendError("away", self.broken)
        chat, text = self.known_as(room.id), posting.message.text
        if posting.message.attachment is not None:
            text = posting.message.attachment.content.decode()
        queue = self.outcomes[chat]
        outcome = queue.popleft() if queue else None
        if outcome is not None and outcome.without is Part.CARD and changes is None:
            outcome = None
        if room.id in self.moved:
            self._note(chat, text, changes, accepted=False)
            raise SendError("it moved", Fault.REROUTE, moved_to=self.moved[room.id])
        self.is_followed = self.is_followed or room.id in self.moved.values()
        accepted = outcome is None or outcome.accepts
        self._note(chat, text, changes, accepted=accepted)
        message_id = changes or str(len(self.shown) + 1)
        if accepted:
            self.shown[message_id] = text
        await self.steps.take()
        if outcome is not None:
            raise SendError(str(outcome.fault), outcome.fault, wait_s=outcome.wait_s, without=outcome.without)
        return message_id

    def _note(self, chat: str, text: str, changes: str | None, *, accepted: bool) -> None:
        self.tries.append(Try(chat, text, changes is not None, accepted))


class FrailDatabase(Database):
    """The real one, at the end of a line that breaks before a statement or after it."""

    def __init__(self, database: Database, watch: Watch, steps: Steps) -> None:
        super().__init__(database._pool, database.url)
        # It keeps connections of its own, and there is one of these for every start.
        self._database = database
        self._watch = watch
        self._steps = steps
        self.is_away = False
        #: Of so many of the next statements the answer is lost.
        self.loses = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        with self._watch.one():
            await self._steps.take()
            if self.is_away:
                raise DatabaseAway("away")
            async with self._database.acquire() as connection:
                yield connection
            await self._steps.take()
            if self.loses:
                self.loses -= 1
                raise DatabaseAway("lost the answer")


class FrailSpool(Spool):
    """The real one, on which the program may stop before a line is written, or after."""

    def __init__(self, path: Path, watch: Watch, steps: Steps) -> None:
        super().__init__(path)
        self._watch = watch
        self._steps = steps

    async def _append(self, fact: Any) -> None:
        with self._watch.one():
            await self._steps.take()
            await super()._append(fact)
            await self._steps.take()

    async def read(self) -> Any:
        with self._watch.one():
            return await super().read()

    async def clear(self, refused: Collection[UUID] = ()) -> None:
        with self._watch.one():
            await self._steps.take()
            await super().clear(refused)
