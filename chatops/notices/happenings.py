"""What can happen in a bot, one class a thing that is told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from bot_integration import Mode, PauseState, Position, Stage
from chatops.notices.kinds import NoticeKind
from chatops.restraints import Wish


@dataclass(frozen=True, slots=True)
class Opened:
    """A position is there. Told as soon as it is, and again when all that it wanted is filled."""

    kind: ClassVar = NoticeKind.OPENED
    bot: str
    position: Position
    #: Whether it was told before, while it was being opened.
    again: bool = False
    #: Whether it came while nobody was there to see it.
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """More of a position that is being opened was filled."""

    kind: ClassVar = NoticeKind.FILLED
    bot: str
    position: Position


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """A position came back from being rebalanced."""

    kind: ClassVar = NoticeKind.REBALANCED
    bot: str
    position: Position


@dataclass(frozen=True, slots=True)
class Closed:
    """A position is there no more."""

    kind: ClassVar = NoticeKind.CLOSED
    bot: str
    #: The last that was said of it.
    position: Position
    #: Whether these are its end, and not how it stood before it went without a word.
    final: bool
    #: Whether it went while nobody was there to see it.
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class PartClosed:
    """A part of a position was closed, and the rest is held."""

    kind: ClassVar = NoticeKind.CLOSED
    bot: str
    #: What is left of it.
    position: Position
    #: How much of it that was; 0 to 1.
    share: Decimal
    #: What that part made; USD.
    realized: Decimal


@dataclass(frozen=True, slots=True)
class Funded:
    """Funding was paid: to us where positive."""

    kind: ClassVar = NoticeKind.FUNDING
    bot: str
    #: What each position got, the most first; USD.
    paid: tuple[tuple[Position, Decimal], ...]
    #: How many payments of all of them this stands for, where a position got more than one; else 0.
    payments: int = 0
    #: When the first of those was seen.
    since: datetime | None = None

    @property
    def total(self) -> Decimal:
        """All of it; USD."""
        return sum((amount for _, amount in self.paid), Decimal(0))


@dataclass(frozen=True, slots=True)
class StageChanged:
    """A bot is about something else."""

    kind: ClassVar = NoticeKind.STAGE
    bot: str
    before: Stage
    after: Stage
    #: What holds it back now.
    pause: PauseState = field(default_factory=PauseState)


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """Its orders have become real, or are so no longer."""

    kind: ClassVar = NoticeKind.MODE
    bot: str
    before: Mode
    after: Mode


@dataclass(frozen=True, slots=True)
class BreakersChanged:
    """Circuit breakers tripped, or were reset."""

    kind: ClassVar = NoticeKind.BREAKER
    bot: str
    tripped: tuple[str, ...]
    reset: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restarted:
    """A bot was started anew. What came and went over it has no moment, and so is told as that."""

    kind: ClassVar = NoticeKind.RESTARTED
    bot: str
    version: str
    #: The version before, where it was another.
    was: str
    started_at: datetime
    held: int
    #: The positions that it had and no longer has, and those that it has now and had not.
    gone: tuple[str, ...]
    new: tuple[str, ...]
    #: What people had asked for, and was asserted again since it came back without it.
    again: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasserted:
    """What people had asked for was asserted again, some time after the bot came back without it."""

    kind: ClassVar = NoticeKind.DESIRED
    bot: str
    again: tuple[Wish, ...]
    at: datetime
    #: What was resumed while it was under way: it holds all the same.
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class NotHeld:
    """What people had asked for could not be asserted."""

    kind: ClassVar = NoticeKind.DESIRED
    bot: str
    wishes: tuple[Wish, ...]
    at: datetime
    reason: str
    #: Whether it is tried again by itself; else the bot refused it.
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Drifted:
    """What people had asked for was so, and is no more, though nobody here took it back."""

    kind: ClassVar = NoticeKind.DESIRED
    bot: str
    wishes: tuple[Wish, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What people had asked for is asked for no more, since somebody elsewhere took it back, or it was gone already."""

    kind: ClassVar = NoticeKind.DESIRED
    bot: str
    wishes: tuple[Wish, ...]
    at: datetime
    by: str
    #: By another gateway.
    elsewhere: bool = True


@dataclass(frozen=True, slots=True)
class WentAway:
    """A bot's facts have grown old."""

    kind: ClassVar = NoticeKind.AWAY
    bot: str
    #: When it was last heard; None where it never was since we began to listen.
    heard_at: datetime | None
    #: Since when nothing is heard.
    since: datetime


@dataclass(frozen=True, slots=True)
class CameBack:
    """A bot that was away is heard again."""

    kind: ClassVar = NoticeKind.AWAY
    bot: str
    #: As it was told when it went.
    since: datetime
    away_for: timedelta


@dataclass(frozen=True, slots=True)
class Used:
    """Somebody used a word that acts."""

    kind: ClassVar = NoticeKind.CONTROL
    #: Empty where it concerns no bot, or all of them.
    bot: str
    person: str
    word: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A parameter, before and after, in words."""

    key: str
    before: str
    after: str
    unit: str


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Parameters of a bot were changed."""

    kind: ClassVar = NoticeKind.SETTINGS
    bot: str
    changed: tuple[Changed, ...]


Happening = (
    Opened
    | Filled
    | Rebalanced
    | Closed
    | PartClosed
    | Funded
    | StageChanged
    | ModeChanged
    | BreakersChanged
    | Restarted
    | Reasserted
    | NotHeld
    | Drifted
    | TakenBack
    | WentAway
    | CameBack
    | Used
    | SettingsChanged
)
