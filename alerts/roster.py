"""Who stands behind the words of a policy (port)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from alerts.model import Alert, Target
from alerts.severity import Severity


class Roster(Protocol):
    """People, rooms and channels as they are now. It answers from memory, and raises nothing."""

    def targets(self, word: str, alert: Alert, at: datetime) -> tuple[Target, ...]:
        """Whom a word of a policy means for this alert; empty where there is nobody.

        For the name of one target (`room:ops`, `person:ada`) that target, as long as it may be told at all: a person
        who was revoked, or a room that we were put out of, may not.
        """
        ...

    def standing_in(self, word: str, alert: Alert, at: datetime) -> Mapping[Target, Target]:
        """Those of `targets` who are told in place of somebody who is not reached, and in place of whom."""
        ...

    def muted(self, target: Target) -> bool:
        """Whether it is told nothing for now, and what it has been told is kept true all the same."""
        ...

    def hushed(self, target: Target, severity: Severity, at: datetime) -> datetime | None:
        """Until when quiet hours hold this severity for this target; None where they do not."""
        ...
