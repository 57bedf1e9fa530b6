"""Circuit breakers: what trips each, and what keeps it from being reset."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot_integration.paper.settings import PaperSettings

DAILY_LOSS, NEGATIVE_CARRY, FAILURES = "daily_loss", "negative_carry", "consecutive_failures"
#: Each, with what trips it.
NAMES = {
    DAILY_LOSS: "the loss of a day reaches daily_loss_cap_usd",
    NEGATIVE_CARRY: "the book pays for negative_carry_patience_h",
    FAILURES: "max_failures orders fail in a row",
}


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the breakers look at. `at` is the market's time, `now` the watcher's."""

    at: datetime
    now: datetime
    pnl_today: Decimal
    #: Expected funding less interest of the whole book, an interval; None with nothing held.
    carry_usd: float | None
    failures: int


@dataclass(frozen=True, slots=True)
class Breakers:
    """Which breakers have tripped, and why. A tripped breaker lets nothing be opened until a person resets it."""

    tripped: Mapping[str, str] = field(default_factory=dict)
    #: When each of them tripped, by the watcher's clock.
    since: Mapping[str, datetime] = field(default_factory=dict)
    #: Since when, of the market, the book's carry has been negative.
    negative_since: datetime | None = None

    def observe(self, vitals: Vitals, settings: PaperSettings) -> "Breakers":
        """The breakers after looking at the vitals; what has tripped stays tripped."""
        negative = vitals.carry_usd is not None and vitals.carry_usd < 0
        since = (self.negative_since or vitals.at) if negative else None
        looked = replace(self, negative_since=since)
        found = {name: cause for name in NAMES if (cause := looked.cause(name, vitals, settings)) is not None}
        if not found.keys() - self.tripped.keys():
            return looked
        return replace(
            looked, tripped={**found, **self.tripped}, since={**dict.fromkeys(found, vitals.now), **self.since}
        )

    def cause(self, name: str, vitals: Vitals, settings: PaperSettings) -> str | None:
        """Why a breaker must be tripped now; None where it need not."""
        if name == DAILY_LOSS and vitals.pnl_today <= -settings.daily_loss_cap_usd:
            return f"{-vitals.pnl_today:.2f} USD lost today, the cap is {settings.daily_loss_cap_usd:.2f}"
        if name == FAILURES and vitals.failures >= settings.max_failures:
            return f"{vitals.failures} orders failed in a row"
        if name == NEGATIVE_CARRY and self.negative_since is not None and vitals.carry_usd is not None:
            lasted = vitals.at - self.negative_since
            if lasted >= timedelta(hours=settings.negative_carry_patience_h):
                return f"the book pays {-vitals.carry_usd:.2f} USD an interval, for {lasted / timedelta(hours=1):.1f} h"
        return None

    def reset(self, name: str) -> "Breakers":
        """Without this one tripped."""
        left = {other: cause for other, cause in self.tripped.items() if other != name}
        return replace(self, tripped=left, since={other: self.since[other] for other in left})
