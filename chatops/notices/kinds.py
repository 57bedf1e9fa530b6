"""The table of kinds: what rooms may be told, and how loudly."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from alerts.severity import Severity


class NoticeKind(StrEnum):
    """What may be told, as people type it."""

    OPENED = "opened"
    CLOSED = "closed"
    FILLED = "filled"
    REBALANCED = "rebalanced"
    FUNDING = "funding"
    STAGE = "stage"
    MODE = "mode"
    BREAKER = "breaker"
    RESTARTED = "restarted"
    AWAY = "away"
    CONTROL = "control"
    SETTINGS = "settings"
    DESIRED = "desired"


class Loudness(StrEnum):
    """How a room is told."""

    ON = "on"
    #: Without a sound.
    SILENT = "silent"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Manner:
    """What a kind tells, and how it is told where nobody says otherwise."""

    #: It goes on from the kind: "opened: a position is there".
    summary: str
    default: Loudness
    severity: Severity = Severity.INFO


KINDS: Mapping[NoticeKind, Manner] = MappingProxyType(
    {
        NoticeKind.OPENED: Manner("a position was opened", Loudness.ON),
        NoticeKind.CLOSED: Manner("a position was closed, or a part of it, with what it made", Loudness.ON),
        NoticeKind.FILLED: Manner("a position that opens was filled in part", Loudness.SILENT),
        NoticeKind.REBALANCED: Manner("the legs of a position were brought back to balance", Loudness.SILENT),
        NoticeKind.FUNDING: Manner("funding came in or went out", Loudness.SILENT),
        NoticeKind.STAGE: Manner("a bot is about something else now, and stays at it", Loudness.SILENT),
        NoticeKind.MODE: Manner("a bot went from paper to live orders, or back", Loudness.ON),
        NoticeKind.BREAKER: Manner("a circuit breaker tripped or was reset", Loudness.ON, Severity.WARNING),
        NoticeKind.RESTARTED: Manner("a bot was started anew", Loudness.ON),
        NoticeKind.AWAY: Manner("a bot fell silent, or is back", Loudness.ON, Severity.WARNING),
        NoticeKind.CONTROL: Manner("somebody used a word that acts, in another room", Loudness.ON),
        NoticeKind.SETTINGS: Manner("a parameter of a bot was changed", Loudness.SILENT),
        NoticeKind.DESIRED: Manner(
            "a pause or kill switch that people asked for is gone, or was asserted again",
            Loudness.ON,
            Severity.WARNING,
        ),
    }
)

#: Every kind as it is told where nobody says otherwise.
USUAL: Mapping[NoticeKind, Loudness] = MappingProxyType({kind: manner.default for kind, manner in KINDS.items()})
