"""The tiers: how wide their windows are, and how long each is kept.

A window of a tier lies in one window of the next, and a partition is made of whole windows of every tier.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: Where windows and partitions are counted from.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The same, as PostgreSQL reads it.
ORIGIN = "timestamptz 'epoch'"
_KEPT_FROM = "(SELECT kept_from FROM metric_tiers WHERE tier = '{tier}')"
#: Held by whoever writes, shared, and alone by whoever makes and drops partitions: nothing comes into what goes.
WRITING = "SELECT pg_advisory_xact_lock_shared(hashtext('quarterdeck metrics'))"
#: Nobody waits for long behind that one; what it did not get it tries to get the next time.
ALONE = """
SELECT set_config('lock_timeout', '1s', true), pg_advisory_xact_lock(hashtext('quarterdeck metrics'))
"""


@dataclass(frozen=True, slots=True)
class Tier:
    """Rows of one width."""

    name: str
    width: timedelta
    #: How long its rows are kept at least, and one partition longer at most.
    lasts: timedelta
    #: How much time is in a partition.
    partition: timedelta
    #: How much is rolled up into it in one transaction: of less, each page of the index is read and written more often.
    at_once: timedelta

    @property
    def table(self) -> str:
        """Where its rows are."""
        return f"metrics_{self.name}"

    @property
    def interval(self) -> str:
        """Its width, as PostgreSQL reads it."""
        return f"interval '{self.width.total_seconds():.0f} seconds'"

    def window(self, at: str) -> str:
        """When the window begins that a moment is in, as PostgreSQL reads it."""
        return f"date_bin({self.interval}, {at}, {ORIGIN})"


TIERS = (
    Tier("1m", MINUTE, 7 * DAY, DAY, HOUR),
    Tier("5m", 5 * MINUTE, 30 * DAY, 5 * DAY, 4 * HOUR),
    Tier("1h", HOUR, 90 * DAY, 15 * DAY, DAY),
    Tier("1d", DAY, 365 * DAY, 90 * DAY, 5 * DAY),
)
#: Each with the one that it is made from.
STEPS = tuple(pairwise(TIERS))
BY_NAME = {tier.name: tier for tier in TIERS}


def begin_of(length: timedelta, moment: datetime) -> datetime:
    """When the window or partition of this length begins that a moment is in."""
    return moment - (moment - EPOCH) % length


def kept_from(tier: Tier) -> str:
    """From when on a tier has its rows, as PostgreSQL reads it."""
    return _KEPT_FROM.format(tier=tier.name)
