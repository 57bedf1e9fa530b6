"""Frozen facts of a bot at one moment.

Money and sizes are `Decimal` (numbers in JSON), ratios and percentages are floats, moments are aware and in UTC.
A field that a venue has no notion of is None, never 0. What a strategy adds of its own is kept in `extra`.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Name = Annotated[str, Field(min_length=1, max_length=64)]

#: How many timeline events a snapshot carries.
TIMELINE_LENGTH = 20


class Fact(BaseModel):
    """A value that crosses a border: frozen, and closed but for what goes into `extra`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    extra: dict[str, Any] = Field(default_factory=dict)

    _known: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Look the names of the fields up once a class."""
        cls._known = frozenset(cls.model_fields)

    @model_validator(mode="before")
    @classmethod
    def _keep_unknown_fields(cls, given: Any) -> Any:
        """Move what this version has no field for into `extra`, so that nothing a strategy says is lost."""
        if not isinstance(given, dict):
            return given
        # Run for every fact of every snapshot: nearly always there is nothing to move.
        if given.keys() <= cls._known:
            return given
        unknown = given.keys() - cls._known
        extra = given.get("extra", {})
        # An `extra` that is no mapping is a fault that validation names.
        if not isinstance(extra, dict):
            return given
        known = {key: value for key, value in given.items() if key not in unknown}
        known["extra"] = {**extra, **{str(key): given[key] for key in unknown}}
        return known


class Mode(StrEnum):
    """Whether orders are real."""

    LIVE = "live"
    PAPER = "paper"


class Stage(StrEnum):
    """What a bot is about at the moment."""

    IDLE = "idle"
    SCANNING = "scanning"
    OPENING = "opening"
    MONITORING = "monitoring"
    EXITING = "exiting"
    PAUSED = "paused"
    STOPPING = "stopping"


class Health(StrEnum):
    """How well a bot is, by its own judgement."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


class PositionStage(StrEnum):
    """Where in its life a position stands."""

    OPENING = "opening"
    OPEN = "open"
    REBALANCING = "rebalancing"
    CLOSING = "closing"
    CLOSED = "closed"


class Side(StrEnum):
    """Which way a leg is exposed."""

    LONG = "long"
    SHORT = "short"


class Stream(StrEnum):
    """How a venue's market data reaches the bot."""

    CONNECTED = "connected"
    DEGRADED = "degraded"
    POLL_ONLY = "poll_only"
    DOWN = "down"


class EventCategory(StrEnum):
    """What kind of thing a timeline event tells."""

    STAGE = "stage"
    EXECUTION = "execution"
    WARNING = "warning"
    INFO = "info"


class Leg(Fact):
    """The part of a position on one venue."""

    venue: Name
    instrument: Name
    side: Side
    #: In units of the asset, never negative.
    size: Amount = Field(ge=0)
    entry_price: Amount | None = None
    mark_price: Amount | None = None
    #: Size times mark price, in USD.
    notional: Amount
    leverage: float | None = None
    margin_used: Amount | None = None
    #: Equity / notional; liquidated at the venue's maintenance margin.
    margin_fraction: float | None = None
    #: (assets x weight - liabilities) / (assets x weight) of a borrowed leg; liquidated at 0.
    health_factor: float | None = None
    liquidation_price: Amount | None = None
    #: Price of a liquid staking token over its redemption value, in %; negative is a discount.
    peg_premium: float | None = None
    unrealized: Amount = Decimal(0)
    funding: Amount = Decimal(0)
    fees: Amount = Decimal(0)


class Pnl(Fact):
    """Profit and loss in USD. Fees are positive numbers that are taken off the total."""

    unrealized: Amount = Decimal(0)
    realized: Amount = Decimal(0)
    funding: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    #: realized + unrealized + funding - fees.
    total: Amount = Decimal(0)
    #: Of the capital deployed.
    total_pct: float | None = None


class Risk(Fact):
    """What the bot's own risk manager thinks of a position."""

    should_exit: bool = False
    reasons: tuple[str, ...] = ()
    last_exit_reason: str | None = None
    #: A person overruled the risk manager: hold until then, whatever it says.
    hold_until: Moment | None = None
    held: bool = False


class Position(Fact):
    """One trade held. A delta-neutral position has two legs."""

    id: Name
    asset: Name
    strategy: str = ""
    #: A label that profit is attributed to.
    lane: str = ""
    stage: PositionStage
    opened_at: Moment
    updated_at: Moment
    target_usd: Amount = Decimal(0)
    filled_usd: Amount = Decimal(0)
    legs: tuple[Leg, ...] = ()
    #: Net exposure in USD; positive is long.
    delta: Amount = Decimal(0)
    #: Absolute delta / gross exposure.
    delta_ratio: float | None = None
    #: Difference of the two legs' mark prices, in %.
    divergence: float | None = None
    #: How much of the expected profit has gone, in %.
    profit_erosion: float | None = None
    pnl: Pnl = Pnl()
    rebalance_pending: bool = False
    risk: Risk = Risk()


class Decision(Fact):
    """Something the strategy decided in its last cycle, and why."""

    what: str
    reason: str = ""


class Cycle(Fact):
    """The strategy's last turn round its loop."""

    number: int = Field(default=0, ge=0)
    duration_ms: float = Field(default=0, ge=0)
    quotes: int = Field(default=0, ge=0)
    quotes_total: int = Field(default=0, ge=0)
    opportunities: int = Field(default=0, ge=0)
    near_opportunities: int = Field(default=0, ge=0)
    timeouts: int = Field(default=0, ge=0)
    decisions: tuple[Decision, ...] = ()


class Limits(Fact):
    """What the bot may not go beyond; USD."""

    max_positions: int | None = None
    max_exposure: Amount | None = None
    daily_loss_cap: Amount | None = None
    daily_loss_left: Amount | None = None


class PauseState(Fact):
    """Whether the bot is held back, by whom and why."""

    paused: bool = False
    #: `all`, `entry`, `exit` or the name of a venue; several may be paused at once.
    scopes: tuple[str, ...] = ()
    reason: str = ""
    at: Moment | None = None
    by: str = ""
    active_breakers: tuple[str, ...] = ()
    kill_switch: bool = False


class Session(Fact):
    """The run of a bot from one start to its end."""

    strategy: str
    version: str = ""
    mode: Mode
    config_path: str | None = None
    started_at: Moment
    stage: Stage = Stage.IDLE
    health: Health = Health.OK
    cycle: Cycle = Cycle()
    limits: Limits = Limits()
    consecutive_failures: int = Field(default=0, ge=0)
    pause: PauseState = PauseState()


class Funding(Fact):
    """The funding of one asset on one venue. The rate is a fraction an interval, paid by longs when positive."""

    venue: Name
    asset: Name
    rate: float
    interval_hours: float = Field(default=8, gt=0)
    next_at: Moment | None = None
    predicted: float | None = None
    accrued_expected: Amount | None = None
    accrued_actual: Amount | None = None


class Venue(Fact):
    """A place that is traded on, as the bot sees it."""

    name: Name
    stream: Stream
    balance: Amount | None = None
    locked_capital: Amount | None = None
    #: Of chains: the last block seen.
    height: int | None = None
    last_error: str | None = None


class Strategy(Fact):
    """The portfolio's figures for one strategy."""

    name: Name
    deployed: Amount = Decimal(0)
    pnl: Pnl = Pnl()
    win_rate: float | None = None
    trades: int = Field(default=0, ge=0)


class Portfolio(Fact):
    """Everything held, added up; USD."""

    equity: Amount
    deployed: Amount = Decimal(0)
    gross_notional: Amount = Decimal(0)
    net_delta: Amount = Decimal(0)
    pnl: Pnl = Pnl()
    #: Equity made since midnight UTC.
    pnl_today: Amount | None = None
    maintenance_headroom: Amount | None = None
    value_at_risk: Amount | None = None
    win_rate: float | None = None
    trades: int = Field(default=0, ge=0)
    strategies: tuple[Strategy, ...] = ()


class Parameter(Fact):
    """A setting of the bot that people may see, and change while it runs where `hot`."""

    key: Name
    value: Any
    type: str
    unit: str = ""
    min: float | None = None
    max: float | None = None
    category: str = ""
    hot: bool = False
    #: Never shown to anybody, nor logged.
    secret: bool = False
    help: str = ""


class TimelineEvent(Fact):
    """One thing that happened, in a sentence."""

    at: Moment
    category: EventCategory
    message: str
    data: dict[str, Any] = Field(default_factory=dict)


class Snapshot(Fact):
    """Everything a bot says of itself at one moment."""

    bot: Name
    #: New at every start of the bot.
    session_id: UUID
    #: Counts up within a session.
    seq: int = Field(ge=0)
    at: Moment
    session: Session
    positions: tuple[Position, ...] = ()
    funding: tuple[Funding, ...] = ()
    venues: tuple[Venue, ...] = ()
    portfolio: Portfolio
    parameters: tuple[Parameter, ...] = ()
    metrics: dict[str, float] = Field(default_factory=dict)
    #: Newest last.
    timeline: tuple[TimelineEvent, ...] = Field(default=(), max_length=TIMELINE_LENGTH)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Snapshot":
        ids = [position.id for position in self.positions]
        if len(ids) != len(set(ids)):
            twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
            raise ValueError(f"positions: the id {twice[0]} stands twice; ids must be unique")
        return self

    def position(self, position_id: str) -> Position | None:
        """The position of this id, if it is held."""
        return next((held for held in self.positions if held.id == position_id), None)
