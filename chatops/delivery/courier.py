"""Sends what the rooms of one platform are owed: in order, as fast as its limits let it, whatever breaks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from chatops.adapters.base import Adapter
from chatops.delivery.book import Book
from chatops.delivery.endings import Ended, Ending, Ends, Moves, Sent, Waits
from chatops.delivery.folding import fold, standing_for
from chatops.delivery.gate import Gate
from chatops.delivery.lines import Lines
from chatops.delivery.porter import Porter
from chatops.delivery.slots import Slots
from chatops.delivery.traffic import Traffic
from chatops.guard.presses import StoredPress
from chatops.ids import uuid7
from chatops.owed import Kind, Owed, State
from chatops.room import Room
from chatops.storage.deliveries import Claimed
from chatops.storage.errors import DatabaseAway
from chatops.tasks import Errands, first_of

log = logging.getLogger(__name__)

#: So long an answer waits for the message before it to be taken, before it takes its place in the queue.
TURN_WITHIN_S = 2.0
#: So long a stop waits for what is on its way.
FINISH_WITHIN_S = 3.0
#: An alert that has waited for longer may be another by now.
OVERTAKEN = timedelta(milliseconds=250)
#: Between two tries to hand out anything where that itself broke.
AGAIN_S = 5.0


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
        moved: Callable[[str, str], None] = lambda old, new: None,
        zone_of: Callable[[Room], tzinfo] = lambda room: UTC,
    ) -> None:
        """`moved` is told of a chat that has another id now: the old one and the new.

        `zone_of` is in whose time a room is told.
        """
        self._platform = adapter.platform
        self._book = book
        self._gate = gate
        self._now = now
        self._sleep = sleep
        self._ended = ended
        self._moved = moved
        self._zone_of = zone_of
        self._traffic = Traffic(adapter, gate, monotonic, sleep)
        self._porter = Porter(adapter, gate, self._traffic, now, zone_of)
        self._slots = Slots()
        self._news = asyncio.Event()
        self._errands = Errands()
        #: Chats of which something is claimed, until what came of it is noted: what is behind it must not overtake it.
        self._claimed: set[str] = set()
        #: Chats that were left out of the last claim.
        self._left_out: frozenset[str] = frozenset()
        #: Whether all were, since something was on its way that has to get through first.
        self._left_all_out = False
        self._lines = Lines()
        self._is_running = False

    @property
    def gate(self) -> Gate:
        """Whether the platform can be reached."""
        return self._gate

    @property
    def lines(self) -> Lines:
        """The answers that wait their turn. One joins before it is stored; then `wake`."""
        return self._lines

    def wake(self) -> None:
        """Look again: something may be owed."""
        self._news.set()

    async def run(self) -> None:
        """Send what is owed, until cancelled."""
        self._is_running = True
        try:
            while True:
                await self._gate.opened()
                self._news.clear()
                try:
                    wait_s = await self._hand_out()
                except Exception:
                    log.exception("nothing could be handed out for %s", self._platform)
                    wait_s = AGAIN_S
                if wait_s is None:
                    await self._news.wait()
                else:
                    await first_of(self._news.wait(), self._sleep(wait_s))
        finally:
            self._is_running = False
            # Cut off, nobody would know whether it arrived.
            await self._errands.stop(FINISH_WITHIN_S)

    async def deliver_now(self, owed: Owed) -> Ending | None:
        """Send an answer at once; None where it has to wait its turn, and nothing was tried."""
        chat = owed.room.id
        if not self._may_go_now(owed):
            return None
        try:
            async with asyncio.timeout(TURN_WITHIN_S) as turn, self._slots.hold(chat, owed.lane):
                turn.reschedule(None)
                if not self._may_go_now(owed):
                    return None
                try:
                    return await self._porter.put(owed, 1)
                finally:
                    if self._left_all_out or chat in self._left_out:
                        self.wake()
        except TimeoutError:
            if not turn.expired():
                raise
            return None

    async def owe(self, owed: Sequence[Owed], minted: Sequence[StoredPress]) -> None:
        """Store messages, to be sent when their turn comes: one that is urgent at once, where it is its turn now."""
        if len(owed) > 1 or not self._is_its_turn(owed[0]):
            await self._book.owe(owed, minted)
            self.wake()
            return
        (one,) = owed
        self._claimed.add(one.room.id)
        # Whoever owes it may be cancelled; then it goes out all the same.
        await asyncio.shield(self._errands.begin(self._owe_first(one, minted), f"owing {one.id}"))

    async def note(self, owed: Owed, ending: Ending) -> None:
        """Keep what came of a try, and tell whom it concerns."""
        match ending:
            case Sent() | Ends():
                self._lines.leave(owed.room.id, owed.id)
            case Moves(chat):
                self._lines.move(owed.room.id, chat)
        await self._book.note(owed, ending)
        match ending:
            case Sent(message_id):
                self._ended(owed, State.SENT, message_id)
            case Ends(State.FOLDED, _):
                self._ended(owed, State.FOLDED, None)
            case Ends(state, reason):
                level = logging.ERROR if owed.lane.is_urgent else logging.WARNING
                log.log(level, "message %s (%s) to %s is %s: %s", owed.id, owed.severity, owed.room, state, reason)
                self._ended(owed, state, None)
            case Moves(chat):
                log.info("message %s to %s goes to %s: %s", owed.id, owed.room, chat, ending.reason)
                self._moved(owed.room.id, chat)
            case _:
                log.info("message %s to %s goes again: %s", owed.id, owed.room, ending.reason)

    async def _hand_out(self) -> float | None:
        """Begin to send what may go now; gives the seconds until more may, None where only news can tell."""
        self._left_all_out = not self._gate.is_proven and (bool(self._claimed) or self._traffic.must_wait_for_another)
        if self._left_all_out:
            return None
        allowed, wait_s = self._traffic.allowed(self._claimed | self._slots.taken)
        if allowed is None:
            return wait_s
        self._left_out = frozenset(allowed.busy)
        claims = await self._book.claim(self._platform, allowed)
        for claimed in claims.claimed:
            self._claimed.add(claimed.owed.room.id)
            self._errands.begin(self._send(claimed), f"sending {claimed.owed.id}")
        if len(claims.claimed) == allowed.limit:
            # There may be more, once these have been counted.
            await asyncio.sleep(0)
            return 0.0
        if claims.next_at is not None:
            due_s = max(0.0, (claims.next_at - self._now()).total_seconds())
            wait_s = due_s if wait_s is None else min(wait_s, due_s)
        return wait_s

    async def _owe_first(self, owed: Owed, minted: Sequence[StoredPress]) -> None:
        claimed = None
        try:
            claimed = await self._book.owe_first(owed, minted)
        finally:
            if claimed is None:
                self._claimed.discard(owed.room.id)
                self.wake()
            else:
                self._errands.begin(self._send(claimed), f"sending {owed.id}")

    def _is_its_turn(self, owed: Owed) -> bool:
        """Whether it may be claimed as it is stored. After a stop that may go twice: so only what goes again anyhow."""
        chat = owed.room.id
        return (
            self._is_running
            and not (chat in self._claimed or chat in self._slots.taken or chat in self._lines)
            and self._gate.is_open
            and self._gate.is_proven
            and owed.lane.is_urgent
            # As many as are claimed may yet have to be counted.
            and self._traffic.allowance(owed) > len(self._claimed)
        )

    async def _send(self, claimed: Claimed) -> None:
        chat = claimed.owed.room.id
        try:
            async with self._slots.hold(chat, claimed.owed.lane):
                await self._traffic.wait(claimed.owed)
                if self._may_be_folded(claimed) and not self._traffic.held_back(claimed.owed):
                    claimed = await self._folded(claimed)
                    # Meanwhile others may have gone.
                    await self._traffic.wait(claimed.owed)
                ending = self._traffic.held_back(claimed.owed) or await self._porter.put(
                    claimed.owed, claimed.attempts, repeat=claimed.repeat, reply_to=claimed.reply_to
                )
        except DatabaseAway as error:
            # Whether it is folded nobody knows; nothing was tried.
            ending = Waits(f"not folded yet: {error}")
        except Exception:
            log.exception("sending %s broke", claimed.owed.id)
            # Nobody knows how far it came: as with a try that nobody answered.
            ending = Waits("it broke on our side", AGAIN_S, repeat=not claimed.owed.edits)
            if claimed.attempts > 1:
                ending = Ends(State.DEAD, "it broke on our side, see the log")
        try:
            await self.note(claimed.owed, ending)
        except Exception:
            log.exception("what became of %s was not noted", claimed.owed.id)
        self._claimed.discard(chat)
        self.wake()

    def _may_be_folded(self, claimed: Claimed) -> bool:
        """Whether others wait behind it; or it has waited, and its alert may be another by now."""
        owed = claimed.owed
        has_waited = owed.kind is Kind.ALERT and owed.card is not None and self._now() - owed.created_at > OVERTAKEN
        return bool(claimed.behind) or has_waited

    async def _folded(self, claimed: Claimed) -> Claimed:
        """It, or what stands for it and for those behind it. Raises `DatabaseAway` where nobody knows which."""
        try:
            waiting = [claimed, *await self._book.waiting(claimed.owed)]
            first, *behind = (one.owed for one in waiting)
            now = self._now().astimezone(self._zone_of(first.room))
            folded = fold(first, behind, uuid7(), now, at_once=self._traffic.allowance(first))
            if folded is None or not await self._book.fold(folded.into, folded.of):
                return claimed
        except DatabaseAway:
            raise
        except Exception:
            log.exception("%s goes by itself: it could not be folded", claimed.owed.id)
            return claimed
        for one in waiting:
            if one.owed.id in folded.of:
                self._ended(one.owed, State.FOLDED, None)
        return standing_for(folded, waiting)

    def _may_go_now(self, owed: Owed) -> bool:
        return owed.room.id not in self._lines and self._traffic.held_back(owed) is None
