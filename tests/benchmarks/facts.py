"""What a bot with any number of positions publishes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot_integration import (
    Funding,
    Leg,
    Mode,
    Pnl,
    Portfolio,
    Position,
    PositionStage,
    Session,
    Side,
    Stage,
    Stream,
    TimelineEvent,
    Venue,
)
from bot_integration.state import EventCategory

_ASSETS = ("SOL", "ETH", "BTC", "JTO", "BONK")


def facts(positions: int, now: datetime | None = None) -> dict[str, Any]:
    """A mapping for `BotController.publish`: two legs a position, and all else that a bot says."""
    now = now or datetime.now(UTC)
    return {
        "session": Session(
            strategy="funding_arbitrage",
            version="1.0",
            mode=Mode.PAPER,
            started_at=now - timedelta(hours=30),
            stage=Stage.MONITORING,
        ),
        "positions": tuple(position(number, now) for number in range(1, positions + 1)),
        "funding": tuple(
            Funding(venue=venue, asset=asset, rate=0.0001, next_at=now + timedelta(hours=2), predicted=0.00012)
            for venue in ("drift", "bybit")
            for asset in _ASSETS
        ),
        "venues": (
            Venue(name="drift", stream=Stream.CONNECTED, balance=Decimal("41250.12")),
            Venue(name="bybit", stream=Stream.CONNECTED, balance=Decimal("38010.70")),
        ),
        "portfolio": Portfolio(equity=Decimal("102345.67"), pnl_today=Decimal("123.45"), net_delta=Decimal("-12.30")),
        "timeline": tuple(
            TimelineEvent(
                at=now - timedelta(minutes=minutes), category=EventCategory.EXECUTION, message="SOL-1 rebalanced"
            )
            for minutes in range(20, 0, -1)
        ),
    }


def position(number: int, now: datetime) -> Position:
    """A long on one venue against a short on the other; each nearer to its end than the one before."""
    asset = _ASSETS[number % len(_ASSETS)]
    mark = Decimal(100) + number
    size = Decimal("10.5")
    return Position(
        id=f"{asset}-{number}",
        asset=asset,
        strategy="funding_arbitrage",
        lane="carry",
        stage=PositionStage.OPEN,
        opened_at=now - timedelta(hours=number),
        updated_at=now,
        target_usd=Decimal(1_000),
        filled_usd=Decimal(1_000),
        delta=Decimal("-1.25"),
        delta_ratio=0.001,
        divergence=0.12,
        profit_erosion=8.5,
        pnl=Pnl(unrealized=Decimal("4.25"), funding=Decimal("2.10"), fees=Decimal("0.80"), total=Decimal("5.55")),
        legs=(
            Leg(
                venue="drift",
                instrument=f"{asset}-SPOT",
                side=Side.LONG,
                size=size,
                entry_price=mark - 1,
                mark_price=mark,
                notional=size * mark,
                leverage=3.0,
                health_factor=0.28 - number / 10_000,
                liquidation_price=mark * Decimal("0.7"),
                unrealized=Decimal("10.50"),
            ),
            Leg(
                venue="bybit",
                instrument=f"{asset}-PERP",
                side=Side.SHORT,
                size=size,
                entry_price=mark - Decimal("0.9"),
                mark_price=mark + Decimal("0.1"),
                notional=size * mark,
                leverage=3.0,
                margin_used=size * mark / 3,
                margin_fraction=0.33 - number / 10_000,
                liquidation_price=mark * Decimal("1.3"),
                unrealized=Decimal("-6.25"),
                funding=Decimal("2.10"),
                fees=Decimal("0.80"),
            ),
        ),
    )
