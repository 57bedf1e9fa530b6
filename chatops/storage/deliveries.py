"""What is owed to rooms, in PostgreSQL: table `deliveries`, handed out in order, one sender a chat."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chatops.guard.presses import StoredPress
from chatops.owed import Owed, State
from chatops.room import Room
from chatops.storage import folding, outcomes
from chatops.storage.carrying import carry
from chatops.storage.database import Database, Record
from chatops.storage.delivery_rows import UNREADABLE, bare_row_of, file_of, owed_of, press_row_of
from chatops.storage.moving import move
from chatops.storage.recovery import give_up_overtaken, recover, take_back
from chatops.storage.spool import SpoolRecord

log = logging.getLogger(__name__)

#: How long a chat is a sender's, and what it claimed its own, where nothing is heard of it any more. The functions of
#: the migration say the same.
CLAIM_LASTS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is this sender's to send."""

    #: `replaces` is the message that shows its card now, where it takes the place of one and there is one.
    owed: Owed
    #: This one included.
    attempts: int
    #: It may have been shown before.
    repeat: bool
    #: The message under which it hangs.
    reply_to: str | None
    #: How many wait behind it, in its lane and chat, that could be folded with it: counted to 1,000. 0 where it cannot
    #: be folded itself.
    behind: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What may go out now."""

    claimed: tuple[Claimed, ...]
    #: When the next one that waits for a moment is due; None where only news can tell. It may be a little early.
    next_at: datetime | None


class Deliveries:
    """The stored messages of all platforms. Every method raises `DatabaseAway` where the database is.

    Moments are the caller's: one desk a database makes its clock the only one, and tests can move it. `sender` is new
    at every start of the program. On the platforms `found_again` what may be there is looked for before it goes again.
    """

    def __init__(self, database: Database, sender: UUID, found_again: Collection[str] = ()) -> None:
        self._database = database
        self._sender = sender
        self._found_again = found_again

    async def store(self, owed: Sequence[Owed], minted: Sequence[StoredPress] = ()) -> None:
        """Keep messages, in their order, with what their buttons stand for: all or none, an id only once.

        A newer state of a card takes the place of older ones that were to change it and still wait.
        """
        if not owed and not minted:
            return
        await self._database.execute(
            "SELECT mint($2), store_deliveries($1, NULL, $3)",
            [bare_row_of(one) for one in owed],
            [press_row_of(press) for press in minted] or None,
            [file_of(one) for one in owed],
        )

    async def store_first(self, owed: Owed, minted: Sequence[StoredPress], now: datetime) -> Claimed | None:
        """Keep a message, and claim it by the same statement where nothing stands before it in its chat.

        None where it waits: something waits there already, or is on its way; or it changes a message that is shown.
        """
        row = await self._database.fetchrow(
            "SELECT first.* FROM mint($2), store_first($1, NULL, $3, $4, $5) AS first",
            bare_row_of(owed),
            [press_row_of(press) for press in minted] or None,
            file_of(owed),
            self._sender,
            now,
        )
        assert row is not None
        if not row["is_claimed"]:
            return None
        return Claimed(owed, attempts=1, repeat=False, reply_to=row["reply_to"], behind=0)

    async def claim(
        self,
        platform: str,
        *,
        now: datetime,
        limit: int,
        busy: Collection[str] = (),
        urgent_only: Collection[str] = (),
        all_urgent_only: bool = False,
    ) -> Claims:
        """The first of each chat that may go out, the most urgent first; they are on their way from then on.

        Nothing of the chats in `busy`, and of those in `urgent_only` what is urgent alone. A chat is this sender's
        until the message has been `sent`, waits or has ended.
        """
        *rows, last = await self._database.fetch(
            "SELECT * FROM claim_deliveries($1, $2, $3, $4, $5, $6, $7)",
            platform,
            self._sender,
            now,
            limit,
            list(busy),
            list(urgent_only),
            all_urgent_only,
        )
        claimed = []
        for row in rows:
            try:
                claimed.append(_claimed(row))
            except UNREADABLE:
                # Whoever wrote it, it must not stop the ones behind it.
                log.exception("message %s cannot be read", row["id"])
                await self.end(row["id"], State.DEAD, "it cannot be read, see the log")
        return Claims(tuple(claimed), now if len(claimed) < len(rows) else last["next_at"])

    async def sent(self, delivery: UUID, message_id: str, at: datetime, *, note: str | None = None) -> None:
        """The platform has it. `note` says what it had to do without."""
        await outcomes.sent(self._database, self._sender, delivery, message_id=message_id, at=at, note=note)

    async def wait(self, delivery: UUID, *, until: datetime, reason: str, repeat: bool = False) -> None:
        """It goes again, not before this moment, at its old place in the order. Nothing where it is not ours now."""
        await outcomes.wait(self._database, self._sender, delivery, until=until, reason=reason, repeat=repeat)

    async def end(self, delivery: UUID, state: State, reason: str) -> None:
        """It goes no more: `AMBIGUOUS` or `DEAD`. Nothing where it is over already, or another's."""
        await outcomes.end(self._database, self._sender, delivery, state, reason)

    async def answers_waiting(self) -> list[tuple[str, str, UUID]]:
        """Platform, chat and id of the answers that wait: whatever is answered there next comes behind them."""
        rows = await self._database.fetch(
            "SELECT platform, chat, id FROM deliveries WHERE state = 'pending' AND kind = 'answer'"
        )
        return [(row["platform"], row["chat"], row["id"]) for row in rows]

    async def take_back(self, known: Collection[UUID]) -> None:
        """What this sender has claimed, but for what it knows of, waits again: nobody has tried to send it."""
        await take_back(self._database, self._sender, known)

    async def hold(self, platform: str, chat: str, until: datetime) -> None:
        """Leave a chat alone until this moment, or until a later one that was set before."""
        await self._database.execute(
            """
            INSERT INTO delivery_chats AS c (platform, chat, held_until) VALUES ($1, $2, $3)
            ON CONFLICT (platform, chat) DO UPDATE SET held_until = greatest(c.held_until, excluded.held_until)
            """,
            platform,
            chat,
            until,
        )

    async def move(self, platform: str, old: str, new: str) -> None:
        """A chat has another id from now on: what is owed to it follows, and so do its open buttons."""
        if old == new:
            return
        async with self._database.transaction() as connection:
            await move(connection, platform, old, new)

    async def waiting(self, first: Owed, most: int = 500) -> list[Claimed]:
        """What waits behind it, in its lane and chat, and could be folded, in order; of its alert all that waits.

        The rooms (topics) of the chat are not told apart, and none of it is this sender's.
        """
        waiting = []
        for row in await folding.waiting(self._database, first, most):
            # What cannot be read is dealt with when its turn comes.
            with suppress(*UNREADABLE):
                waiting.append(_claimed(row))
        return waiting

    async def fold(self, into: Owed, of: Sequence[UUID], now: datetime) -> tuple[UUID, ...]:
        """Have one message stand for others, at the place of the first of them, on its way by this sender.

        Gives those that it stands for: what waits, and what is on its way by us. Where none is left nothing is stored.
        It may be a repeat where one of them may.
        """
        async with self._database.transaction() as connection:
            return await folding.fold(connection, self._sender, into, of, now + CLAIM_LASTS)

    async def shown_as(self, room: Room, card: str) -> str | None:
        """The message that shows this card in this room now; None where there is none."""
        shown = await self._database.fetchval("SELECT shown_on($1, $2, $3)", room.platform, room.key, card)
        return None if shown is None else str(shown)

    async def recover(self, *, now: datetime, everyone: bool) -> int:
        """Take back what was on its way by a sender that is gone; gives how many that were.

        With `everyone` all other senders are gone (at a start); else those are whose claim has run out, and of ours
        what has been on its way for minutes. What goes again is marked a possible repeat, unless it is an edit; so does
        all that its platform finds again. The rest ends `AMBIGUOUS`. Carry what is on disk first: it knows better.
        """
        return await recover(self._database, self._sender, now=now, everyone=everyone, found_again=self._found_again)

    async def give_up_overtaken(self) -> None:
        """Call what was on its way out, and is not the last word on its ask, what it is: perhaps shown."""
        await give_up_overtaken(self._database)

    async def carry(self, records: Sequence[SpoolRecord], now: datetime) -> frozenset[UUID]:
        """Bring what was noted on disk into the table, all or none. Done twice it is as done once.

        Gives those that the table refuses: nothing else keeps them.
        """
        async with self._database.transaction() as connection:
            return await carry(connection, records, now, CLAIM_LASTS, self._found_again)


def _claimed(row: Record) -> Claimed:
    owed = owed_of(row)
    if owed.replaces is None and row["shown_on"] is not None:
        owed = replace(owed, replaces=row["shown_on"])
    return Claimed(owed, row["attempts"], row["repeat"], row["reply_to"], row["behind"])
