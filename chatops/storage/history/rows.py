"""Facts as rows of their tables, and back. Texts are made such that a table takes them, whatever a bot says."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from chatops.guard.audit import storable
from chatops.history.rows import Batch, Happened, Kept, Run, Why
from chatops.money.facts import Booking, FundingPayment, OpenLeg, Origin, Sample, Trade, TradeLeg
from chatops.storage.database import Record
from chatops.storage.history.partitions import day_of, month_of
from chatops.storage.history.snapshots import packed
from chatops.storage.json_codec import encode_json

#: Values in the order of the columns.
Row = tuple[Any, ...]

#: What is only ever added to, by table: its columns.
ADDED: Mapping[str, tuple[str, ...]] = {
    "snapshots": ("bot", "session_id", "seq", "at", "why", "lasts", "snapshot"),
    "events": ("bot", "session_id", "at", "category", "message", "position"),
    "bookings": ("bot", "position", "asset", "strategy", "lane", "venue", "at", "realized", "fees"),
    "funding_payments": ("bot", "position", "asset", "strategy", "lane", "venue", "at", "actual", "expected"),
    "trades": (
        *("id", "bot", "position", "asset", "strategy", "lane", "opened_at", "closed_at"),
        *("realized", "funding", "fees", "deployed", "slippage", "legs", "reason"),
    ),
    "transfers": ("bot", "at", "amount", "reason"),
}
#: Regular snapshots of so long from each quarter of an hour on are kept longer than the others.
_BEGINS = timedelta(seconds=45)
#: Texts of a bot may be as long as it likes, but a row has to fit.
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch as rows, by table."""

    batch: Batch
    #: What the head's row holds.
    head: Row
    #: As `ADDED` names the columns.
    added: Mapping[str, Sequence[Row]]
    runs: Sequence[Row]
    samples: Sequence[Row]
    gaps: Sequence[Row]
    #: The partitions that take them, as `Partitions.make` wants them.
    partitions: frozenset[tuple[str, datetime]] = field(default_factory=frozenset)

    @classmethod
    def of(cls, batch: Batch) -> "Rows":
        """Takes about a millisecond a snapshot: for a thread."""
        head = batch.head
        # The head is mostly one of those that are kept.
        packages = {id(one.snapshot): one.snapshot for one in batch.kept} | {id(head.snapshot): head.snapshot}
        packed_by_id = {key: packed(snapshot) for key, snapshot in packages.items()}
        added: dict[str, list[Row]] = {
            "snapshots": [
                (batch.bot, s.session_id, s.seq, s.at, one.why.value, _lasts(one), packed_by_id[id(s)])
                for one in batch.kept
                for s in (one.snapshot,)
            ],
            "events": [_event(one) for one in batch.happened],
            "bookings": [(*_origin(one.of), one.at, one.realized, one.fees) for one in batch.bookings],
            "funding_payments": [(*_origin(one.of), one.at, one.actual, one.expected) for one in batch.payments],
            "trades": [_trade(one) for one in batch.trades],
            "transfers": [(one.bot, one.at, one.amount, _text(one.reason)) for one in batch.transfers],
        }
        # One of a minute: a statement writes no row twice.
        samples = {(one.bot, _minute(one.at)): one for one in sorted(batch.samples, key=lambda one: one.at)}
        return cls(
            batch,
            (batch.bot, head.session_id, head.seq, packed_by_id[id(head.snapshot)], head.known),
            {table: rows for table, rows in added.items() if rows},
            [_run(one) for one in {one.session_id: one for one in batch.runs}.values()],
            [_sample(one) for one in samples.values()],
            [(one.bot, one.start, one.end) for one in {(one.bot, one.start): one for one in batch.gaps}.values()],
            frozenset(partitions_of(batch)),
        )


def partitions_of(batch: Batch) -> Iterable[tuple[str, datetime]]:
    """The partitions that take it, as `Partitions.make` wants them."""
    for kept in batch.kept:
        lasts = _lasts(kept)
        start = day_of if lasts == "week" else month_of
        yield f"snapshots_{lasts}", start(kept.snapshot.at)
    for table, facts in (
        ("events", batch.happened),
        ("bookings", batch.bookings),
        ("funding_payments", batch.payments),
        ("samples", batch.samples),
        ("sample_legs", batch.samples),
    ):
        for fact in facts:
            yield table, month_of(fact.at)


def _lasts(kept: Kept) -> str:
    if kept.why is not Why.REGULAR:
        return "year"
    # They come every 30 seconds: one of them, or two.
    into = timedelta(minutes=kept.snapshot.at.minute % 15, seconds=kept.snapshot.at.second)
    return "season" if into < _BEGINS else "week"


def _event(one: Happened) -> Row:
    return one.bot, one.session_id, one.at, _text(one.category), _text(one.message), _text(one.position)


def _run(one: Run) -> Row:
    said = one.strategy, one.version, one.mode
    return one.session_id, one.bot, *map(_text, said), one.started_at, one.seen_at, one.ended_at


def _trade(one: Trade) -> Row:
    legs = [
        [leg.venue, leg.instrument, leg.side, str(leg.realized), str(leg.funding), str(leg.fees)] for leg in one.legs
    ]
    money = one.realized, one.funding, one.fees, one.deployed, one.slippage
    return _text(one.id), *_origin(one.of)[:-1], one.opened_at, one.closed_at, *money, legs, _text(one.reason)


def _sample(one: Sample) -> Row:
    legs = [[*_origin(leg.of)[1:], str(leg.unrealized)] for leg in one.legs]
    said = zlib.compress(encode_json(legs))
    return one.bot, _minute(one.at), one.at, one.equity, one.unrealized, one.deposits, said


def _origin(of: Origin) -> tuple[str, str, str, str, str, str]:
    return of.bot, _text(of.position), _text(of.asset), _text(of.strategy), _text(of.lane), _text(of.venue)


def _text(said: str) -> str:
    return storable(said, _LONGEST)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def sample_of(row: Record) -> Sample:
    """Its legs too, where they were read."""
    bot: str = row["bot"]
    said = orjson.loads(zlib.decompress(row["legs"])) if row["legs"] else ()
    legs = tuple(OpenLeg(Origin(bot, *names), Decimal(amount)) for *names, amount in said)
    return Sample(row["at"], bot, row["equity"], row["unrealized"], row["deposits"], legs)


def trade_of(row: Record) -> Trade:
    """A row of `trades`."""
    of = Origin(row["bot"], row["position"], row["asset"], row["strategy"], row["lane"])
    legs = tuple(
        TradeLeg(*names, *map(Decimal, money)) for *names, money in ((*leg[:3], leg[3:]) for leg in row["legs"])
    )
    return Trade(
        row["id"],
        of,
        row["opened_at"],
        row["closed_at"],
        row["realized"],
        row["funding"],
        row["fees"],
        row["deployed"],
        row["slippage"],
        legs,
        row["reason"],
    )


def booking_of(row: Record) -> Booking:
    """A row of `bookings`."""
    return Booking(row["at"], origin_of(row), row["realized"], row["fees"])


def payment_of(row: Record) -> FundingPayment:
    """A row of `funding_payments`."""
    return FundingPayment(row["at"], origin_of(row), row["actual"], row["expected"])


def origin_of(row: Record) -> Origin:
    """Whose money the row tells of."""
    return Origin(row["bot"], row["position"], row["asset"], row["strategy"], row["lane"], row["venue"])
