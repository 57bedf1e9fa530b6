"""What a bot says, encoded once for all who read it on a control socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from pydantic_core import to_json

from bot_integration.bot import Bot
from bot_integration.control.socket_outbox import Outbox
from bot_integration.control.socket_wire import BEAT_S, line
from bot_integration.ending import end
from bot_integration.events import CommandFinished, Event, EventsMissed, Noted, SnapshotTaken
from bot_integration.state import Snapshot, TimelineEvent
from bot_integration.unsaid import unsaid

log = logging.getLogger(__name__)

#: States are said no more often than this, however often the bot publishes.
PACE_S = 0.05
#: Positions that are encoded at one go: no other thread runs meanwhile.
_AT_ONE_GO = 50

#: What tells two states apart. A publish that changes nothing still counts on.
_FACTS = tuple(name for name in Snapshot.model_fields if name not in {"seq", "at"})


class Board:
    """Follows a bot while it is entered, on the loop of whoever enters; that should not be the bot's."""

    def __init__(self, bot: Bot, *, pace_s: float = PACE_S, beat_s: float = BEAT_S) -> None:
        self._bot = bot
        self._pace_s = pace_s
        self._beat_s = beat_s
        self._readers: tuple[Outbox, ...] = ()
        #: The last state that was told, when, and as a line.
        self._told: Snapshot | None = None
        self._told_at = 0.0
        self._line = b""
        #: What is wrong with a state that could not be told; empty where all could be.
        self._fault = ""
        self._newer = asyncio.Event()
        self._looking = asyncio.Lock()
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        events = await self._opened.enter_async_context(self._bot.follow())
        for work, what in ((self._hear_all(events), "events"), (self._keep_telling(), "states")):
            task = asyncio.create_task(work, name=f"{what} of {self._bot.name} for its control socket")
            self._opened.push_async_callback(end, task)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    async def read(self, outbox: Outbox) -> Callable[[], None]:
        """Owe this reader the state of now, and all that comes; gives what ends that."""
        self._readers = (*self._readers, outbox)
        await self.look(afresh=True)

        def leave() -> None:
            self._readers = tuple(one for one in self._readers if one is not outbox)

        return leave

    async def look(self, *, afresh: bool = False) -> None:
        """Tell what the bot says now: who is answered after this has read it before. `afresh`: changed or not.

        Raises nothing: what JSON cannot say is logged, and the last state that it could stays, with its age.
        """
        async with self._looking:
            if not self._readers:
                return
            try:
                is_news = await self._take_in(afresh=afresh)
                self._fault = ""
            except Exception as error:
                is_news = afresh
                # A bot that publishes the same mistake every second is told of it once.
                known, self._fault = self._fault, f"{type(error).__name__} {error}"
                if self._fault != known:
                    log.exception("the state of %s cannot be told; the last that could be stays", self._bot.name)
            if not (is_news and self._line):
                return
            self._told_at = asyncio.get_running_loop().time()
            for reader in self._readers:
                reader.show(self._line)

    # ------------------------------------------------------------------------ inside

    async def _take_in(self, *, afresh: bool) -> bool:
        """Make a line of what the bot says now, where it is to be told; gives whether it is."""
        snapshot = self._bot.snapshot()
        if snapshot is None:
            return False
        is_news = self._told is None or not (snapshot is self._told or _is_same(self._told, snapshot))
        if not (afresh or is_news):
            return False
        if snapshot is not self._told:
            self._line = await _encoded(snapshot)
            self._told = snapshot
        return True

    async def _keep_telling(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = self._told_at + self._beat_s
            # Nobody reads, or there is nothing to tell yet: whoever comes is told at once.
            due = due if due > clock() else clock() + self._beat_s
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._newer.wait()
            self._newer.clear()
            await self.look(afresh=clock() >= due)
            await asyncio.sleep(self._pace_s)

    async def _hear_all(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            try:
                await self._hear(event)
            except Exception:
                log.exception("an event of %s could not be told", self._bot.name)

    async def _hear(self, event: Event) -> None:
        if isinstance(event, SnapshotTaken):
            self._newer.set()
        elif isinstance(event, EventsMissed):
            self._newer.set()
            self._tell(line(type="missed", count=event.count))
        elif isinstance(event, Noted):
            # What it was published with comes first.
            await self.look()
            said = TimelineEvent(at=event.at, category=event.category, message=event.message)
            self._tell(line(type="event", event=said))
        elif isinstance(event, CommandFinished):
            await self.look()
            command, result = unsaid(event.command, event.result, self._bot.snapshot())
            self._tell(line(type="command_update", command=command, result=result))
        # What positions became is in the states.

    def _tell(self, event: bytes) -> None:
        for reader in self._readers:
            reader.tell(event)


def _is_same(told: Snapshot, snapshot: Snapshot) -> bool:
    old, new = told.__dict__, snapshot.__dict__
    return all(old[name] is new[name] or old[name] == new[name] for name in _FACTS)


async def _encoded(snapshot: Snapshot) -> bytes:
    """The line of a state. Between its parts other threads have their turn: the bot may be one of them."""
    rest = snapshot.model_dump_json(exclude={"positions"}, fallback=str).encode()
    parts = []
    for first in range(0, len(snapshot.positions), _AT_ONE_GO):
        some = snapshot.positions[first : first + _AT_ONE_GO]
        parts.append(to_json(some, fallback=str, inf_nan_mode="null")[1:-1])
        await asyncio.sleep(0)
    return b'{"type":"state","state":' + rest[:-1] + b',"positions":[' + b",".join(parts) + b"]}}\n"
