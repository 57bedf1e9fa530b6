"""How long it takes to find what may go out, behind a million messages that have gone (SPEC 8)."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from alerts.severity import Severity
from chatops.ids import uuid7
from chatops.messages import Message, Paragraph, Posting
from chatops.owed import Kind, Owed
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.deliveries import Claims, Deliveries
from chatops.storage.embedded import EmbeddedPostgres
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.table import table

OLD = 1_000_000
OLD_CHATS = 500
#: As many as the sender takes.
AT_ONCE = 16
RUNS, WARM_UP = 150, 10
AT_MOST_MS = 5.0
_LATER = timedelta(hours=1)

_OLD_ROWS = """
INSERT INTO deliveries (
    id, kind, severity, lane, platform, room, card, payload, created_at, not_before, state, attempts,
    platform_message_id, sent_at)
SELECT gen_random_uuid(), 'alert', 'warning', 3, 'telegram', (g % $2)::text, 'card ' || g / 4,
    '{"title": "an old one", "blocks": []}', at, at, 'sent', 1, g::text, at
FROM generate_series(1, $1) AS g, LATERAL (SELECT now() - g * interval '1 second' AS at) AS moments
"""

_THEIR_CHATS = "INSERT INTO delivery_chats (platform, chat) SELECT DISTINCT platform, chat FROM deliveries"
_KNOWN_CHATS = """
INSERT INTO delivery_chats (platform, chat) SELECT 'telegram', 'known ' || g FROM generate_series(1, $1) AS g
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits while it is measured."""

    words: str
    messages: int
    chats: int
    #: Whether the first of each chat has to wait, and the one behind it may go.
    first_waits: bool = False
    #: So many other chats are known, where nothing waits.
    known: int = 0


BACKLOGS = (
    Backlog("nothing waits", 0, 0),
    Backlog("100 wait in 20 chats", 100, 20),
    Backlog("10,000 wait in 500 chats", 10_000, OLD_CHATS),
    Backlog("the same, the first card of each not yet due", 10_000, OLD_CHATS, first_waits=True),
    Backlog("1 waits, and 10,000 chats are known", 1, 1, known=10_000),
)


async def claiming() -> str:
    """Measure; gives the table."""
    rows = []
    async with AsyncExitStack() as stack:
        made = stack.enter_context(TemporaryDirectory(prefix="quarterdeck-bench-"))
        url = await stack.enter_async_context(EmbeddedPostgres(Path(made) / "data"))
        # One connection, so that the baseline has the same.
        database = await stack.enter_async_context(Database.open(url, min_size=1, max_size=1))
        await database.migrate()
        async with database.acquire() as connection:
            await connection.execute(_OLD_ROWS, OLD, OLD_CHATS, timeout=600)
            await connection.execute(_THEIR_CHATS, timeout=600)
        for analyzed in (False, True):
            if analyzed:
                async with database.acquire() as connection:
                    await connection.execute("VACUUM (ANALYZE) deliveries, delivery_chats", timeout=600)
            for backlog in BACKLOGS:
                pairs = await _Claiming(database, backlog).measure()
                rows.append(
                    (
                        backlog.words,
                        "analyzed" if analyzed else "never analyzed",
                        f"{median(pairs.subject):.2f}",
                        f"{quantile(pairs.subject, 0.99):.2f}",
                        f"{median(pairs.baseline):.2f}",
                        f"{pairs.ratio:.1f}",
                        verdict(median(pairs.subject), AT_MOST_MS, " ms"),
                    )
                )
    return table(
        (f"claim behind {OLD:,} old ones", "statistics", "claim ms", "p99 ms", "SELECT 1 ms", "ratio", "promise"),
        rows,
        left=2,
    )


class _Claiming:
    """Claims again and again; what was claimed is sent, and as much comes after it."""

    def __init__(self, database: Database, backlog: Backlog) -> None:
        self._database = database
        self._deliveries = Deliveries(database, uuid7())
        self._backlog = backlog
        self._places = count()

    async def measure(self) -> Pairs:
        """Pairs in milliseconds."""
        backlog = self._backlog
        await self._database.execute("UPDATE deliveries SET state = 'dead' WHERE state = 'pending'")
        if backlog.first_waits:
            await self._deliveries.store([self._owed(chat, Severity.CRITICAL, "card") for chat in range(backlog.chats)])
            # Shown a moment ago, and to be changed once that is over.
            await self._database.execute(
                "UPDATE deliveries SET not_before = $1 WHERE state = 'pending'", datetime.now(UTC) + _LATER
            )
        await self._database.execute(_KNOWN_CHATS, backlog.known)
        for _ in range(0, backlog.messages, backlog.chats or 1):
            await self._store(backlog.chats)
        pairs = Pairs()
        for run in range(WARM_UP + RUNS):
            began = perf_counter()
            claims = await self._deliveries.claim("telegram", now=datetime.now(UTC), limit=AT_ONCE)
            claimed = perf_counter()
            await self._database.fetchval("SELECT 1")
            ended = perf_counter()
            if run >= WARM_UP:
                pairs.add((claimed - began) * 1_000, (ended - claimed) * 1_000)
            await self._go_on(claims)
        return pairs

    async def _go_on(self, claims: Claims) -> None:
        assert len(claims.claimed) == min(AT_ONCE, self._backlog.chats), claims
        for one in claims.claimed:
            await self._deliveries.sent(one.owed.id, "1", datetime.now(UTC))
        await self._store(len(claims.claimed))

    async def _store(self, many: int) -> None:
        places: Sequence[int] = [next(self._places) for _ in range(many)]
        await self._deliveries.store([self._owed(place % self._backlog.chats) for place in places])

    def _owed(self, chat: int, severity: Severity = Severity.WARNING, card: str | None = None) -> Owed:
        return Owed(
            uuid7(),
            Room("telegram", str(chat)),
            Posting(Message("health of SOL-PERP is low", (Paragraph("It is 0.148."),))),
            datetime.now(UTC),
            kind=Kind.ALERT,
            severity=severity,
            card=card,
            in_place=card is not None,
        )
