"""What is owed: in the database, and on disk while that is away. Nothing is in one of the two alone and forgotten."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chatops.delivery.endings import Ending, Ends, Moves, Sent, Waits
from chatops.guard.presses import StoredPress
from chatops.messages import Paragraph
from chatops.owed import Owed, State
from chatops.storage.deliveries import Claimed, Claims, Deliveries
from chatops.storage.errors import DatabaseAway
from chatops.storage.spool import Spool

log = logging.getLogger(__name__)

#: Said under what goes out without its buttons.
NO_BUTTONS = "Without buttons, since my database is away."
#: Between two looks whether the database is back.
AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which chats of a platform may be written to now."""

    limit: int
    #: Chats that may not.
    busy: Collection[str] = ()
    #: Chats that may only for what is urgent.
    urgent_only: Collection[str] = ()
    #: Whether all are like that.
    all_urgent_only: bool = False

    def admits(self, owed: Owed) -> bool:
        """Whether this message may go."""
        chat = owed.room.id
        return chat not in self.busy and (owed.lane.is_urgent or not (self.all_urgent_only or chat in self.urgent_only))


class Book:
    """Stores what is owed before it is sent, hands it out, and notes what came of it.

    While PostgreSQL is away all of that happens in memory, and on disk (synced) for the next start; when it is back,
    what is on disk is carried into the table before anything is handed out from there, so that nothing goes out twice.
    """

    def __init__(self, deliveries: Deliveries, spool: Spool, now: Callable[[], datetime]) -> None:
        self._deliveries = deliveries
        self._spool = spool
        self._now = now
        #: What is on disk and not on its way, by platform.
        self._aside: dict[str, list[Owed]] = {}
        self._not_before: dict[UUID, datetime] = {}
        self._attempts: dict[UUID, int] = {}
        self._repeats: set[UUID] = set()
        #: What was handed out from the disk, and is on its way.
        self._out: set[UUID] = set()
        self._carried = False
        self._carrying = asyncio.Lock()

    async def owe(self, owed: Sequence[Owed], minted: Sequence[StoredPress] = ()) -> None:
        """Store messages, in their order. They will go out, whatever stops."""
        try:
            # Behind what is on disk, never past it: else the order of a room would be lost.
            await self.carry()
            await self._deliveries.store(owed, minted)
        except DatabaseAway as error:
            log.warning("owed without a database: %s", error)
            self._carried = False
            for one in owed:
                await self._set_aside(_without_buttons(one))

    async def claim(self, platform: str, allowed: Allowed) -> Claims:
        """What may go out now, the most urgent first."""
        try:
            await self.carry()
            return await self._deliveries.claim(
                platform,
                now=self._now(),
                limit=allowed.limit,
                busy=allowed.busy,
                urgent_only=allowed.urgent_only,
                all_urgent_only=allowed.all_urgent_only,
            )
        except DatabaseAway:
            self._carried = False
            claims = await self._claim_aside(platform, allowed)
            # It may have been a single statement: then nobody else tells that it is back.
            again = self._now() + AGAIN
            return replace(claims, next_at=again if claims.next_at is None else min(claims.next_at, again))

    async def waiting(self, first: Owed) -> list[Claimed]:
        """What waits behind it and could be folded; nothing while the database is away."""
        try:
            return await self._deliveries.waiting(first)
        except DatabaseAway:
            return []

    async def fold(self, into: Owed, of: Sequence[UUID]) -> bool:
        """Have one message stand for others. False where that could not be stored, and each goes by itself."""
        try:
            return bool(await self._deliveries.fold(into, of))
        except DatabaseAway:
            return False

    async def note(self, owed: Owed, ending: Ending) -> None:
        """What came of a try to send."""
        if owed.id in self._out:
            # Its row comes with the rest of what is on disk.
            await self._note_aside(owed, ending)
            self._out.discard(owed.id)
            return
        try:
            await self._note_stored(owed, ending)
        except DatabaseAway as error:
            log.warning("what became of %s is noted on disk: %s", owed.id, error)
            self._carried = False
            await self._note_aside(owed, ending)

    async def carry(self) -> None:
        """Bring what is on disk into the database, once that is there. Raises `DatabaseAway` while it is not."""
        if self._is_carried():
            return
        async with self._carrying:
            if self._is_carried():
                return
            records = await self._spool.read()
            if records:
                await self._deliveries.carry(records, self._now())
                await self._spool.clear()
                log.info("carried %s records into the database", len(records))
            self._aside.clear()
            self._not_before.clear()
            self._attempts.clear()
            self._repeats.clear()
            self._carried = True

    def _is_carried(self) -> bool:
        if self._out:
            raise DatabaseAway("what is on its way from the disk has to arrive first")
        return self._carried

    async def _note_stored(self, owed: Owed, ending: Ending) -> None:
        deliveries, now = self._deliveries, self._now()
        match ending:
            case Sent(message_id, note):
                await deliveries.sent(owed.id, message_id, now, note=note)
            case Waits(reason, wait_s, holds_chat, repeat):
                until = now + timedelta(seconds=wait_s)
                if holds_chat:
                    await deliveries.hold(owed.room.platform, owed.room.id, until)
                await deliveries.wait(owed.id, until=until, reason=reason, repeat=repeat)
            case Moves(chat, reason):
                await deliveries.move(owed.room.platform, owed.room.id, chat)
                await deliveries.wait(owed.id, until=now, reason=reason)
            case Ends(state, reason):
                await deliveries.end(owed.id, state, reason)

    async def _note_aside(self, owed: Owed, ending: Ending) -> None:
        now = self._now()
        match ending:
            case Sent(message_id):
                await self._spool.result(owed.id, State.SENT, message_id, now)
            case Ends(state, reason):
                await self._spool.result(owed.id, state, reason, now)
            case Waits(reason, wait_s, _, repeat):
                if repeat:
                    # On disk it stays what it is: begun, and of no known end. So it is a possible repeat for the next.
                    self._repeats.add(owed.id)
                else:
                    await self._spool.result(owed.id, State.PENDING, reason, now)
                self._not_before[owed.id] = now + timedelta(seconds=wait_s)
                self._put_back(owed)
            case Moves(chat, reason):
                await self._spool.result(owed.id, State.PENDING, reason, now)
                self._put_back(replace(owed, room=replace(owed.room, id=chat)))

    async def _set_aside(self, owed: Owed) -> None:
        await self._spool.add(owed)
        self._attempts[owed.id] = 0
        self._push(owed)

    def _put_back(self, owed: Owed) -> None:
        if owed.id in self._attempts:
            self._push(owed)

    def _push(self, owed: Owed) -> None:
        self._aside.setdefault(owed.room.platform, []).append(owed)

    async def _claim_aside(self, platform: str, allowed: Allowed) -> Claims:
        now = self._now()
        left: list[Owed] = []
        claimed: list[Claimed] = []
        chats = set(allowed.busy)
        next_at: datetime | None = None
        for owed in sorted(self._aside.pop(platform, []), key=lambda one: (one.lane, one.id)):
            due = self._not_before.get(owed.id, now)
            if due > now:
                next_at = due if next_at is None else min(next_at, due)
            # One at a time to a chat, in order: what waits there holds back what is behind it.
            if due > now or owed.room.id in chats or not allowed.admits(owed) or len(claimed) >= allowed.limit:
                left.append(owed)
                chats.add(owed.room.id)
                continue
            chats.add(owed.room.id)
            await self._spool.begun(owed.id, now)
            self._attempts[owed.id] += 1
            self._out.add(owed.id)
            claimed.append(
                Claimed(
                    owed=owed,
                    attempts=self._attempts[owed.id],
                    repeat=owed.id in self._repeats,
                    reply_to=None,
                    behind=0,
                )
            )
        if left:
            self._aside[platform] = left
        return Claims(tuple(claimed), next_at)


def _without_buttons(owed: Owed) -> Owed:
    if not owed.posting.keys:
        return owed
    message = owed.posting.message
    said = replace(message, blocks=(*message.blocks, Paragraph(NO_BUTTONS)))
    return replace(owed, posting=replace(owed.posting, message=said, keys=()))
