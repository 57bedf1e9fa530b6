"""The port to a market: what is quoted, what funding is due, and which venues answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

#: Perpetuals settle their funding three times a day, at 00:00, 08:00 and 16:00 UTC, on all venues that we know.
FUNDING_INTERVAL = timedelta(hours=8)

#: Liquid staking tokens, by what they are redeemed for. Their perpetual is the one of what they redeem into.
REDEEMS_INTO: Mapping[str, str] = {"STETH": "ETH"}


class Contract(StrEnum):
    """What is traded."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


class Instrument(NamedTuple):
    """One thing that is traded on one venue. A tuple, because it is the key of every look-up in a tick."""

    venue: str
    asset: str
    contract: Contract

    @property
    def label(self) -> str:
        """How people call it: `ETH-SPOT`, `ETH-PERP`."""
        return f"{self.asset}-{'SPOT' if self.contract is Contract.SPOT else 'PERP'}"

    @property
    def underlying(self) -> str:
        """What its price follows: its asset, or what its asset is redeemed for."""
        return REDEEMS_INTO.get(self.asset, self.asset)


class Quote(NamedTuple):
    """The mark price of an instrument in USD, and when the market said so (market time)."""

    mark: Decimal
    at: datetime
    #: What one unit is redeemed for, in USD. None where nothing is redeemed.
    redemption: Decimal | None = None


class Terms(NamedTuple):
    """The funding of an asset's perpetual on a venue: fractions an interval, paid by longs when positive."""

    rate: Decimal
    predicted: Decimal
    #: Market time.
    next_at: datetime


class Payment(NamedTuple):
    """Funding that falls due at this step. `predicted` is what was told before it."""

    venue: str
    asset: str
    rate: Decimal
    predicted: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """The market at one moment of its own time."""

    at: datetime
    quotes: Mapping[Instrument, Quote]
    #: By venue and asset.
    terms: Mapping[tuple[str, str], Terms]
    payments: tuple[Payment, ...] = ()
    #: Venues that answer nothing: their quotes are old, orders there fail.
    down: frozenset[str] = frozenset()
    #: There is nothing after this.
    ended: bool = False


class Market(Protocol):
    """Prices and funding that can be walked forward in time."""

    @property
    def step(self) -> Step:
        """Where the market stands."""
        ...

    def advance(self, to: datetime) -> Iterator[Step]:
        """Walk to a moment, over every step in between that must not be missed; the last one is at `to`.

        Steps that must not be missed are moments of funding and the turning points of a bar's path.
        """
        ...


def next_funding(after: datetime) -> datetime:
    """The first moment of funding after this one."""
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (after - midnight) // FUNDING_INTERVAL
    return midnight + (passed + 1) * FUNDING_INTERVAL
