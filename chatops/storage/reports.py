"""What rooms were told of reports, in PostgreSQL: table `reports`."""

from collections.abc import Collection, Mapping, Sequence

from chatops.guard.audit import moment
from chatops.guard.presses import StoredPress
from chatops.money.spans import Span
from chatops.owed import Owed
from chatops.report_chain import Heard, Key, Step
from chatops.report_kinds import ReportKind
from chatops.room import Room
from chatops.storage.database import Database, Record
from chatops.storage.delivery_rows import bare_row_of, file_of, press_row_of

_LAST = """
SELECT last.*, EXISTS (SELECT FROM deliveries AS d WHERE d.id = last.delivery AND d.state = 'dead') AS is_lost
FROM (
    SELECT DISTINCT ON (r.platform, now_at.room, r.kind) r.platform, now_at.room, r.kind, r.number, r.step,
        r.starts_at, r.ends_at, r.periods, r.at, r.delivery
    FROM reports AS r, LATERAL moved_room(r.platform, r.room) AS now_at (room)
    ORDER BY r.platform, now_at.room, r.kind, r.number DESC
) AS last
"""


class PostgresReports:
    """A `ReportStore`. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self) -> Mapping[Key, Heard]:
        """The last of each room, as it is called now, and kind."""
        found = map(_heard, await self._database.fetch(_LAST))
        return {(one.room, one.kind): one for one in found}

    async def add(self, heard: Heard, owed: Sequence[Owed] = (), minted: Collection[StoredPress] = ()) -> bool:
        """Store a row and what it owes, all or nothing. False where another gateway has stored that number."""
        added = await self._database.fetchval(
            "SELECT add_report($1, $2, $3, $4)",
            {
                "platform": heard.room.platform,
                "room": heard.room.key,
                "kind": heard.kind,
                "number": heard.number,
                "step": heard.step,
                "starts_at": moment(heard.span.start),
                "ends_at": moment(heard.span.end),
                "periods": heard.periods,
                "at": moment(heard.at),
                "delivery": str(heard.delivery) if heard.delivery is not None else None,
            },
            [bare_row_of(one) for one in owed] or None,
            [press_row_of(press) for press in minted] or None,
            [file_of(one) for one in owed],
        )
        return bool(added)


def _heard(row: Record) -> Heard:
    return Heard(
        Room.of(row["platform"], row["room"]),
        ReportKind(row["kind"]),
        row["number"],
        Step(row["step"]),
        Span(row["starts_at"], row["ends_at"]),
        row["at"],
        row["periods"],
        row["delivery"],
        row["is_lost"],
    )
