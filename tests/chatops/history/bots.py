"""Bots as their snapshots tell of them, one fact after the other."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bot_integration import Leg, Mode, Pnl, Portfolio, Position, PositionStage, Session, Side, Snapshot, TimelineEvent
from chatops.history.recorder import Recorder
from chatops.history.rows import Batch

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FIRST_RUN = UUID(int=1)


def usd(amount: str | int) -> Decimal:
    return Decimal(amount)


def leg(venue: str = "okx", funding: str = "0", **more: Any) -> Leg:
    given = {"instrument": "SOL-PERP", "side": Side.LONG, "size": 1, "notional": 100, "margin_used": 50, **more}
    return Leg(venue=venue, funding=usd(funding), **given)


def position(
    name: str = "SOL-1",
    stage: str = "open",
    *,
    realized: str = "0",
    unrealized: str = "0",
    funding: str = "0",
    fees: str = "0",
    **more: Any,
) -> Position:
    made = Pnl(realized=usd(realized), funding=usd(funding), fees=usd(fees), unrealized=usd(unrealized))
    given = {"asset": "SOL", "strategy": "carry", "lane": "main", "opened_at": NOON, "updated_at": NOON, **more}
    return Position(id=name, stage=PositionStage(stage), pnl=made, **given)


@dataclass
class Told:
    """A bot that says one thing after the other to a recorder."""

    recorder: Recorder = field(default_factory=lambda: Recorder("alpha"))
    at: datetime = NOON
    seq: int = 0
    run: UUID = FIRST_RUN
    started_at: datetime = NOON
    timeline: tuple[TimelineEvent, ...] = ()

    def say(self, equity: str = "1000", *positions: Position, after: float = 1, **portfolio: Any) -> Batch:
        """What is recorded of what it says so many seconds later."""
        self.take(equity, *positions, after=after, **portfolio)
        batch = self.recorder.batch()
        assert batch is not None
        return batch

    def take(self, equity: str = "1000", *positions: Position, after: float = 1, **portfolio: Any) -> None:
        self.at += timedelta(seconds=after)
        self.seq += 1
        self.recorder.take(self.snapshot(equity, *positions, **portfolio))

    def snapshot(self, equity: str = "1000", *positions: Position, **portfolio: Any) -> Snapshot:
        """As it would be now."""
        return Snapshot(
            bot="alpha",
            session_id=self.run,
            seq=self.seq,
            at=self.at,
            session=Session(strategy="carry", mode=Mode.LIVE, started_at=self.started_at),
            positions=positions,
            portfolio=Portfolio(equity=usd(equity), **portfolio),
            timeline=self.timeline,
        )

    def restart(self, after: float = 1) -> None:
        """It begins another run."""
        self.at += timedelta(seconds=after)
        self.run, self.seq, self.started_at = UUID(int=self.run.int + 1), 0, self.at


def pnl(realized: str = "0", *, unrealized: str = "0", funding: str = "0", fees: str = "0") -> Pnl:
    """Of a whole portfolio."""
    amounts = [usd(one) for one in (realized, unrealized, funding, fees)]
    total = amounts[0] + amounts[1] + amounts[2] - amounts[3]
    return Pnl(realized=amounts[0], unrealized=amounts[1], funding=amounts[2], fees=amounts[3], total=total)
