"""Batches as a recorder makes them, of a bot that never was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from bot_integration import Mode, Portfolio, Session, Snapshot
from chatops.history.rows import Batch, Happened, Head, Kept, Run, Why
from chatops.money.facts import Booking, FundingPayment, Gap, OpenLeg, Origin, Sample, Trade, TradeLeg, Transfer
from chatops.money.spans import Span
from chatops.storage.database import Database

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RUN = UUID(int=7)
DAY = Span(NOON - timedelta(hours=12), NOON + timedelta(hours=12))
SOL = Origin("alpha", "SOL-1", "SOL", "carry", "main", "okx")
#: More digits than a float has.
EXACT = Decimal("1234.567890123456789012345")


def snapshot(seq: int = 1, bot: str = "alpha", at: datetime = NOON, run: UUID = RUN) -> Snapshot:
    return Snapshot(
        bot=bot,
        session_id=run,
        seq=seq,
        at=at,
        session=Session(strategy="carry", mode=Mode.PAPER, started_at=NOON),
        portfolio=Portfolio(equity=EXACT),
    )


def head(seq: int = 1, bot: str = "alpha") -> Head:
    return Head(RUN, seq, snapshot(seq, bot), {"deposits": str(EXACT)})


def batch(seq: int = 1, bot: str = "alpha", **facts: object) -> Batch:
    """The one after that of `seq` - 1."""
    given = Batch(bot, head(seq - 1, bot) if seq > 1 else None, head(seq, bot))
    return replace(given, **facts)  # type: ignore[arg-type] # the fields of a batch


def sample(at: datetime = NOON, equity: Decimal = EXACT, bot: str = "alpha") -> Sample:
    leg = OpenLeg(replace(SOL, bot=bot), Decimal("-0.1234567890123456789"))
    return Sample(at, bot, equity, leg.unrealized, Decimal(1000), (leg,))


def everything() -> Batch:
    """One of each."""
    trade = Trade(
        "alpha/0007/SOL-1",
        replace(SOL, venue=""),
        NOON - MINUTE,
        NOON,
        EXACT,
        Decimal("-0.5"),
        Decimal("1E-9"),
        Decimal(500),
        None,
        (TradeLeg("okx", "SOL-PERP", "long", EXACT, Decimal("-0.5"), Decimal("1E-9")), TradeLeg("bybit")),
        "funding turned",
    )
    return batch(
        runs=(Run(RUN, "alpha", "carry", "1.2", "paper", NOON, NOON + MINUTE),),
        kept=(Kept(Why.START, snapshot()), Kept(Why.REGULAR, snapshot(2, at=NOON + 30 * SECOND))),
        happened=(Happened("alpha", RUN, NOON, "execution", "opened SOL", "SOL-1"),),
        bookings=(Booking(NOON, SOL, EXACT, Decimal("0.01")),),
        payments=(FundingPayment(NOON, SOL, Decimal("-0.25"), Decimal("0.3")), FundingPayment(NOON, SOL, EXACT)),
        trades=(trade,),
        samples=(sample(),),
        transfers=(Transfer(NOON, "alpha", Decimal(1000), "what it began with"),),
        gaps=(Gap("alpha", NOON - 2 * MINUTE, NOON - MINUTE),),
    )


TABLES = (
    *("history_heads", "sessions", "snapshots", "events", "trades", "bookings", "funding_payments"),
    *("samples", "sample_legs", "transfers", "gaps"),
)


async def stored(database: Database) -> dict[str, list[str]]:
    """Every row of history, by table."""
    return {
        table: [row[0] for row in await database.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1")]
        for table in TABLES
    }


async def forget_all(database: Database) -> None:
    """For the next example: partitions stay."""
    async with database.transaction() as connection:
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table}")
