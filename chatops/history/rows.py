"""What is stored of bots' lives: rows, as the recorder makes them and the store keeps them.

Money facts are those of `chatops.money.facts`. Moments are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from bot_integration import Snapshot
from chatops.money.facts import Booking, FundingPayment, Gap, Sample, Trade, Transfer


class Why(StrEnum):
    """Why a snapshot was kept."""

    START = "start"
    STOP = "stop"
    OPEN = "open"
    CLOSE = "close"
    ALERT = "alert"
    #: Every 30 seconds.
    REGULAR = "regular"


class Metric(StrEnum):
    """What is measured every minute. The subject says of what: "" of a bot as a whole."""

    EQUITY = "equity"
    REALIZED = "realized"
    UNREALIZED = "unrealized"
    FUNDING = "funding"
    FEES = "fees"
    #: Net exposure of a position, USD; subject: its id.
    DELTA = "delta"
    #: Of a leg; subject: "position/venue/instrument".
    HEALTH_FACTOR = "health_factor"
    MARGIN_FRACTION = "margin_fraction"
    #: Of a venue, USD; subject: its name.
    BALANCE = "balance"
    #: Percent a year, not compounded; subject: "asset/venue".
    FUNDING_RATE = "funding_rate"


class Measured(NamedTuple):
    """What one metric of one subject was within a minute, or a longer window.

    A tuple, which is made in a quarter of the time: the legs of a bot over a day are 30,000 of these.
    """

    bot: str
    metric: Metric
    subject: str
    #: When it begins.
    at: datetime
    average: float
    minimum: float
    maximum: float
    #: As it stood at the end.
    last: float
    #: Of how many readings.
    count: int  # type: ignore[assignment]  # Nobody counts the values of one.


@dataclass(frozen=True, slots=True)
class Run:
    """A bot's run from one start to its end."""

    session_id: UUID
    bot: str
    strategy: str
    version: str
    mode: str
    started_at: datetime
    #: The last time it was heard.
    seen_at: datetime
    #: When it ended, where that was seen.
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole snapshot."""

    why: Why
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of a bot's timeline, or a position that changed its stage."""

    bot: str
    session_id: UUID
    at: datetime
    #: "info", "execution", … as the bot says; "position" for a change of stage.
    category: str
    message: str
    position: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Up to where a bot is recorded: what comes next is told against it."""

    session_id: UUID
    seq: int
    snapshot: Snapshot
    #: What the recorder knows besides, as JSON values.
    known: dict[str, object]


@dataclass(frozen=True, slots=True)
class Batch:
    """What some snapshots of one bot told since the batch before. It is stored whole or not at all."""

    bot: str
    #: The one that this batch goes on from; None for a bot's first. Where another stands by now, somebody else has
    #: recorded meanwhile, and nothing of it is stored.
    before: Head | None
    head: Head
    runs: tuple[Run, ...] = ()
    kept: tuple[Kept, ...] = ()
    happened: tuple[Happened, ...] = ()
    bookings: tuple[Booking, ...] = ()
    payments: tuple[FundingPayment, ...] = ()
    trades: tuple[Trade, ...] = ()
    #: The last of each minute; a newer one of the same minute takes its place.
    samples: tuple[Sample, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    gaps: tuple[Gap, ...] = ()
    measured: tuple[Measured, ...] = ()
