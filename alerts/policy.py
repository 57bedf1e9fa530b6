"""Who is told of an alert, then who, and when: as the settings say it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.durations import duration_text
from alerts.severity import Severity

#: What may stand before the name of one: kinds of `alerts.model.TargetKind`.
NAMED = ("room", "person", "channel")


class Whom(StrEnum):
    """Whom a step tells. Beside these a step may name one: `room:ops`, `person:ada`, `channel:pager`."""

    #: The rooms that receive alerts, naming who is on call.
    ROOMS = "rooms"
    #: Who is on call, by direct message on all their platforms.
    ONCALL = "oncall"
    #: Who is on call after them.
    NEXT = "next"
    OPERATORS = "operators"
    ADMINS = "admins"
    #: The channels beyond the chats.
    CHANNELS = "channels"
    #: All of it.
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a policy."""

    #: Since the epoch began.
    after: timedelta
    #: Words of `Whom`, or `kind:name`.
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Steps in order of time, then the last one again without end.

    Raises `ValueError` with everything that is wrong with its steps: one that tells nobody must not be found out at
    night.
    """

    name: str
    rungs: tuple[Rung, ...]
    #: Between two repeats of the last rung; None: it is not repeated.
    repeat: timedelta | None
    #: How long an acknowledgement counts.
    ack_lapse: timedelta

    def __post_init__(self) -> None:
        """Refuse what would tell nobody, or never."""
        wrong = [*_wrong_steps(self.rungs)]
        if self.repeat is not None and self.repeat <= timedelta():
            wrong.append("repeat: it is longer than 0s")
        if self.ack_lapse <= timedelta():
            wrong.append("ack_lapse: it is longer than 0s")
        if wrong:
            raise ValueError(f"the policy {self.name} cannot be used: {'; '.join(wrong)}")

    @property
    def last(self) -> Rung:
        """The one that is repeated."""
        return self.rungs[-1]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far escalation has come in this epoch: a window that only moves on, so that nothing due is told twice."""

    #: All that was due up to here has been told, or held for a reason that is on record.
    until: datetime
    #: How many repeats have come due. Those missed in an outage were told as one, and count all the same.
    repeats: int = 0
    #: Whether a silence or another alert holds it back: when that ends it is told again, and escalation starts there.
    held: bool = False
    #: Where it began anew: when an acknowledgement lapsed, or a silence ended. None: with the epoch.
    since: datetime | None = None


def is_whom(word: str) -> bool:
    """Whether a step may tell this: a word of `Whom`, or a kind and a name."""
    kind, colon, name = word.partition(":")
    return word in list(Whom) or bool(colon and kind in NAMED and name.strip() == name != "")


def _wrong_steps(rungs: tuple[Rung, ...]) -> Iterable[str]:
    if not rungs:
        yield "it has no steps"
        return
    if rungs[0].after != timedelta():
        yield f"step 1 comes after {duration_text(rungs[0].after)}: the first one comes at once"
    for number, rung in enumerate(rungs, start=1):
        if number > 1 and rung.after <= rungs[number - 2].after:
            yield f"step {number} does not come after step {number - 1}"
        if not rung.tell:
            yield f"step {number} tells nobody"
        yield from (f"step {number} tells {word}, which is nobody" for word in rung.tell if not is_whom(word))


def _rungs(*steps: tuple[float, tuple[Whom, ...]]) -> tuple[Rung, ...]:
    return tuple(Rung(timedelta(minutes=minutes), tuple(map(str, tell))) for minutes, tell in steps)


#: SPEC 7.
DEFAULT = Policy(
    "default",
    _rungs((0, (Whom.ROOMS,)), (2, (Whom.ONCALL,)), (5, (Whom.NEXT, Whom.OPERATORS)), (10, (Whom.EVERYONE,))),
    repeat=timedelta(minutes=5),
    ack_lapse=timedelta(minutes=30),
)
EMERGENCY = Policy(
    "emergency",
    _rungs((0, (Whom.ROOMS,)), (0.5, (Whom.ONCALL,)), (1, (Whom.NEXT, Whom.OPERATORS)), (2, (Whom.EVERYONE,))),
    repeat=timedelta(minutes=1),
    ack_lapse=timedelta(minutes=10),
)
#: What can wait is told to the rooms once; throttles tell it again.
QUIET = Policy("quiet", _rungs((0, (Whom.ROOMS,))), repeat=None, ack_lapse=timedelta(minutes=30))


def usual(severity: Severity) -> Policy:
    """The policy of a severity where the settings name none: info is told to the rooms alone."""
    if severity is Severity.EMERGENCY:
        return EMERGENCY
    return QUIET if severity is Severity.INFO else DEFAULT
