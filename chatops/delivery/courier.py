"""Sends what the rooms of one platform are owed: in order, as fast as its limits let it, whatever breaks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chatops.adapters.base import Adapter, SendError
from chatops.delivery.book import Allowed, Book
from chatops.delivery.endings import CLOSES_THE_GATE, Ending, Ends, Manner, Sent, Waits, judge
from chatops.delivery.folding import fold
from chatops.delivery.gate import Gate
from chatops.delivery.limits import Limits
from chatops.delivery.marks import marked
from chatops.delivery.slots import Slots
from chatops.ids import uuid7
from chatops.owed import Lane, Owed, State
from chatops.storage.deliveries import Claimed

log = logging.getLogger(__name__)

#: So many are claimed at once.
AT_ONCE = 16
#: So long an answer waits for the message before it to be taken, before it takes its place in the queue.
TURN_WITHIN_S = 2.0
#: So long a message that was claimed waits for the limits at most; for longer it goes back to where it waited, since a
#: claim does not last for ever.
KEPT_S = 5.0
#: So long a stop waits for what is on its way.
FINISH_WITHIN_S = 3.0
#: Between two tries to hand out anything where that itself broke.
AGAIN_S = 5.0


class Ended(Protocol):
    """Told when a message needs no more sending."""

    def __call__(self, owed: Owed, state: State, message_id: str | None) -> None:
        """`message_id` where the platform has it."""
        ...


class Courier:
    """One platform's sender. `run` sends what is stored; `deliver_now` is the short way of an answer."""

    def __init__(
        self,
        adapter: Adapter,
        book: Book,
        gate: Gate,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        ended: Ended,
    ) -> None:
        self._adapter = adapter
        self._book = book
        self._gate = gate
        self._now = now
        self._time = monotonic
        self._sleep = sleep
        self._ended = ended
        self._limits = Limits(adapter.pace)
        self._slots = Slots()
        self._news = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        #: Chats of which something is claimed, until what came of it is noted: what is behind it must not overtake it.
        self._claimed: set[str] = set()
        #: Chats that were written to lately, and may still have to be spared.
        self._spared: set[str] = set()
        #: Chats that were left out of the last claim.
        self._left_out: frozenset[str] = frozenset()
        #: By chat, the answers that wait their turn: those that come after them stand behind them.
        self._in_line: dict[str, set[UUID]] = {}

    @property
    def platform(self) -> str:
        """Whose sender it is."""
        return self._adapter.platform

    @property
    def gate(self) -> Gate:
        """Whether the platform can be reached."""
        return self._gate

    def wake(self) -> None:
        """Look again: something may be owed."""
        self._news.set()

    async def run(self) -> None:
        """Send what is owed, until cancelled."""
        try:
            while True:
                await self._gate.opened()
                self._news.clear()
                try:
                    wait_s = await self._hand_out()
                except Exception:
                    log.exception("nothing could be handed out for %s", self.platform)
                    wait_s = AGAIN_S
                await self._until_news(wait_s)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """Let what is on its way arrive, for a while: cut off, nobody would know whether it did."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=FINISH_WITHIN_S)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def deliver_now(self, owed: Owed, *, attempts: int = 1) -> Ending | None:
        """Send an answer at once; None where it has to wait its turn, and nothing was tried."""
        chat = owed.room.id
        if chat in self._in_line or not self._may_go(owed):
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_WITHIN_S) as turn, self._slots.hold(chat, owed.lane):
                turn.reschedule(None)
                if chat in self._in_line or not self._may_go(owed):
                    return None
                try:
                    return await self._deliver(owed, attempts, repeat=False, reply_to=None)
                finally:
                    if chat in self._left_out:
                        self.wake()
        return None

    def put_in_line(self, owed: Owed) -> None:
        """An answer waits its turn in the book: later ones stand behind it."""
        self._in_line.setdefault(owed.room.id, set()).add(owed.id)
        self.wake()

    async def note(self, owed: Owed, ending: Ending) -> None:
        """Keep what came of a try, and tell whom it concerns."""
        await self._book.note(owed, ending)
        match ending:
            case Sent(message_id):
                self._ended(owed, State.SENT, message_id)
            case Ends(state, reason):
                log.warning("message %s to %s is %s: %s", owed.id, owed.room, state, reason)
                self._ended(owed, state, None)
            case _:
                log.info("message %s to %s goes again: %s", owed.id, owed.room, ending.reason)

    async def _hand_out(self) -> float | None:
        """Begin to send what may go now; gives the seconds until more may, None where only news can tell."""
        allowed, wait_s = self._allowed()
        if allowed is None:
            return wait_s
        self._left_out = frozenset(allowed.busy)
        claims = await self._book.claim(self.platform, allowed)
        for claimed in claims.claimed:
            self._claimed.add(claimed.owed.room.id)
            task = asyncio.create_task(self._send(claimed), name=f"sending {claimed.owed.id}")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if len(claims.claimed) == allowed.limit:
            # There may be more, once these have been counted.
            await asyncio.sleep(0)
            return 0.0
        if claims.next_at is not None:
            due_s = max(0.0, (claims.next_at - self._now()).total_seconds())
            wait_s = due_s if wait_s is None else min(wait_s, due_s)
        return wait_s

    def _allowed(self) -> tuple[Allowed | None, float | None]:
        """Which chats may be written to now, and in how many seconds more of them may."""
        now = self._time()
        overall = self._limits.overall_wait_s(Lane.EMERGENCY, now)
        if overall > 0:
            return None, overall
        for_the_rest = self._limits.overall_wait_s(Lane.INFO, now)
        waits = [for_the_rest] if for_the_rest > 0 else []
        busy, urgent_only = self._claimed | self._slots.taken, set()
        for chat in tuple(self._spared):
            group = self._is_group(chat)
            any_lane = self._limits.wait_s(chat, Lane.INFO, now, group=group)
            if any_lane <= 0:
                self._spared.discard(chat)
                continue
            waits.append(any_lane)
            urgent = self._limits.wait_s(chat, Lane.EMERGENCY, now, group=group)
            if urgent > 0:
                busy.add(chat)
                waits.append(urgent)
            else:
                urgent_only.add(chat)
        allowed = Allowed(AT_ONCE, tuple(busy), tuple(urgent_only), all_urgent_only=for_the_rest > 0)
        return allowed, min(waits, default=None)

    async def _send(self, claimed: Claimed) -> None:
        owed = claimed.owed
        try:
            async with self._slots.hold(owed.room.id, owed.lane):
                # Several were claimed at once: each but the first may have to wait for the platform as a whole.
                while 0 < (wait_s := self._wait_s(owed)) <= KEPT_S:
                    await self._sleep(wait_s)
                if wait_s > 0 or not self._gate.is_open:
                    ending: Ending = Waits("something before it had to wait", wait_s)
                else:
                    if claimed.behind:
                        owed = await self._folded(owed)
                    ending = await self._deliver(owed, claimed.attempts, claimed.repeat, claimed.reply_to)
        except Exception:
            log.exception("sending %s broke", owed.id)
            # Nobody knows how far it came: as with a try that nobody answered.
            ending = Waits("it broke on our side", AGAIN_S, repeat=not owed.edits)
            if claimed.attempts > 1:
                ending = Ends(State.DEAD, "it broke on our side, see the log")
        try:
            await self.note(owed, ending)
        except Exception:
            log.exception("what became of %s was not noted", owed.id)
        if isinstance(ending, Sent | Ends):
            self._out_of_line(owed)
        self._claimed.discard(claimed.owed.room.id)
        self.wake()

    def _out_of_line(self, owed: Owed) -> None:
        waiting = self._in_line.get(owed.room.id)
        if waiting is not None:
            waiting.discard(owed.id)
            if not waiting:
                del self._in_line[owed.room.id]

    async def _folded(self, first: Owed) -> Owed:
        """It, or what stands for it and for those behind it."""
        group = self._is_group(first.room.id)
        at_once = self._limits.allowance(first.room.id, first.lane, self._time(), group=group)
        behind = [one.owed for one in await self._book.waiting(first)]
        folded = fold(first, behind, uuid7(), self._now(), at_once=at_once)
        if folded is None or not await self._book.fold(folded.into, folded.of):
            return first
        return folded.into

    async def _deliver(self, owed: Owed, attempts: int, repeat: bool, reply_to: str | None) -> Ending:
        manner = Manner()
        while True:
            self._count(owed)
            try:
                message_id = await self._put(owed, manner, repeat, reply_to)
            except SendError as error:
                eased = manner.without(error.without) if error.without else None
                if eased is not None:
                    manner = eased
                    continue
                if error.fault in CLOSES_THE_GATE:
                    self._gate.close(error)
                # What could not be changed went as a new message, which may be there twice.
                ending = judge(owed if manner.edit else replace(owed, replaces=None), error, attempts, repeat=repeat)
                if isinstance(ending, Waits) and ending.holds_chat:
                    self._limits.hold(owed.room.id, self._time() + ending.wait_s)
                    self._spared.add(owed.room.id)
                return ending
            return Sent(message_id, manner.note)

    async def _put(self, owed: Owed, manner: Manner, repeat: bool, reply_to: str | None) -> str:
        # A card that could not be changed is a message like any other.
        put = owed if manner.edit else replace(owed, replaces=None)
        posting = marked(put, self._now(), repeat=repeat, topic_gone=not manner.topic)
        room = owed.room if manner.topic else owed.room.without_topic
        if owed.replaces is not None and manner.edit:
            return await self._adapter.edit(room, owed.replaces, posting, plain=manner.plain)
        return await self._adapter.send(room, posting, reply_to=reply_to if manner.reply else None, plain=manner.plain)

    def _count(self, owed: Owed) -> None:
        chat = owed.room.id
        self._limits.count(chat, self._time(), group=self._is_group(chat))
        self._spared.add(chat)

    def _may_go(self, owed: Owed) -> bool:
        return self._gate.is_open and self._wait_s(owed) <= 0

    def _wait_s(self, owed: Owed) -> float:
        return self._limits.wait_s(owed.room.id, owed.lane, self._time(), group=self._is_group(owed.room.id))

    def _is_group(self, chat: str) -> bool:
        return self._adapter.is_group(chat)

    async def _until_news(self, wait_s: float | None) -> None:
        if wait_s is None:
            await self._news.wait()
            return
        waits = [asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(self._sleep(wait_s))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
