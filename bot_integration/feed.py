"""The changes of one bot, numbered, for any number of readers: made once, however many there are."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Self

from bot_integration.bot import Bot
from bot_integration.clock import utc_now
from bot_integration.deltas import deltas, is_urgent
from bot_integration.difference import dumped
from bot_integration.ending import end
from bot_integration.events import CommandFinished, Event, EventsMissed, Noted, SnapshotTaken
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Resume, Stamp, Whole, Why
from bot_integration.kept import KEPT, Kept, encoded
from bot_integration.state import EventCategory, Snapshot, TimelineEvent
from bot_integration.unsaid import unsaid

log = logging.getLogger(__name__)

#: So long after the last frame what is not urgent waits for more; after a pause it goes at once.
BATCH_S = 0.1

_UNTELLABLE = "a snapshot of %s cannot be said in JSON; the last that could be stays, with its age"

Reader = Callable[[Whole | Changed], None]


class Feed:
    """Follows a bot while it is entered, on the loop of whoever enters. Readers are called there, and must not wait.

    The first number is the moment at which the feed began, in microseconds: a number never means two things, though
    the feed of a bot that runs on is opened anew. From there on each delta counts one.

    What JSON has no word for is refused: the last state that could be told stays, with its age.
    """

    def __init__(
        self, bot: Bot, *, now: Callable[[], datetime] = utc_now, kept: int = KEPT, batch_s: float = BATCH_S
    ) -> None:
        self._bot = bot
        self._batch_s = batch_s
        self._seq = int(now().timestamp() * 1_000_000)
        #: What the newest deltas lead to, and what is newer still.
        self._snapshot: Snapshot | None = None
        self._newest: Snapshot | None = None
        #: What was said, and waits with it.
        self._said: list[Delta] = []
        self._kept = Kept(kept)
        self._readers: tuple[Reader, ...] = ()
        self._due: asyncio.TimerHandle | None = None
        #: The monotonic moment until which what comes waits for more.
        self._waits_until = 0.0
        #: What is wrong with a state that could not be told; empty where all could be.
        self._fault = ""
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        events = await self._opened.enter_async_context(self._bot.follow())
        self.look()
        following = asyncio.create_task(self._follow(events), name=f"the feed of {self._bot.name}")
        self._opened.push_async_callback(end, following)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()
        self.flush()

    @property
    def whole(self) -> Whole | None:
        """All that was told up to now; None before the first snapshot."""
        return None if self._snapshot is None else Whole(self._stamp(self._snapshot), self._snapshot)

    def beat(self) -> Beat | None:
        """A sign of life, with the age of the newest facts, which are told before; None before the first snapshot."""
        # Whatever became of the events: at each beat the state is right.
        self.look()
        return None if self._snapshot is None else Beat(self._stamp(self._snapshot))

    def since(self, resume: Resume) -> Changed | None:
        """What a reader missed; None where that is no longer known, or was never: it needs the whole."""
        if self._snapshot is None or resume.session_id != self._snapshot.session_id:
            return None
        missed = self._kept.newest(self._seq - resume.last_seq)
        return None if missed is None else Changed(self._stamp(self._snapshot), missed, caught_up=True)

    def read(self, reader: Reader) -> Callable[[], None]:
        """Call it with all that changes from now on; gives what ends that."""
        self._readers = (*self._readers, reader)

        def leave() -> None:
            self._readers = tuple(one for one in self._readers if one is not reader)

        return leave

    def look(self) -> None:
        """Take in what the bot says now, and tell it at once: whoever asks after this has read all before it."""
        snapshot = self._now()
        known = self._newest or self._snapshot
        if snapshot is not None:
            if known is None or known.session_id != snapshot.session_id:
                self._begin(snapshot)
            elif snapshot.seq > known.seq:
                self._newest = snapshot
        self.flush()

    def flush(self) -> None:
        """Tell at once what has waited for more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        newest, self._newest = self._newest, None
        said, self._said = self._said, []
        if self._snapshot is None:
            return
        found: list[Delta] = []
        if newest is not None:
            try:
                found = deltas(self._snapshot, newest)
                self._kept.add(found)
            except Exception as error:
                if self._is_new(error):
                    log.exception(_UNTELLABLE, self._bot.name)
                found = []
            else:
                self._snapshot, self._fault = newest, ""
        # Each was looked at when it was said.
        self._kept.add(said)
        told = (*found, *said)
        if told:
            self._waits_until = monotonic() + self._batch_s
            self._seq += len(told)
            self._hand_out(Changed(self._stamp(self._snapshot), told))

    # ------------------------------------------------------------------------ inside

    async def _follow(self, events: AsyncIterator[Event]) -> None:
        try:
            async for event in events:
                try:
                    self._hear(event)
                except Exception:
                    log.exception("the feed of %s broke on an event", self._bot.name)
        except Exception:
            log.exception("the feed of %s hears nothing more; it looks at each beat", self._bot.name)

    def _hear(self, event: Event) -> None:
        if isinstance(event, SnapshotTaken):
            self._take(event.snapshot)
        elif isinstance(event, Noted):
            said = TimelineEvent(at=event.at, category=event.category, message=event.message)
            self._say(Delta(DeltaKind.EVENT, {"event": dumped(said), "kept": False}))
            if event.category is EventCategory.WARNING:
                self.flush()
        elif isinstance(event, CommandFinished):
            command, result = unsaid(event.command, event.result, self._newest or self._snapshot)
            self._say(Delta(DeltaKind.COMMAND_UPDATE, {"command": dumped(command), "result": dumped(result)}))
            self.flush()
        elif isinstance(event, EventsMissed):
            # The newest snapshot may be among them.
            self._say(Delta(DeltaKind.EVENTS_MISSED, {"count": event.count}))
            self.look()
        # What positions became is in the snapshots.

    def _take(self, snapshot: Snapshot) -> None:
        known = self._newest or self._snapshot
        if self._snapshot is None or known is None:
            self._begin(snapshot)
        elif known.session_id != snapshot.session_id:
            # The first of a new run, or one of the last that was still on its way: what the bot says now settles it.
            self.look()
        elif snapshot.seq > known.seq:
            self._newest = snapshot
            if is_urgent(self._snapshot, snapshot):
                self.flush()
            else:
                self._soon()

    def _begin(self, snapshot: Snapshot) -> None:
        """A run of the bot begins: nothing from before can be caught up with."""
        try:
            encoded(dumped(snapshot))
        except Exception as error:
            if self._is_new(error):
                log.exception(_UNTELLABLE, self._bot.name)
            return
        why = Why.SUBSCRIBED if self._snapshot is None else Why.RESTARTED
        self._snapshot, self._newest, self._fault = snapshot, None, ""
        self._kept.clear()
        self._seq += 1
        self._hand_out(Whole(self._stamp(snapshot), snapshot, why))

    def _say(self, delta: Delta) -> None:
        # Before the first snapshot nobody can have read anything.
        if self._snapshot is not None:
            # What JSON cannot say breaks here, and nothing else with it.
            encoded(delta.data)
            self._said.append(delta)
            self._soon()

    def _soon(self) -> None:
        if self._due is None:
            # Not in this turn: what is said in one breath is told in one.
            wait_s = max(0.0, self._waits_until - monotonic())
            self._due = asyncio.get_running_loop().call_later(wait_s, self.flush)

    def _now(self) -> Snapshot | None:
        try:
            return self._bot.snapshot()
        except Exception:
            log.exception("%s does not say how it is", self._bot.name)
            return None

    def _is_new(self, error: Exception) -> bool:
        # A bot that publishes the same mistake every second is told of it once.
        known, self._fault = self._fault, f"{type(error).__name__} {error}"
        return self._fault != known

    def _hand_out(self, frame: Whole | Changed) -> None:
        for reader in self._readers:
            try:
                reader(frame)
            except Exception:
                log.exception("a reader of %s broke", self._bot.name)

    def _stamp(self, snapshot: Snapshot) -> Stamp:
        return Stamp(snapshot.session_id, self._seq, snapshot.seq, snapshot.at)
