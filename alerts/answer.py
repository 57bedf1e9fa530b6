"""What came of somebody acknowledging."""

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from alerts.model import Acknowledgement, Alert


class Taken(StrEnum):
    """Whether they have it in hand now."""

    YES = "yes"
    #: They had it already, and have it for longer now.
    LONGER = "longer"
    #: Somebody else was first.
    ANOTHER = "another"
    #: It has risen since: what they saw is not what is there.
    ROSE = "rose"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"
    #: Another worker watches now; nothing was done here.
    OVERTAKEN = "overtaken"
    #: It could not be stored.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell them. `alert` as it stands now, where it is known."""

    taken: Taken
    alert: Alert | None = None

    @property
    def who(self) -> Acknowledgement | None:
        """Who has it in hand, until when."""
        return None if self.alert is None else self.alert.in_hand

    def says(self, zone: tzinfo) -> str:
        """In a sentence, with its moments in this zone."""
        alert, ack = self.alert, self.who
        if self.taken is Taken.OVERTAKEN:
            return "Another desk has taken over the watch: ask there."
        if alert is None:
            return "There is no such alert."
        if self.taken is Taken.RESOLVED:
            return f"Alert {alert.number} is resolved: there is nothing to acknowledge."
        if self.taken is Taken.FAILED:
            return f"It is not on record that anybody has alert {alert.number} in hand: ask again."
        if self.taken is Taken.ROSE:
            return f"Alert {alert.number} has risen to {alert.severity} since: look at it, and acknowledge that."
        assert ack is not None
        if self.taken is Taken.ANOTHER:
            return f"{ack.by} has alert {alert.number} in hand since {ack.at.astimezone(zone):%H:%M %Z}."
        return f"You have alert {alert.number} in hand until {ack.until.astimezone(zone):%H:%M %Z}."
