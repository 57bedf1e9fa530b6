"""One subject of one rule, as the engine holds it."""

from dataclasses import dataclass, field

from alerts.ladder import GROUND, Standing
from alerts.model import NOBODY_TOLD, Alert, Ledger, Reading


@dataclass(slots=True)
class Slot:
    """Where it stands on the ladder, and the alert that is open of it, with what was told."""

    standing: Standing = GROUND
    alert: Alert | None = None
    told: Ledger = field(default_factory=lambda: NOBODY_TOLD)
    #: The newest, while `for` holds it back.
    reading: Reading | None = None
