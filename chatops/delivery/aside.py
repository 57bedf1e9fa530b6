"""What is owed while the database is away: in memory, and on disk for the next start."""

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chatops.delivery.endings import Ending, Ends, Moves, Sent, Waits
from chatops.messages import Paragraph
from chatops.owed import Kind, Owed, State
from chatops.storage.deliveries import Claimed, Claims
from chatops.storage.spool import Spool, SpoolRecord

log = logging.getLogger(__name__)

#: Said under what goes out without its buttons.
NO_BUTTONS = "Without buttons, since my database is away."


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A message, and how far it has come."""

    owed: Owed
    attempts: int = 0
    not_before: datetime | None = None
    #: It may have been shown.
    repeat: bool = False


class Aside:
    """Keeps messages, hands them out in order, one at a time to a chat, and notes what came of it.

    A disk that takes nothing is logged, and stops no alarm: what it does not have is in memory alone.
    """

    def __init__(self, spool: Spool, now: Callable[[], datetime]) -> None:
        self._spool = spool
        self._now = now
        self._waiting: dict[UUID, _Kept] = {}
        self._out: dict[UUID, _Kept] = {}
        #: All that is to be told to the database, as the disk has it too, unless that is broken.
        self._told: dict[UUID, SpoolRecord] = {}
        #: Counts up with everything that happens to any of it.
        self.changes = 0

    def __contains__(self, delivery: UUID) -> bool:
        return delivery in self._out or delivery in self._waiting

    @property
    def is_out(self) -> bool:
        """Whether any of it is on its way."""
        return bool(self._out)

    async def add(self, owed: Owed) -> None:
        """Keep one. Its buttons would lead nowhere: what they stand for only the database keeps."""
        owed = _without_buttons(owed)
        if owed.kind is Kind.ALERT and owed.is_calm and not owed.only_changes:
            await self._drop_before(owed)
        self._waiting[owed.id] = _Kept(owed)
        self._tell(SpoolRecord(owed.id, owed))
        await self._written(self._spool.add(owed))

    async def claim(self, platform: str, allowed: Allowed) -> Claims:
        """What may go out now, the most urgent first, and within a lane the oldest."""
        now = self._now()
        claimed: list[Claimed] = []
        held = set(allowed.busy)
        next_at: datetime | None = None
        ours = (one for one in self._waiting.values() if one.owed.room.platform == platform)
        for kept in sorted(ours, key=lambda one: (one.owed.lane, one.owed.id)):
            owed, chat = kept.owed, kept.owed.room.id
            if owed.in_place and not owed.lane.is_urgent:
                # Which message shows its card only the database knows, and nobody needs it twice.
                continue
            if kept.not_before is not None and kept.not_before > now:
                next_at = kept.not_before if next_at is None else min(next_at, kept.not_before)
            elif chat not in held and allowed.admits(owed) and len(claimed) < allowed.limit:
                claimed.append(await self._begin(kept, now))
            # What waits there holds back what is behind it.
            held.add(chat)
        return Claims(tuple(claimed), next_at)

    async def note(self, owed: Owed, ending: Ending) -> None:
        """What came of one that was handed out here."""
        kept = self._out.pop(owed.id)
        match ending:
            case Waits() | Moves():
                await self._put_back(kept, ending)
            case _:
                await self.jot(owed, ending)

    async def take_over(self, owed: Owed, attempts: int, ending: Waits | Moves) -> None:
        """One that was handed out by the database, and goes again, does so from here."""
        now = self._now()
        self._tell(SpoolRecord(owed.id, owed, begun_at=now, attempts=attempts))
        await self._written(self._spool.add(owed))
        await self._written(self._spool.begun(owed.id, now))
        await self._put_back(_Kept(owed, attempts), ending)

    async def jot(self, owed: Owed, ending: Sent | Ends) -> None:
        """Keep how it ended, whoever handed it out."""
        now, told = self._now(), self._told.get(owed.id, SpoolRecord(owed.id))
        if isinstance(ending, Sent):
            state, said = State.SENT, ending.message_id
            self._tell(replace(told, state=state, message_id=said, at=now))
        else:
            state, said = ending.state, ending.reason
            self._tell(replace(told, state=state, reason=said, at=now))
        await self._written(self._spool.result(owed.id, state, said, now))

    async def records(self) -> list[SpoolRecord]:
        """All that is on disk, of this run and of the last, and what the disk did not take."""
        try:
            on_disk = await self._spool.read()
        except OSError as error:
            log.error("the disk does not give what is owed: %s", error)  # noqa: TRY400 - foreseen
            on_disk = []
        return list(({record.id: record for record in on_disk} | self._told).values())

    async def clear(self, refused: Collection[UUID] = ()) -> None:
        """Forget it all: the database has it, but for what it `refused`, which is kept in a file beside.

        What the disk keeps of it is carried there again, and changes nothing.
        """
        self._waiting.clear()
        self._told.clear()
        await self._written(self._spool.clear(refused))

    async def _drop_before(self, calm: Owed) -> None:
        """Somebody has it in hand, or it is over: what waits of it would call people for nothing."""
        for kept in list(self._waiting.values()):
            if kept.owed.room == calm.room and kept.owed.about == calm.about:
                del self._waiting[kept.owed.id]
                await self.jot(kept.owed, Ends(State.FOLDED, "overtaken by a newer state"))

    async def _begin(self, kept: _Kept, now: datetime) -> Claimed:
        owed = kept.owed
        del self._waiting[owed.id]
        kept = replace(kept, attempts=kept.attempts + 1)
        self._out[owed.id] = kept
        self._tell(replace(self._told[owed.id], begun_at=now, attempts=kept.attempts, state=None, reason=None))
        await self._written(self._spool.begun(owed.id, now))
        return Claimed(owed, kept.attempts, kept.repeat, reply_to=None, behind=0)

    async def _put_back(self, kept: _Kept, ending: Waits | Moves) -> None:
        now, owed = self._now(), kept.owed
        if isinstance(ending, Moves):
            owed = replace(owed, room=replace(owed.room, id=ending.chat))
            kept = replace(kept, owed=owed)
        else:
            until = now + timedelta(seconds=ending.wait_s)
            kept = replace(kept, not_before=until, repeat=kept.repeat or ending.repeat)
        self._waiting[owed.id] = kept
        told = replace(self._told[owed.id], owed=owed)
        if kept.repeat:
            # It stays what it is: begun, and of no known end. So it is marked by the database and the next start too.
            self._tell(told)
            return
        self._tell(replace(told, begun_at=None, state=State.PENDING, reason=ending.reason, at=now))
        await self._written(self._spool.result(owed.id, State.PENDING, ending.reason, now))

    def _tell(self, record: SpoolRecord) -> None:
        self._told[record.id] = record
        self.changes += 1

    async def _written(self, writing: Awaitable[None]) -> bool:
        try:
            await writing
        except OSError as error:
            log.error("the disk takes nothing of what is owed: %s", error)  # noqa: TRY400 - foreseen
            return False
        return True


def _without_buttons(owed: Owed) -> Owed:
    if not owed.posting.keys:
        return owed
    message = owed.posting.message
    instead = f"{NO_BUTTONS} {message.by_word}".rstrip()
    said = replace(message, blocks=(*message.blocks, Paragraph(instead)))
    return replace(owed, posting=replace(owed.posting, message=said, keys=()))
