"""What is owed to rooms, for people who look into it: what there is, what waits, and sending again by hand."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from alerts.severity import Severity
from chatops.messages import Message, Paragraph
from chatops.owed import Kind, Lane, State
from chatops.payload import posting_of
from chatops.room import Room
from chatops.storage.database import Database, Record
from chatops.storage.delivery_facts import Counts, Listed, Waiting, Which, Whole
from chatops.storage.delivery_rows import UNREADABLE
from chatops.storage.errors import CannotFind, CannotRetry

#: So many characters of an id are typed at least: fewer would often mean several.
SHORTEST_PART = 8
#: What reads the whole table may take longer than a statement of the desk does: somebody waits for it who has asked.
_READING_S = 120.0
#: What `Listed` has of a row, and what is shown in a form of its own.
_TOLD_ELSEWHERE = frozenset(
    (
        *("id", "created_at", "kind", "severity", "lane", "platform", "room", "chat", "state", "attempts", "reason"),
        *("payload", "file", "file_size", "seq"),
    )
)
#: So many are named to somebody whose part of an id means several.
_MANY = 5

# The title is the first thing said; a part that goes on with another has none.
_LISTED = """
SELECT id, created_at, kind, severity, platform, room, state, attempts, reason,
    left(coalesce(nullif(payload ->> 'title', ''), payload #>> '{blocks,0,text}',
        payload #>> '{blocks,0,lines,0}', ''), 200) AS title
FROM deliveries AS d
"""
_CHOSEN = """
WHERE ($1::text[] IS NULL OR (platform, room) IN (SELECT * FROM unnest($1::text[], $2::text[])))
    AND ($3::text IS NULL OR kind = $3)
"""
# What a card that is kept up to date said before: it is edited every few seconds, and nobody can see those any more.
_IS_FORMER = """(d.in_place AND d.state IN ('sent', 'folded') AND (
        EXISTS (
            SELECT FROM deliveries AS newer
            WHERE newer.state = 'sent' AND newer.platform = d.platform AND newer.room = d.room AND newer.card = d.card
                AND (newer.sent_at, newer.seq) > (coalesce(d.sent_at, d.created_at), d.seq))
        OR EXISTS (SELECT FROM deliveries AS newer WHERE newer.id = d.folded_into AND newer.card = d.card)))"""
_NEWEST = f"""{_LISTED} {_CHOSEN} AND ($4::text IS NULL OR state = $4) AND ($5 OR NOT {_IS_FORMER})
ORDER BY created_at DESC, id DESC LIMIT $6"""
_COUNTED = f"""
SELECT state, NOT $4 AND {_IS_FORMER} AS is_former, count(*) AS count, min(created_at) AS oldest_at, now() AS now
FROM deliveries AS d {_CHOSEN} GROUP BY 1, 2
"""  # noqa: S608 - put together from our own parts
_ROOMS = "SELECT platform, room FROM deliveries GROUP BY 1, 2 ORDER BY max(created_at) DESC"
# Two queries, since each state has an index of its own: it costs what waits, not what was ever sent.
_WAITING = """
SELECT platform, lane, state, count(*) AS count,
    greatest(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_s
FROM (
    SELECT platform, lane, state, created_at FROM deliveries WHERE state = 'pending'
    UNION ALL SELECT platform, lane, state, created_at FROM deliveries WHERE state = 'sending'
) AS owed
GROUP BY platform, lane, state
"""
# By their end, whenever they were owed: what waited for hours is lost now. It has an index of its own.
_LOST = """
SELECT count(*) FROM deliveries
WHERE ended_at > now() - $1::interval AND lane <= 1 AND state IN ('dead', 'ambiguous')
"""
_WHOLE = "SELECT *, octet_length(file) AS file_size FROM deliveries WHERE id = $1"
_BY_HEAD = f"{_LISTED} WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT {_MANY}"
_BY_TAIL = f"{_LISTED} WHERE id::text LIKE '%' || $1 ORDER BY id LIMIT {_MANY}"
# The place in its room's line stays: it goes before what was owed later.
_RETRY = """
UPDATE deliveries AS again
SET state = 'pending', not_before = now(), room = moved_room(platform, room), reason = 'asked again by hand',
    repeat = repeat OR state = 'ambiguous', claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND state IN ('dead', 'ambiguous') AND NOT (in_place AND EXISTS (
    SELECT FROM deliveries AS newer
    WHERE (newer.platform, newer.room, newer.card) = (again.platform, again.room, again.card)
        AND newer.seq > again.seq AND newer.state IN ('pending', 'sending', 'sent')))
RETURNING id
"""


class DeliverySearch:
    """Reads `deliveries`, and has single ones sent again. Ages are by PostgreSQL's clock. Raises `DatabaseAway`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, which: Which, limit: int) -> tuple[Listed, ...]:
        """The newest of them, the newest first."""
        rows = await self._read(_NEWEST, *_columns(which.rooms), which.kind, which.state, which.former, limit)
        return tuple(map(_listed, rows))

    async def counted(self, which: Which) -> Counts:
        """All of them by state, whichever state `which` names."""
        rows = await self._read(_COUNTED, *_columns(which.rooms), which.kind, which.former)
        states = {State(row["state"]): row for row in rows if not row["is_former"]}
        former = sum(row["count"] for row in rows if row["is_former"])
        owed = [
            states[state]["now"] - states[state]["oldest_at"]
            for state in (State.PENDING, State.SENDING)
            if state in states
        ]
        counts = {state: states[state]["count"] for state in State if state in states}
        return Counts(counts, max(owed, default=None), former)

    async def whole(self, part: str) -> Whole:
        """The delivery that has this id, or whose id alone begins or ends so. Raises `CannotFind`."""
        found = await self._find(part)
        row = await self._database.fetchrow(_WHOLE, found.id)
        if row is None:
            raise CannotFind(f"{found.id} has just been forgotten.")
        return _whole(found, row)

    async def lost(self, within: timedelta) -> int:
        """How many of those from critical up ended dead or ambiguous lately."""
        count: int = await self._database.fetchval(_LOST, within)
        return count

    async def rooms(self) -> tuple[Room, ...]:
        """Every room that was ever owed something, the last one first."""
        rows = await self._read(_ROOMS)
        return tuple(Room.of(row["platform"], row["room"]) for row in rows)

    async def moved(self, room: Room) -> Room:
        """The room where it is now: a group that became a supergroup has another id."""
        return Room.of(
            room.platform, await self._database.fetchval("SELECT moved_room($1, $2)", room.platform, room.key)
        )

    async def waiting(self) -> tuple[Waiting, ...]:
        """What is yet to go out, in one cheap query."""
        return tuple(
            Waiting(row["platform"], Lane(row["lane"]), State(row["state"]), row["count"], row["oldest_s"])
            for row in await self._database.fetch(_WAITING)
        )

    async def retry(self, part: str) -> Listed:
        """Have the dead or ambiguous delivery sent again that has this id, or whose id alone begins or ends so.

        A running desk is woken by it. One that the platform may have already is marked as a possible repeat.
        Raises `CannotFind`, and `CannotRetry` where it is not to be sent again.
        """
        found = await self._find(part)
        if await self._database.fetchval(_RETRY, found.id) is None:
            # Read anew: what it was may have been over by then.
            now = await self._find(found.id.hex)
            raise CannotRetry(f"{now.id} is {now.state}{_because(now)}: {_why_not(now)}")
        return found

    async def _read(self, query: str, *arguments: object) -> list[Record]:
        async with self._database.acquire() as connection:
            return await connection.fetch(query, *arguments, timeout=_READING_S)

    async def _find(self, part: str) -> Listed:
        digits = part.strip().replace("-", "").lower()
        if not SHORTEST_PART <= len(digits) <= 32 or set(digits) - set("0123456789abcdef"):
            raise CannotFind(
                f"{part!r} is no id of a delivery. Give one that `quarterdeck deliveries` shows, or at least its "
                f"first or last {SHORTEST_PART} characters."
            )
        head, tail = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
        rows = await self._database.fetch(_BY_HEAD, head, tail)
        if len(digits) < 32:
            rows += await self._read(_BY_TAIL, _as_tail(digits))
        found = {row["id"]: row for row in rows}
        if not found:
            raise CannotFind(f"No delivery has the id {part}. `quarterdeck deliveries` shows those there are.")
        if len(found) > 1:
            ids = ", ".join(map(str, found))
            raise CannotFind(f"{part} may mean several: {ids}{', …' if len(rows) >= _MANY else ''}. Give more of it.")
        return _listed(*found.values())


def _as_tail(digits: str) -> str:
    """The end of an id, its dashes where they stand: to take them out of a million ids takes seconds."""
    whole = str(UUID(digits.rjust(32, "0")))
    return next(whole[at:] for at in range(len(whole)) if whole[at:].replace("-", "") == digits)


def _columns(rooms: Sequence[Room] | None) -> tuple[list[str] | None, list[str] | None]:
    if rooms is None:
        return None, None
    return [room.platform for room in rooms], [room.key for room in rooms]


def _because(listed: Listed) -> str:
    return f" ({listed.reason})" if listed.reason else ""


def _why_not(listed: Listed) -> str:
    match listed.state:
        case State.PENDING | State.SENDING:
            return "it goes out by itself."
        case State.SENT:
            return "it has arrived."
        case State.FOLDED:
            return "a newer message says it, with others."
        case State.DEAD | State.AMBIGUOUS:
            return "a newer state of its card has been sent or waits, and it would hide that."


def _listed(row: Record) -> Listed:
    return Listed(
        id=row["id"],
        created_at=row["created_at"],
        kind=Kind(row["kind"]),
        severity=Severity(row["severity"]),
        room=Room.of(row["platform"], row["room"]),
        state=State(row["state"]),
        attempts=row["attempts"],
        title=row["title"],
        reason=row["reason"],
    )


def _whole(listed: Listed, row: Record) -> Whole:
    try:
        posting = posting_of(row["payload"])
        message, keys = posting.message, posting.keys
        attachment = row["payload"].get("attachment") or {}
        file = attachment.get("name")
    except UNREADABLE:
        message, keys, file = Message(listed.title, (Paragraph("What it says cannot be read."),)), (), None
    facts = {name: value for name, value in row.items() if name not in _TOLD_ELSEWHERE and value not in (None, False)}
    buttons = tuple(tuple(key.label for key in line) for line in keys)
    return Whole(listed, message, buttons, file, row["file_size"], facts)
