"""A test of the ways: everybody whom the first step of a severity tells is told that it is one."""

from collections.abc import Callable
from datetime import datetime

from alerts.audience import audience
from alerts.escalation import begun
from alerts.model import Alert, Key, Reading, Target
from alerts.policy import Policy
from alerts.severity import Severity
from chatops.alerting.roster import AlertRoster
from chatops.ids import uuid7
from chatops.outbox import Outbox
from chatops.owed import Kind
from chatops.views.alerts import trial

TEST = "test"


class Trial:
    """Owes the messages of a test. Nothing of it is an alert: nobody acknowledges, nothing escalates."""

    def __init__(self, outbox: Outbox, roster: AlertRoster, policies: Callable[[Key, Severity], Policy]) -> None:
        self._outbox = outbox
        self._roster = roster
        self._policies = policies

    async def tell(self, severity: Severity, by: str, at: datetime) -> tuple[Target, ...]:
        """Tell them; gives whom."""
        key = Key(TEST, "")
        policy, reading = self._policies(key, severity), Reading(key, None, says="a test")
        alert = Alert(uuid7(), 0, key, severity, severity, 1, at, at, reading, at, policy, begun(at), is_drill=True)
        told = audience(policy.rungs[0].tell, alert, self._roster, at).targets
        message = trial(alert, by)
        for room in dict.fromkeys(room for target in told for room in self._roster.rooms_of(target)):
            await self._outbox.owe(message, room, kind=Kind.ALERT, severity=severity)
        return told
