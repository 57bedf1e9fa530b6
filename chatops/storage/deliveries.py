"""What is owed to rooms, in PostgreSQL: table `deliveries`, handed out in order, one sender a chat."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chatops.guard.audit import moment, storable
from chatops.guard.presses import StoredPress
from chatops.messages import Room
from chatops.owed import Owed, State
from chatops.storage.carrying import carry
from chatops.storage.database import Database, Record
from chatops.storage.delivery_rows import UNREADABLE, owed_of, press_row_of, row_of
from chatops.storage.moving import move
from chatops.storage.spool import SpoolRecord

log = logging.getLogger(__name__)

#: How long a chat is a sender's, and what it claimed its own, where nothing is heard of it any more. The functions of
#: the migration say the same.
CLAIM_LASTS = timedelta(seconds=60)
#: So much longer is our own ours: we live, and may be slow. But the answer to a write of ours may have been lost.
_OWN_LASTS_LONGER = timedelta(minutes=4)

_FOLDABLE = "d.kind IN ('alert', 'notice') AND d.file IS NULL"

# Given back only by what the chat was taken for: an answer that goes out at once has no lease.
_FREED = """
    UPDATE delivery_chats AS c SET sender = NULL, lease_until = NULL, delivery = NULL
    FROM deliveries AS d
    WHERE d.id = $1 AND c.platform = d.platform AND c.chat = d.chat AND c.sender = $2 AND c.delivery = $1
"""

_SENT = f"""
WITH freed AS ({_FREED}), done AS (
    UPDATE deliveries
    SET state = 'sent', platform_message_id = $3, sent_at = $4, reason = $5, claimed_by = NULL, claimed_until = NULL
    WHERE id = $1 AND state <> 'sent'
    RETURNING platform, room, card
)
-- A card is edited at most once a second.
UPDATE deliveries AS d SET not_before = $4::timestamptz + interval '1 second'
FROM done
WHERE d.platform = done.platform AND d.room = done.room
    AND (CASE WHEN d.state = 'pending' AND d.in_place THEN d.card END) = done.card
    AND d.not_before < $4::timestamptz + interval '1 second'
"""  # noqa: S608 - put together from our own parts

_WAIT = f"""
WITH freed AS ({_FREED})
UPDATE deliveries
SET state = 'pending', not_before = $3, reason = $4, repeat = repeat OR $5, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND state = 'sending' AND claimed_by = $2
"""  # noqa: S608 - put together from our own parts

_END = f"""
WITH freed AS ({_FREED})
UPDATE deliveries SET state = $3, reason = $4, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND state IN ('pending', 'sending') AND (claimed_by IS NULL OR claimed_by = $2)
"""  # noqa: S608 - put together from our own parts

_WAITING = f"""
SELECT d.*, CASE WHEN d.in_place THEN shown_on(d.platform, d.room, d.card) END AS shown_on,
    CASE WHEN d.hangs_on IS NOT NULL THEN first_shown_on(d.platform, d.room, d.hangs_on) END AS reply_to, 0 AS behind
FROM deliveries AS d JOIN deliveries AS f ON f.id = $1
WHERE d.state = 'pending' AND d.platform = f.platform AND d.chat = f.chat AND d.lane = f.lane AND d.seq > f.seq
    AND {_FOLDABLE}
ORDER BY d.seq LIMIT $2
"""  # noqa: S608 - put together from our own parts

_RECOVER = """
UPDATE deliveries AS d
SET state = CASE WHEN e.edits OR e.again THEN 'pending' ELSE 'ambiguous' END,
    repeat = d.repeat OR (e.again AND NOT e.edits),
    reason = 'the program stopped while this went out', claimed_by = NULL, claimed_until = NULL
FROM deliveries AS o CROSS JOIN LATERAL (
    SELECT o.payload ->> 'replaces' IS NOT NULL
            OR (o.in_place AND shown_on(o.platform, o.room, o.card) IS NOT NULL) AS edits,
        o.kind = 'answer' OR o.severity IN ('critical', 'emergency') AS again) AS e
WHERE o.id = d.id AND d.state = 'sending' AND o.state = 'sending'
    AND (CASE WHEN $2 THEN d.claimed_by IS DISTINCT FROM $1
        WHEN d.claimed_by = $1 THEN d.claimed_until <= $3::timestamptz - $4::interval
        ELSE d.claimed_until IS NULL OR d.claimed_until <= $3 END)
"""

# Parts of one answer are made at one moment: none of them overtakes another.
_GIVE_UP_OVERTAKEN = """
UPDATE deliveries AS d
SET state = 'ambiguous', reason = 'the program stopped while this went out', claimed_by = NULL, claimed_until = NULL
FROM command_log AS l
WHERE l.id = d.command_id AND d.kind = 'answer' AND d.state IN ('sending', 'pending') AND (
    l.state IN ('running', 'awaiting_confirmation', 'awaiting_approval')
    OR EXISTS (
        SELECT FROM deliveries AS later WHERE later.command_id = d.command_id AND later.created_at > d.created_at))
"""


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
    at every start of the program.
    """

    def __init__(self, database: Database, sender: UUID) -> None:
        self._database = database
        self._sender = sender

    async def store(self, owed: Sequence[Owed], minted: Sequence[StoredPress] = ()) -> None:
        """Keep messages, in their order, with what their buttons stand for: all or none, an id only once.

        A newer state of a card takes the place of older ones that were to change it and still wait.
        """
        if not owed and not minted:
            return
        await self._database.execute(
            "SELECT store_deliveries($1, $2)",
            [row_of(one) for one in owed],
            [press_row_of(press) for press in minted] or None,
        )

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
        await self._database.execute(
            _SENT, delivery, self._sender, storable(message_id), at, None if note is None else storable(note)
        )

    async def wait(self, delivery: UUID, *, until: datetime, reason: str, repeat: bool = False) -> None:
        """It goes again, not before this moment, at its old place in the order. Nothing where it is not ours now."""
        await self._database.execute(_WAIT, delivery, self._sender, until, storable(reason), repeat)

    async def end(self, delivery: UUID, state: State, reason: str) -> None:
        """It goes no more: `AMBIGUOUS` or `DEAD`. Nothing where it is over already, or another's."""
        await self._database.execute(_END, delivery, self._sender, state, storable(reason))

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
        """What waits behind it, in its lane and chat, and could be folded with it, in order.

        The rooms (topics) of the chat are not told apart, and none of it is this sender's.
        """
        rows = await self._database.fetch(_WAITING, first.id, most)
        waiting = []
        for row in rows:
            # What cannot be read is dealt with when its turn comes.
            with suppress(*UNREADABLE):
                waiting.append(_claimed(row))
        return waiting

    async def fold(self, into: Owed, of: Sequence[UUID]) -> tuple[UUID, ...]:
        """Have one message stand for others, at the place of the first of them, on its way by this sender.

        Gives those that it stands for: what waits, and what is on its way by us. Where none is left nothing is stored.
        """
        async with self._database.transaction() as connection:
            rows = await connection.fetch(
                """
                SELECT id, seq FROM deliveries
                WHERE id = ANY ($1) AND (state = 'pending' OR (state = 'sending' AND claimed_by = $2))
                ORDER BY seq FOR NO KEY UPDATE
                """,
                list(of),
                self._sender,
            )
            if not rows:
                return ()
            folded = [row["id"] for row in rows]
            row = {
                **row_of(into),
                "state": State.SENDING,
                "attempts": 1,
                "claimed_by": str(self._sender),
                "claimed_until": moment(into.created_at + CLAIM_LASTS),
                "seq": rows[0]["seq"],
            }
            await connection.execute("SELECT store_deliveries($1, NULL)", [row])
            await connection.execute(
                """
                UPDATE deliveries
                SET state = 'folded', folded_into = $2::uuid, claimed_by = NULL, claimed_until = NULL,
                    reason = 'another message stands for it: ' || $2::uuid::text
                WHERE id = ANY ($1)
                """,
                folded,
                into.id,
            )
            await connection.execute(
                "UPDATE delivery_chats SET delivery = $2 WHERE platform = $3 AND sender = $4 AND delivery = ANY ($1)",
                folded,
                into.id,
                into.room.platform,
                self._sender,
            )
        return tuple(folded)

    async def shown_as(self, room: Room, card: str) -> str | None:
        """The message that shows this card in this room now; None where there is none."""
        shown = await self._database.fetchval("SELECT shown_on($1, $2, $3)", room.platform, room.key, card)
        return None if shown is None else str(shown)

    async def recover(self, *, now: datetime, everyone: bool) -> int:
        """Take back what was on its way by a sender that is gone; gives how many that were.

        With `everyone` all other senders are gone (at a start); else those are whose claim has run out, and of ours
        what has been on its way for minutes. What goes again is marked a possible repeat, unless it is an edit; the
        rest ends `AMBIGUOUS`. Carry what is on disk first: it knows better.
        """
        done = await self._database.execute(_RECOVER, self._sender, everyone, now, _OWN_LASTS_LONGER)
        if everyone:
            await self._database.execute(
                "UPDATE delivery_chats SET sender = NULL, lease_until = NULL, delivery = NULL WHERE sender <> $1",
                self._sender,
            )
        return int(done.split()[-1])

    async def give_up_overtaken(self) -> None:
        """Call what was on its way out, and is not the last word on its ask, what it is: perhaps shown."""
        await self._database.execute(_GIVE_UP_OVERTAKEN)

    async def carry(self, records: Sequence[SpoolRecord], now: datetime) -> None:
        """Bring what was noted on disk into the table, all or none. Done twice it is as done once."""
        async with self._database.transaction() as connection:
            await carry(connection, records, now, CLAIM_LASTS)


def _claimed(row: Record) -> Claimed:
    owed = owed_of(row)
    if owed.replaces is None and row["shown_on"] is not None:
        owed = replace(owed, replaces=row["shown_on"])
    return Claimed(owed, row["attempts"], row["repeat"], row["reply_to"], row["behind"])
