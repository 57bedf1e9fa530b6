"""Two looks at a bot: any two, and some that differ as a test says."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot_integration import Mode, Parameter, PauseState, Pnl, Position, PositionStage, Session, Snapshot, Stage
from tests.chatops.views.facts import AMOUNTS, NOW, TEXTS, alpha, carry

#: Few names, so that both looks know the same.
_IDS = st.sampled_from(["SOL-1", "ETH-1", "BTC-1", "\u202e"])
#: Few moments in one's life, so that two looks often show the same one further on.
_HELD = st.builds(
    carry,
    _IDS,
    stage=st.sampled_from(PositionStage),
    target_usd=st.sampled_from([Decimal(0), Decimal(1_000), Decimal("1e-12"), Decimal("-1e15")]),
    filled_usd=AMOUNTS,
    pnl=st.builds(Pnl, funding=AMOUNTS, total=AMOUNTS, unrealized=AMOUNTS),
)
_PARAMETERS = st.builds(
    Parameter,
    key=st.sampled_from(["max_positions", "api_token", "lanes"]),
    value=st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.lists(TEXTS, max_size=2),
    type=TEXTS,
    unit=TEXTS,
    secret=st.booleans(),
)


@st.composite
def any_look(draw: st.DrawFn) -> Snapshot:
    """Any facts of a bot that has had two runs."""
    held = draw(st.lists(_HELD, max_size=3, unique_by=lambda position: position.id))
    return look(
        *held,
        seq=draw(st.integers(0, 3)),
        run=draw(st.integers(1, 2)),
        parameters=tuple(draw(st.lists(_PARAMETERS, max_size=3))),
        mode=draw(st.sampled_from(Mode)),
        stage=draw(st.sampled_from(Stage)),
        version=draw(st.sampled_from(["", "1.0", "\x1b[2J"])),
        pause=tripped(*draw(st.lists(st.sampled_from(["daily_loss", "failures", "\n"]), max_size=3))),
    )


def look(*positions: Position, seq: int = 1, run: int = 7, **more: Any) -> Snapshot:
    """An ordinary bot with these positions."""
    facts = {"seq": seq, "session_id": uuid.UUID(int=run), "at": NOW + timedelta(seconds=seq)}
    session = {name: more.pop(name) for name in [*Session.model_fields] if name in more}
    snapshot = alpha(positions, **more)
    return snapshot.model_copy(update={**facts, "session": snapshot.session.model_copy(update=session)})


def sol(stage: PositionStage = PositionStage.OPEN, *, filled: int = 1_000, **more: Any) -> Position:
    """A position of 1,000 USD."""
    return carry("SOL-1", stage=stage, target_usd=Decimal(1_000), filled_usd=Decimal(filled), **more)


def paid(funding: str) -> Pnl:
    """Money of a position that got so much funding."""
    return Pnl(funding=Decimal(funding), total=Decimal(funding))


def parameter(value: Any, key: str = "max_positions", **more: Any) -> Parameter:
    return Parameter(key=key, value=value, type="int", **more)


def tripped(*names: str) -> PauseState:
    return PauseState(active_breakers=names)
