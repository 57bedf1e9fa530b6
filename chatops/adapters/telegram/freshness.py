"""Whether an update can have waited at the platform before it was handed over (pure)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known of the time before the next batch.

    An update that was not in the last batch came after that, unless the last batch was full. Who polls without a pause
    gets it at once; otherwise it may have waited since then.
    """

    #: When all that waited had been handed over; None where we have not heard from the platform yet.
    emptied_at: datetime | None = None

    def may_have_waited(self, asked_at: datetime, longest: timedelta) -> bool:
        """Whether what a poll begun at `asked_at` gives may have waited longer than `longest`."""
        return self.emptied_at is None or asked_at - self.emptied_at > longest

    def after(self, answered_at: datetime, *, full: bool) -> "Freshness":
        """What is known once a batch was taken; `full` where more may have been waiting."""
        return self if full else replace(self, emptied_at=answered_at)
