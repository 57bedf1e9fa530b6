"""How long things count, and by how much facts may change meanwhile."""

from dataclasses import dataclass
from datetime import timedelta

from chatops.guard.presses import APPROVABLE


@dataclass(frozen=True, slots=True)
class Patience:
    """What the settings say of it, or nothing."""

    #: For this long a question may be confirmed.
    confirm: timedelta = timedelta(seconds=60)
    #: What acts and is older than this came while we were away, and is asked for again.
    stale: timedelta = timedelta(seconds=60)
    #: For this long a second person may approve.
    approve: timedelta = APPROVABLE
    #: By this fraction of the money that is at stake a number may change between a question and its answer.
    tolerance: float = 0.001
