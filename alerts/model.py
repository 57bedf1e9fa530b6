"""What is wrong, with what, how badly, and since when: one alert from its first firing to its resolution."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from alerts.policy import Policy, Progress
from alerts.severity import Severity


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What an alert is about. At most one is open for each."""

    rule: str
    bot: str
    #: What it stands on, as people type it: `SOL-1/bybit` for a leg, `SOL-1`, `bybit`; empty for the bot itself.
    subject: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.rule, self.bot, self.subject) if part)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number on the card, with what it is called: `HF`, `0.148`."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule found in one snapshot, about one subject."""

    key: Key
    #: What the thresholds are held against; None where it cannot be computed. Of what is or is not: 1 and 0.
    value: float | None
    #: Which thresholds of the rule, where it has several: `health_factor` or `margin_fraction`.
    metric: str = ""
    #: What is left until liquidation: a fraction, 0 at liquidation; None where nothing is liquidated.
    room: float | None = None
    #: The position concerned, for the buttons that lead to it.
    position: str = ""
    #: What is wrong, in a sentence without a full stop: "HF 0.148 of the borrowed leg on bybit".
    says: str = ""
    figures: tuple[Figure, ...] = ()


class Ended(StrEnum):
    """Why an alert is over."""

    #: What was wrong is not any more, for long enough.
    CLEARED = "cleared"
    #: What it was about is gone: a position that was closed, a venue that is traded no more.
    GONE = "gone"
    #: Its rule was turned off, or its bot taken out of the settings.
    TURNED_OFF = "turned off"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has it in hand, for one severity epoch."""

    epoch: int
    by: str
    at: datetime
    #: When it lapses, and telling begins again.
    until: datetime
    #: Whether they were asked if they are still working on it.
    asked_again: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing wrong with one subject. It keeps its id and number while its severity changes."""

    id: UUID
    #: What people type; the marks of repeats carry it too.
    number: int
    key: Key
    severity: Severity
    #: The worst it has been.
    peak: Severity
    #: Counts up whenever the severity rises; 1 at the first firing.
    epoch: int
    began_at: datetime
    #: When this epoch began: escalation counts from here.
    rose_at: datetime
    #: The newest that was found, and when.
    reading: Reading
    read_at: datetime
    #: As it was when the epoch began; a policy that is edited later changes nothing here.
    policy: Policy
    progress: Progress
    acknowledged: Acknowledgement | None = None
    resolved_at: datetime | None = None
    ended: Ended | None = None
    #: A rehearsal, marked as such everywhere.
    is_drill: bool = False
    #: Counts up with each change that is stored: a worker that holds an old one is refused.
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return self.resolved_at is None

    @property
    def in_hand(self) -> Acknowledgement | None:
        """The acknowledgement that counts: of this epoch."""
        ack = self.acknowledged
        return ack if ack is not None and ack.epoch == self.epoch else None

    def acknowledge(self, ack: Acknowledgement) -> "Alert":
        """In hand now. Of another epoch, or of one that is resolved, it changes nothing."""
        return replace(self, acknowledged=ack) if self.is_open and ack.epoch == self.epoch else self


class Step(StrEnum):
    """What happened to an alert: the kind of an `AlertEvent`."""

    FIRED = "fired"
    ROSE = "rose"
    FELL = "fell"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    TOLD = "told"
    #: Something was due and is not told; `reason` says why.
    HELD = "held"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One line of an alert's life, stored as a row."""

    at: datetime
    step: Step
    #: Who did it: a person's name, or empty for the desk itself.
    by: str = ""
    #: Why, in words that people are shown.
    reason: str = ""
    severity: Severity | None = None


class TargetKind(StrEnum):
    """What somebody who is told is."""

    ROOM = "room"
    #: By direct message, on all their platforms.
    PERSON = "person"
    #: Beyond the chats: e-mail, a webhook, a pager.
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Who is told: opaque here; who hands it in knows what it stands for."""

    kind: TargetKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class Form(StrEnum):
    """How something is told."""

    #: A card with buttons, with a sound: the first word of it to this target.
    CARD = "card"
    #: The card is brought up to date, without a sound.
    EDIT = "edit"
    #: A new message with buttons, hung on the card; the buttons of the one before go.
    PING = "ping"
    #: The card is edited to its end and, from critical up, a new message says so too.
    RESOLVED = "resolved"
    #: "Still working on it?", to who acknowledged, before that lapses.
    STILL_THERE = "still there"


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to be said to one target, and the reason by name: kept, and shown by `/alerts <id>`."""

    target: Target
    form: Form
    #: Named as in `alerts.why.Why`.
    why: str
    #: In words: "told again: room to liquidation down 24 %".
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """The last that a target heard of an alert, and keeps: what is told next goes by this, never by the policy.

    With epoch 0 it has heard nothing, and is owed a word of this severity: quiet hours held the first one.
    """

    target: Target
    epoch: int
    #: None where it was told that it is resolved.
    severity: Severity | None
    #: When it was last told with a sound: throttles count from here.
    at: datetime
    #: What was left until liquidation when it was told with a sound.
    room: float | None = None
    #: Whether the newest came with a sound: edits do not, and leave `at` and `room` as they were.
    aloud: bool = True
    #: Whether the acknowledgement shows on it.
    acknowledged: bool = False


#: By target, the last that it heard.
Ledger = Mapping[Target, Told]
NOBODY_TOLD: Ledger = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Advance:
    """One step of one alert: stored whole or not at all, with what is told because of it."""

    alert: Alert
    #: The version that it goes on from; 0 for one that begins.
    was: int
    events: tuple[AlertEvent, ...] = ()
    tellings: tuple[Telling, ...] = ()
    #: What these targets have heard once this is stored.
    told: tuple[Told, ...] = field(default=())
