"""Reads what happened, fact by fact."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from chatops.history.rows import Happened, Kept, Measured, Metric, Run, Why
from chatops.money.facts import Booking, FundingPayment, Trade, Transfer
from chatops.money.spans import Span
from chatops.storage.database import Database, Record
from chatops.storage.history.rows import booking_of, payment_of, trade_of
from chatops.storage.history.snapshots import unpacked
from chatops.storage.metrics import Metrics

log = logging.getLogger(__name__)

_OF = "bot = ANY ($1::text[])"
_IN_SPAN = "at >= $2 AND at < $3"
_OF_POSITION = "($4 = '' OR position = $4)"

_TRADES = f"""
SELECT * FROM trades
WHERE {_OF} AND ($2::timestamptz IS NULL OR closed_at >= $2) AND ($3::timestamptz IS NULL OR closed_at < $3)
    AND {_OF_POSITION}
ORDER BY closed_at DESC, id LIMIT $5
"""  # noqa: S608 - put together from our own parts
_BOOKINGS = f"SELECT * FROM bookings WHERE {_OF} AND {_IN_SPAN} AND {_OF_POSITION} ORDER BY at, bot"  # noqa: S608
_PAYMENTS = f"SELECT * FROM funding_payments WHERE {_OF} AND {_IN_SPAN} AND {_OF_POSITION} ORDER BY at, bot"  # noqa: S608
_TRANSFERS = f"SELECT * FROM transfers WHERE {_OF} AND {_IN_SPAN} ORDER BY at, bot"  # noqa: S608
_EVENTS = f"SELECT * FROM events WHERE {_OF} AND {_IN_SPAN} AND {_OF_POSITION} ORDER BY at DESC LIMIT $5"  # noqa: S608
_RUNS = f"SELECT * FROM sessions WHERE {_OF} ORDER BY started_at DESC, session_id LIMIT $2"  # noqa: S608
_KEPT = """
SELECT why, snapshot FROM snapshots
WHERE ($1::uuid IS NULL OR session_id = $1) AND ($2 = '' OR bot = $2)
    AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
ORDER BY at, seq LIMIT $5
"""
_BOTS = "SELECT bot FROM history_heads UNION SELECT bot FROM sessions"


class HistoryReading:
    """What there is to read but for `books`, see `port.Reading`. Every method raises `DatabaseAway`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._metrics = Metrics(database)

    async def known_bots(self) -> frozenset[str]:
        """Every bot that anything was ever recorded of."""
        return frozenset(row["bot"] for row in await self._database.fetch(_BOTS))

    async def trades(
        self, bots: Collection[str], span: Span | None = None, *, most: int | None = None, position: str = ""
    ) -> tuple[Trade, ...]:
        """Trades that were closed in a span, the newest first."""
        rows = await self._database.fetch(_TRADES, list(bots), *_ends(span), position, most)
        return await asyncio.to_thread(lambda: tuple(map(trade_of, rows)))

    async def bookings(self, bots: Collection[str], span: Span, *, position: str = "") -> tuple[Booking, ...]:
        """Each as it was booked, oldest first."""
        rows = await self._database.fetch(_BOOKINGS, list(bots), *_ends(span), position)
        return await asyncio.to_thread(lambda: tuple(map(booking_of, rows)))

    async def payments(self, bots: Collection[str], span: Span, *, position: str = "") -> tuple[FundingPayment, ...]:
        """Each as it was paid, oldest first."""
        rows = await self._database.fetch(_PAYMENTS, list(bots), *_ends(span), position)
        # Of a position that was held for long these are tens of thousands.
        return await asyncio.to_thread(lambda: tuple(map(payment_of, rows)))

    async def transfers(self, bots: Collection[str], span: Span) -> tuple[Transfer, ...]:
        """Money put in and taken out, oldest first."""
        rows = await self._database.fetch(_TRANSFERS, list(bots), *_ends(span))
        return tuple(Transfer(row["at"], row["bot"], row["amount"], row["reason"]) for row in rows)

    async def measured(
        self, bot: str, metric: Metric, span: Span, *, subject: str | None = None, tier: str | None = None
    ) -> tuple[Measured, ...]:
        """One metric of all its subjects, or of one, oldest first; by the tier that the length of the span asks for."""
        return await self._metrics.measured(bot, metric, span, subject=subject, tier=tier)

    async def happened(
        self, bots: Collection[str], span: Span, *, position: str = "", most: int = 1_000
    ) -> tuple[Happened, ...]:
        """What bots told, oldest first: where there is more than `most`, the newest of it."""
        rows = await self._database.fetch(_EVENTS, list(bots), *_ends(span), position, most)
        return tuple(_happened(row) for row in reversed(rows))

    async def runs(self, bots: Collection[str], *, most: int = 100) -> tuple[Run, ...]:
        """Runs, the newest first."""
        return tuple(_run(row) for row in await self._database.fetch(_RUNS, list(bots), most))

    async def kept(
        self, *, session_id: UUID | None = None, bot: str = "", span: Span | None = None, most: int | None = None
    ) -> tuple[Kept, ...]:
        """Whole snapshots of a run, or of a bot in a span, oldest first: where there are more than `most`, the first.

        Those that this version cannot read are left out, with a line in the log.
        """
        rows = await self._database.fetch(_KEPT, session_id, bot, *_ends(span), most)
        return await asyncio.to_thread(lambda: tuple(_kept(rows)))


def _ends(span: Span | None) -> tuple[datetime | None, datetime | None]:
    return (span.start, span.end) if span else (None, None)


def _happened(row: Record) -> Happened:
    return Happened(row["bot"], row["session_id"], row["at"], row["category"], row["message"], row["position"])


def _run(row: Record) -> Run:
    return Run(
        row["session_id"],
        row["bot"],
        row["strategy"],
        row["version"],
        row["mode"],
        row["started_at"],
        row["seen_at"],
        row["ended_at"],
    )


def _kept(rows: Iterable[Record]) -> Iterable[Kept]:
    for row in rows:
        try:
            yield Kept(Why(row["why"]), unpacked(row["snapshot"]))
        except ValueError:
            log.exception("a snapshot of history cannot be read, and is left out")
