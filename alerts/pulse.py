"""When the watch last did what, for whoever checks that it lives."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """Moments of the last time that each went through; None: not yet. By the watch's own clock."""

    #: The facts of some bot were read by every rule.
    evaluated_at: datetime | None = None
    #: What was due was decided, and is stored.
    escalated_at: datetime | None = None
    ticked_at: datetime | None = None
    #: How many evaluations there were, how many took too long, and how many broke.
    evaluations: int = 0
    overran: int = 0
    broke: int = 0
    #: How many times an alert could not be decided or stored, so that nobody was told of it then.
    untold: int = 0
    #: Steps that wait in memory for the store.
    waiting: int = 0
    #: Since when the store does not answer.
    away_since: datetime | None = None
    #: Another worker has taken over: nothing is told from here any more.
    is_over: bool = False
