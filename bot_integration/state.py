"""Frozen facts of a bot at one moment.

Money and sizes are `Decimal` (numbers in JSON), ratios and percentages are floats, moments are aware and in UTC.
A field that a venue has no notion of is None, never 0. What a strategy adds of its own is kept in `extra`.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bot_integration.declarations import Declaration
from bot_integration.fact import Amount, Fact, Moment, Name
from bot_integration.position import Pnl, Position

#: How many timeline events a snapshot carries.
TIMELINE_LENGTH = 20


class Mode(StrEnum):
    """Whether orders are real."""

    LIVE = "live"
    PAPER = "paper"
    #: Nothing trades: what was recorded is shown once more.
    REPLAY = "replay"


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


class Breaker(Fact):
    """A circuit breaker that the bot has, whether it has tripped or not."""

    name: Name
    active: bool = False
    #: When it tripped.
    since: Moment | None = None
    #: Why it tripped.
    reason: str = ""
    #: What trips it.
    help: str = ""


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
    #: All that there are, where the bot says so; those that are active stand in `pause` too.
    breakers: tuple[Breaker, ...] = ()


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
    #: Since when `pnl` is counted. None where it goes on over a restart of the bot, or the bot does not say it.
    pnl_since: Moment | None = None
    #: All money put in so far less all taken out, what it began with included. None where the bot does not say it.
    deposits: Amount | None = None
    #: Equity made since midnight UTC.
    pnl_today: Amount | None = None
    maintenance_headroom: Amount | None = None
    value_at_risk: Amount | None = None
    win_rate: float | None = None
    trades: int = Field(default=0, ge=0)
    strategies: tuple[Strategy, ...] = ()


class Parameter(Fact):
    """A setting of the bot that people may see, and change while it runs where `hot`.

    What is `secret` has no value from here on: it is in no snapshot, event, log or chat, near or far.
    """

    key: Name
    #: Stands before `value`, which it empties.
    secret: bool = False
    value: Any
    type: str
    unit: str = ""
    min: float | None = None
    max: float | None = None
    category: str = ""
    hot: bool = False
    help: str = ""

    @field_validator("value")
    @classmethod
    def _keep_no_secret(cls, value: Any, info: ValidationInfo) -> Any:
        # What could not be read as a yes or no is refused as a whole, and until then taken for a secret.
        return None if info.data.get("secret", True) else value


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
    #: The author's own, as the controller fills them in.
    commands: tuple[Declaration, ...] = ()

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
