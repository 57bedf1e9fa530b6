"""How alerts are, as figures for whoever watches the desk from outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.severity import Severity


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """At one moment."""

    #: Those that stand, drills left out; every severity is there.
    open: Mapping[Severity, int]
    #: How long ago facts were read by every rule, time was looked at, and the auditor looked; None: never.
    evaluated_s: float | None
    ticked_s: float | None
    audited_s: float | None
    #: Steps that were due and are not done.
    late_steps: int
    #: Why something is not in time; empty where all is.
    troubles: tuple[str, ...] = ()
    is_over: bool = False
