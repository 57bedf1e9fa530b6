"""What the recorder knows of a bot besides its last snapshot: stored with it, so that another run goes on from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from chatops.history.payments_of import Kind, kind_of
from chatops.money.facts import ZERO, FundingPayment, Origin


@dataclass(frozen=True, slots=True)
class Known:
    """Up to the last snapshot."""

    #: All money put in so far less all taken out, as recorded.
    deposits: Decimal = ZERO
    #: Own money in each position when it opened, by its id.
    deployed: Mapping[str, Decimal] = field(default_factory=dict)
    #: Payments that are too small to be told yet.
    waiting: Mapping[Kind, FundingPayment] = field(default_factory=dict)
    #: Whether the portfolio has been seen to say other things than its positions.
    drifted: bool = False
    #: When a snapshot was last kept.
    kept_at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """Values that JSON has: money as text, so that none of it is lost."""
        return {
            "deposits": str(self.deposits),
            "deployed": {position: str(amount) for position, amount in self.deployed.items()},
            "waiting": [_written(one) for one in self.waiting.values()],
            "drifted": self.drifted,
            "kept_at": None if self.kept_at is None else self.kept_at.isoformat(),
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Known":
        """What `as_json` gave. What an older program did not write is not known."""
        waiting = [_read(one) for one in given.get("waiting", ())]
        kept_at = given.get("kept_at")
        return cls(
            Decimal(given.get("deposits", "0")),
            {position: Decimal(amount) for position, amount in given.get("deployed", {}).items()},
            {kind_of(one): one for one in waiting},
            bool(given.get("drifted", False)),
            None if kept_at is None else datetime.fromisoformat(kept_at),
        )


def _written(one: FundingPayment) -> dict[str, str | None]:
    of = one.of
    return {
        "at": one.at.isoformat(),
        "bot": of.bot,
        "position": of.position,
        "asset": of.asset,
        "strategy": of.strategy,
        "lane": of.lane,
        "venue": of.venue,
        "actual": str(one.actual),
        "expected": None if one.expected is None else str(one.expected),
    }


def _read(row: Mapping[str, Any]) -> FundingPayment:
    of = Origin(row["bot"], row["position"], row["asset"], row["strategy"], row["lane"], row["venue"])
    expected = None if row["expected"] is None else Decimal(row["expected"])
    return FundingPayment(datetime.fromisoformat(row["at"]), of, Decimal(row["actual"]), expected)
