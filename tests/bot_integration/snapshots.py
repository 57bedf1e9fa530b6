"""Anything that a bot may say of itself, drawn by Hypothesis; few values, so that much stays as it was."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot_integration import (
    Breaker,
    Cycle,
    Decision,
    EventCategory,
    Funding,
    Health,
    Leg,
    Mode,
    Parameter,
    PauseState,
    Pnl,
    Portfolio,
    Position,
    PositionStage,
    Session,
    Side,
    Snapshot,
    Stage,
    Strategy,
    Stream,
    TimelineEvent,
    Venue,
)
from bot_integration.difference import dumped
from tests.bot_integration.facts import NOON

AMOUNTS = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("-12.345"), Decimal("1e9")])
SIZES = st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(7)])
FLOATS = st.sampled_from([0.0, -0.25, 1e-9, 3.0])
MOMENTS = st.sampled_from([NOON, NOON + timedelta(microseconds=1), NOON + timedelta(days=40)])
TEXTS = st.sampled_from(["", "a", "ünïcode • 🚀", 'quo"te\n'])
NAMES = st.sampled_from(["drift", "bybit", "SOL"])
#: What an author may put in: also what JSON has no word for, or no number that is large enough.
ANYTHING = st.recursive(
    st.sampled_from([None, True, 1, 2.5, float("nan"), "x", Decimal("1.5"), NOON, 10**24, {1}]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=3,
)
EXTRAS: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.dictionaries(
    st.sampled_from(["a", "b", "data"]), ANYTHING, max_size=2
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


PNLS = st.builds(Pnl, unrealized=AMOUNTS, total=AMOUNTS, total_pct=maybe(FLOATS), extra=EXTRAS)
LEGS = st.builds(
    Leg,
    venue=NAMES,
    instrument=NAMES,
    side=st.sampled_from(Side),
    size=SIZES,
    notional=AMOUNTS,
    mark_price=maybe(AMOUNTS),
    leverage=maybe(FLOATS),
    health_factor=maybe(FLOATS),
    unrealized=AMOUNTS,
    extra=EXTRAS,
)
POSITIONS = st.builds(
    Position,
    id=st.sampled_from(["SOL-1", "SOL-2", "ETH-1", "é"]),
    asset=NAMES,
    stage=st.sampled_from(PositionStage),
    opened_at=MOMENTS,
    updated_at=MOMENTS,
    legs=st.lists(LEGS, max_size=3).map(tuple),
    delta=AMOUNTS,
    divergence=maybe(FLOATS),
    pnl=PNLS,
    rebalance_pending=st.booleans(),
    extra=EXTRAS,
)
DECISIONS = st.builds(Decision, what=TEXTS)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "session": st.builds(
        Session,
        strategy=TEXTS,
        mode=st.sampled_from(Mode),
        config_path=maybe(TEXTS),
        started_at=MOMENTS,
        stage=st.sampled_from(Stage),
        health=st.sampled_from(Health),
        cycle=st.builds(Cycle, number=st.integers(0, 3), decisions=st.lists(DECISIONS, max_size=2).map(tuple)),
        pause=st.builds(
            PauseState, paused=st.booleans(), scopes=st.lists(NAMES, max_size=2).map(tuple), at=maybe(MOMENTS)
        ),
        breakers=st.lists(st.builds(Breaker, name=NAMES, active=st.booleans()), max_size=2).map(tuple),
        extra=EXTRAS,
    ),
    "positions": st.lists(POSITIONS, max_size=4, unique_by=lambda one: one.id).map(tuple),
    "funding": st.lists(
        st.builds(Funding, venue=NAMES, asset=NAMES, rate=FLOATS, next_at=maybe(MOMENTS)), max_size=4
    ).map(tuple),
    "venues": st.lists(
        st.builds(Venue, name=NAMES, stream=st.sampled_from(Stream), balance=maybe(AMOUNTS)), max_size=3
    ).map(tuple),
    "portfolio": st.builds(
        Portfolio,
        equity=AMOUNTS,
        pnl=PNLS,
        win_rate=maybe(FLOATS),
        strategies=st.lists(st.builds(Strategy, name=NAMES, deployed=AMOUNTS), max_size=2).map(tuple),
        extra=EXTRAS,
    ),
    "parameters": st.lists(
        st.builds(
            Parameter,
            key=NAMES,
            secret=st.booleans(),
            value=st.sampled_from([True, 1, 0.5, "on", None]),
            type=TEXTS,
            min=maybe(FLOATS),
        ),
        max_size=3,
    ).map(tuple),
    "metrics": st.dictionaries(TEXTS, FLOATS, max_size=2),
    "timeline": st.lists(
        st.builds(TimelineEvent, at=MOMENTS, category=st.sampled_from(EventCategory), message=TEXTS, data=EXTRAS),
        max_size=20,
    ).map(tuple),
    "extra": EXTRAS,
}
#: One part, drawn anew: its name, and what it is now.
CHANGES: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    *(st.tuples(st.just(name), part) for name, part in PARTS.items())
)
WHOLES = st.fixed_dictionaries(PARTS)


def said(snapshot: Snapshot | None) -> dict[str, Any] | None:
    """All that it says, as JSON has it, but for when: what a publish that changes nothing counts on."""
    if snapshot is None:
        return None
    return {name: value for name, value in dumped(snapshot).items() if name not in {"seq", "at"}}
