"""Where alerts are kept (port): what fires, what was told of it, and who may write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from alerts.model import Advance, Alert, Ledger
from alerts.silence import Silence


class StoreAway(Exception):
    """It does not answer. What was to be stored may or may not be: storing it again changes nothing."""


class Overtaken(Exception):
    """Another worker has taken over, or this alert has changed: nothing was stored. Load it again."""


@dataclass(frozen=True, slots=True)
class Open:
    """An open alert, or one that is resolved and not told so everywhere, with what its targets have heard."""

    alert: Alert
    told: Ledger


class AlertStore(Protocol):
    """Keeps alerts. Every method raises `StoreAway`."""

    async def take_over(self) -> int:
        """Be the worker from now on; gives the fence that `advance` wants. Whoever had it before is refused."""
        ...

    async def load(self) -> Sequence[Open]:
        """All that stand, oldest first."""
        ...

    async def last_number(self) -> int:
        """The highest number that an alert was ever given; 0 where there is none."""
        ...

    async def silences(self) -> Sequence[Silence]:
        """Those in force and to come."""
        ...

    async def advance(self, fence: int, advances: Sequence[Advance]) -> Mapping[UUID, Alert]:
        """Store these steps with what they tell, all or none; the same again changes nothing.

        Gives the alerts as they stand now, by id. An alert that begins while another of its key is open joins that one:
        what is given has the id and number of the one that was there. Without advances it says whether we are still
        the worker. Raises `Overtaken`.
        """
        ...
