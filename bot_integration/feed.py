"""The changes of one bot, numbered, for any number of readers: made once, however many there are."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bot_integration.bot import Bot
from bot_integration.deltas import deltas, dumped, is_urgent
from bot_integration.events import CommandFinished, Event, Noted, SnapshotTaken
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Resume, Stamp, Whole, Why
from bot_integration.state import Snapshot, TimelineEvent

log = logging.getLogger(__name__)

#: Deltas that are kept for those who come back.
KEPT = 10_000
#: So long what is not urgent may wait for more.
BATCH_S = 0.1

Reader = Callable[[Whole | Changed], None]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Feed:
    """Follows a bot while it is entered, on the loop of whoever enters. Readers are called there, and must not wait.

    The first number is the moment at which the feed began, in microseconds: a number never means two things, though
    the feed of a bot that runs on is opened anew. From there on each delta counts one.
    """

    def __init__(
        self, bot: Bot, *, now: Callable[[], datetime] = _utc_now, kept: int = KEPT, batch_s: float = BATCH_S
    ) -> None:
        self._bot = bot
        self._batch_s = batch_s
        self._seq = int(now().timestamp() * 1_000_000)
        #: What the newest deltas lead to, and what is newer still.
        self._snapshot: Snapshot | None = None
        self._newest: Snapshot | None = None
        self._kept: deque[Delta] = deque(maxlen=kept)
        self._readers: tuple[Reader, ...] = ()
        self._due: asyncio.TimerHandle | None = None
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        events = await self._opened.enter_async_context(self._bot.follow())
        self.look()
        following = asyncio.create_task(self._follow(events), name=f"the feed of {self._bot.name}")
        self._opened.push_async_callback(_end, following)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._due is not None:
            self._due.cancel()
        await self._opened.aclose()

    @property
    def whole(self) -> Whole | None:
        """All that was told up to now; None before the first snapshot."""
        return None if self._snapshot is None else Whole(self._stamp(self._snapshot), self._snapshot)

    def beat(self) -> Beat | None:
        """A sign of life, with the age of the newest facts; None before the first snapshot."""
        self.flush()
        return None if self._snapshot is None else Beat(self._stamp(self._snapshot))

    def since(self, resume: Resume) -> Changed | None:
        """What a reader missed; None where that is no longer known, or was never: it needs the whole."""
        if self._snapshot is None or resume.session_id != self._snapshot.session_id:
            return None
        missed = self._seq - resume.last_seq
        if not 0 <= missed <= len(self._kept):
            return None
        # From the newest end: most have missed little.
        found = [self._kept[-back] for back in range(missed, 0, -1)]
        return Changed(self._stamp(self._snapshot), tuple(found), caught_up=True)

    def read(self, reader: Reader) -> Callable[[], None]:
        """Call it with all that changes from now on; gives what ends that."""
        self._readers = (*self._readers, reader)

        def leave() -> None:
            self._readers = tuple(one for one in self._readers if one is not reader)

        return leave

    def look(self) -> None:
        """Take in what the bot says now, and tell it at once: whoever asks after this has read all before it."""
        snapshot = self._bot.snapshot()
        if snapshot is not None:
            self._take(snapshot)
            self.flush()

    def flush(self) -> None:
        """Tell at once what has waited for more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        newest, self._newest = self._newest, None
        if newest is None or self._snapshot is None:
            return
        before, self._snapshot = self._snapshot, newest
        self._tell(deltas(before, newest))

    # ------------------------------------------------------------------------ inside

    async def _follow(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            try:
                self._hear(event)
            except Exception:
                log.exception("the feed of %s broke on an event", self._bot.name)

    def _hear(self, event: Event) -> None:
        if isinstance(event, SnapshotTaken):
            self._take(event.snapshot)
        elif isinstance(event, Noted):
            said = TimelineEvent(at=event.at, category=event.category, message=event.message)
            self._say(Delta(DeltaKind.EVENT, {"event": dumped(said), "kept": False}))
        elif isinstance(event, CommandFinished):
            told = {"command": dumped(event.command), "result": dumped(event.result)}
            self._say(Delta(DeltaKind.COMMAND_UPDATE, told))
        # What positions became is in the snapshots; where events were missed the next snapshot has it all.

    def _take(self, snapshot: Snapshot) -> None:
        known = self._newest or self._snapshot
        if known is None or self._snapshot is None or known.session_id != snapshot.session_id:
            self._begin(snapshot)
        elif snapshot.seq > known.seq:
            self._newest = snapshot
            if is_urgent(self._snapshot, snapshot):
                self.flush()
            elif self._due is None:
                self._due = asyncio.get_running_loop().call_later(self._batch_s, self.flush)

    def _begin(self, snapshot: Snapshot) -> None:
        """A run of the bot begins: nothing from before can be caught up with."""
        is_first = self._snapshot is None
        self._snapshot, self._newest = snapshot, None
        self._kept.clear()
        self._seq += 1
        if not is_first:
            self._hand_out(Whole(self._stamp(snapshot), snapshot, Why.RESTARTED))
        else:
            self._hand_out(Whole(self._stamp(snapshot), snapshot))

    def _say(self, delta: Delta) -> None:
        if self._snapshot is None:
            # Nobody can have read anything yet.
            return
        self.flush()
        self._tell([delta])

    def _tell(self, found: Iterable[Delta]) -> None:
        told = tuple(found)
        if not told or self._snapshot is None:
            return
        self._kept.extend(told)
        self._seq += len(told)
        self._hand_out(Changed(self._stamp(self._snapshot), told))

    def _hand_out(self, frame: Whole | Changed) -> None:
        for reader in self._readers:
            try:
                reader(frame)
            except Exception:
                log.exception("a reader of %s broke", self._bot.name)

    def _stamp(self, snapshot: Snapshot) -> Stamp:
        return Stamp(snapshot.session_id, self._seq, snapshot.seq, snapshot.at)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
