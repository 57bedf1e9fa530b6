"""What happened to an alert in one step, before anything is told of it."""

from dataclasses import dataclass

from alerts.model import Alert, AlertEvent


@dataclass(frozen=True, slots=True)
class Change:
    """Truth moved on."""

    #: None: it began.
    before: Alert | None
    after: Alert
    events: tuple[AlertEvent, ...] = ()

    @property
    def figures_changed(self) -> bool:
        """Whether what is said of it is other than before."""
        return self.before is not None and self.before.reading.says != self.after.reading.says
