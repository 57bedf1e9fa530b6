"""Any facts that a bot may publish, however wild, and some that one would."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot_integration import (
    CommandResult,
    EventCategory,
    Fill,
    Health,
    Leg,
    LegPreview,
    Limits,
    Mode,
    Outcome,
    PauseState,
    Pnl,
    Portfolio,
    Position,
    PositionStage,
    Preview,
    Risk,
    Session,
    Side,
    Snapshot,
    Stage,
    Stream,
    TimelineEvent,
    Venue,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

#: All that a name can hold: right to left, marks, emoji, control characters, spaces alone. Halves of characters do not
#: pass pydantic.
_WILD = st.characters(codec="utf-8")
_NASTY = st.sampled_from(
    [
        "\x00",
        "\n\n",
        " ",
        "\u202eSOL",
        "e" + "\u0301" * 60,
        "👨‍👩‍👧‍👦" * 5,
        "\u200b",
        "日本" * 20,
        "\x1b[2J",
        "SOL",
        "a" * 64,
    ]
)
NAMES = st.text(_WILD, min_size=1, max_size=64) | _NASTY
TEXTS = st.text(_WILD, max_size=80) | _NASTY | st.just("long " * 1_000)
AMOUNTS = st.one_of(
    st.sampled_from([Decimal(text) for text in ("0", "-0", "1e-12", "-1e-12", "1e15", "-1e15", "0.005", "99999.995")]),
    st.decimals(Decimal("-1e15"), Decimal("1e15"), allow_nan=False, places=12),
)
SIZES = AMOUNTS.map(abs)
RATIOS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 0.05, 0.228, 1.0, -1.0, 5e-324])
MOMENTS = st.integers(-(10**9), 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds))


def _or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


LEGS = st.builds(
    Leg,
    venue=NAMES,
    instrument=NAMES,
    side=st.sampled_from(Side),
    size=SIZES,
    entry_price=_or_none(AMOUNTS),
    mark_price=_or_none(AMOUNTS),
    notional=AMOUNTS,
    leverage=_or_none(RATIOS),
    margin_used=_or_none(AMOUNTS),
    margin_fraction=_or_none(RATIOS),
    health_factor=_or_none(RATIOS),
    liquidation_price=_or_none(AMOUNTS),
    unrealized=AMOUNTS,
    funding=AMOUNTS,
)
PNLS = st.builds(
    Pnl, unrealized=AMOUNTS, realized=AMOUNTS, funding=AMOUNTS, fees=AMOUNTS, total=AMOUNTS, total_pct=_or_none(RATIOS)
)
RISKS = st.builds(
    Risk,
    should_exit=st.booleans(),
    reasons=st.lists(TEXTS, max_size=3).map(tuple),
    held=st.booleans(),
    hold_until=_or_none(MOMENTS),
)
POSITIONS = st.builds(
    Position,
    id=NAMES,
    asset=NAMES,
    lane=TEXTS,
    stage=st.sampled_from(PositionStage),
    opened_at=MOMENTS,
    updated_at=MOMENTS,
    legs=st.lists(LEGS, max_size=3).map(tuple),
    delta=AMOUNTS,
    divergence=_or_none(RATIOS),
    profit_erosion=_or_none(RATIOS),
    pnl=PNLS,
    risk=RISKS,
)
PAUSES = st.builds(
    PauseState,
    paused=st.booleans(),
    scopes=st.lists(NAMES, max_size=4).map(tuple),
    reason=TEXTS,
    by=TEXTS,
    active_breakers=st.lists(NAMES, max_size=3).map(tuple),
    kill_switch=st.booleans(),
)
SESSIONS = st.builds(
    Session,
    strategy=TEXTS,
    mode=st.sampled_from(Mode),
    started_at=MOMENTS,
    stage=st.sampled_from(Stage),
    health=st.sampled_from(Health),
    limits=st.builds(Limits, max_positions=_or_none(st.integers(0, 500))),
    pause=PAUSES,
)
VENUES = st.builds(
    Venue, name=NAMES, stream=st.sampled_from(Stream), balance=_or_none(AMOUNTS), last_error=_or_none(TEXTS)
)
EVENTS = st.builds(TimelineEvent, at=MOMENTS, category=st.sampled_from(EventCategory), message=TEXTS)
PORTFOLIOS = st.builds(Portfolio, equity=AMOUNTS, net_delta=AMOUNTS, pnl=PNLS, pnl_today=_or_none(AMOUNTS))
SNAPSHOTS = st.builds(
    Snapshot,
    bot=NAMES,
    session_id=st.uuids(),
    seq=st.integers(0, 10**9),
    at=MOMENTS,
    session=SESSIONS,
    positions=st.lists(POSITIONS, max_size=4, unique_by=lambda position: position.id).map(tuple),
    venues=st.lists(VENUES, max_size=4).map(tuple),
    portfolio=PORTFOLIOS,
    timeline=st.lists(EVENTS, max_size=20).map(tuple),
)
PREVIEWS = st.builds(
    Preview,
    command=TEXTS,
    at=MOMENTS,
    realized=AMOUNTS,
    fees=AMOUNTS,
    slippage=AMOUNTS,
    legs=st.lists(st.builds(LegPreview, venue=NAMES, instrument=NAMES, slippage=AMOUNTS, fee=AMOUNTS), max_size=4).map(
        tuple
    ),
    message=TEXTS,
)
FILLS = st.builds(
    Fill,
    venue=NAMES,
    instrument=NAMES,
    side=st.sampled_from(["buy", "sell"]),
    size=AMOUNTS,
    price=AMOUNTS,
    realized=AMOUNTS,
)
RESULTS = st.builds(
    CommandResult,
    command_id=st.uuids(),
    outcome=st.sampled_from(Outcome),
    message=TEXTS,
    fills=st.lists(FILLS, max_size=40).map(tuple),
)


def leg(venue: str, instrument: str, side: Side, **more: Any) -> Leg:
    given: dict[str, Any] = {
        "size": Decimal("123.456"),
        "entry_price": Decimal("148.21"),
        "mark_price": Decimal("151.07"),
        "notional": Decimal("18650.61"),
        "unrealized": Decimal("353.08"),
        **more,
    }
    return Leg(venue=venue, instrument=instrument, side=side, **given)


def carry(id_: str = "SOL-1", hours: int = 12, **more: Any) -> Position:
    """Two legs as a strategy holds them: borrowed on one venue, margined on the other."""
    given: dict[str, Any] = {
        "asset": id_.partition("-")[0],
        "lane": "kamino-drift",
        "stage": PositionStage.OPEN,
        "opened_at": NOW - timedelta(hours=hours),
        "updated_at": NOW,
        "delta": Decimal("-3.21"),
        "divergence": 0.12,
        "profit_erosion": 12.3,
        "pnl": Pnl(
            unrealized=Decimal("19.75"),
            realized=Decimal("3.20"),
            funding=Decimal("12.31"),
            fees=Decimal("4.10"),
            total=Decimal("31.16"),
            total_pct=0.42,
        ),
        "legs": (
            leg("kamino", "SOL/USDC", Side.LONG, health_factor=0.228, liquidation_price=Decimal("122.31")),
            leg(
                "drift",
                "SOL-PERP",
                Side.SHORT,
                margin_fraction=0.12,
                liquidation_price=Decimal("188.31"),
                unrealized=Decimal("-333.33"),
                funding=Decimal("12.31"),
            ),
        ),
        **more,
    }
    return Position(id=id_, **given)


def alpha(positions: tuple[Position, ...] = (), **more: Any) -> Snapshot:
    """A bot on an ordinary day."""
    given: dict[str, Any] = {
        "bot": "alpha",
        "at": NOW - timedelta(seconds=2),
        "session": Session(
            strategy="carry",
            mode=Mode.LIVE,
            started_at=NOW - timedelta(days=3, hours=4),
            stage=Stage.MONITORING,
            limits=Limits(max_positions=8),
        ),
        "venues": (
            Venue(name="kamino", stream=Stream.CONNECTED, balance=Decimal("10234.12")),
            Venue(name="solana", stream=Stream.POLL_ONLY, height=312_345_678),
        ),
        "portfolio": Portfolio(
            equity=Decimal("104512.33"),
            pnl_today=Decimal("-153.21"),
            pnl=Pnl(unrealized=Decimal("-80.12")),
            net_delta=Decimal("-12.44"),
        ),
        **more,
    }
    return Snapshot(session_id=uuid.UUID(int=7), seq=1, positions=positions, **given)
