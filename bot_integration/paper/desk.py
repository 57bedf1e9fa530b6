"""All that the paper bot knows at one moment; its orders, its strategy and its commands work on this."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot_integration.paper.assess import Price, Worth, prices, worth
from bot_integration.paper.book import Book, Totals
from bot_integration.paper.breakers import Breakers
from bot_integration.paper.exchange import Exchange
from bot_integration.paper.market import FUNDING_INTERVAL, Instrument, Market, Step
from bot_integration.paper.position import HeldPosition, Trade
from bot_integration.paper.restraint import Restraint
from bot_integration.paper.settings import PaperSettings
from bot_integration.position import PositionStage
from bot_integration.state import TIMELINE_LENGTH, Decision, EventCategory, TimelineEvent

#: Closed trades that are kept, so that a replay of years stays small.
TRADES_KEPT = 5_000

ZERO = Decimal(0)


class Tally:
    """Closed trades added up by strategy, which outlives the list of them."""

    def __init__(self) -> None:
        self.trades: Counter[str] = Counter()
        self.wins: Counter[str] = Counter()
        self.made: dict[str, Totals] = {}

    def add(self, trade: Trade) -> None:
        """Count one in."""
        pnl, made = trade.pnl, self.made.get(trade.strategy, Totals())
        self.trades[trade.strategy] += 1
        self.wins[trade.strategy] += pnl.total > 0
        self.made[trade.strategy] = Totals(
            made.realized + pnl.realized, made.funding + pnl.funding, made.fees + pnl.fees
        )


@dataclass(slots=True)
class CycleFacts:
    """What the last turn of the loop was about."""

    number: int = 0
    duration_ms: float = 0.0
    quotes: int = 0
    quotes_total: int = 0
    opportunities: int = 0
    near_opportunities: int = 0
    decisions: tuple[Decision, ...] = ()


class Desk:
    """The state of the run. One loop works on it; what takes time reads it anew after each wait."""

    def __init__(
        self,
        market: Market,
        settings: PaperSettings,
        *,
        now: Callable[[], datetime],
        publish: Callable[[], None],
        note: Callable[[str, EventCategory], None],
    ) -> None:
        venues = tuple(dict.fromkeys(instrument.venue for instrument in market.step.quotes))
        self.market = market
        self.settings = settings
        self.now = now
        #: Makes what is true now the facts of the bot.
        self.publish = publish
        self._note = note
        self.venues = venues
        self.book = Book(settings.capital_usd, venues)
        self.exchange = Exchange()
        self.restraint = Restraint()
        self.breakers = Breakers()
        self.cycle = CycleFacts()
        self.worths: dict[str, Worth] = {}
        #: Everything at the marks of the last `assess`; USD.
        self.equity = settings.capital_usd
        self._worths: dict[str, tuple[HeldPosition, Worth]] = {}
        self._assessed: Step | None = None
        self._prices: dict[Instrument, Price] = {}
        self.timeline: deque[TimelineEvent] = deque(maxlen=TIMELINE_LENGTH)
        #: Newest last.
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)
        self.tally = Tally()
        #: Failed orders in a row.
        self.failures = 0
        self.last_error: dict[str, str] = {}
        #: By lane and asset: the market time before which none is opened again.
        self.cooldowns: dict[tuple[str, str], datetime] = {}
        self.opening = False
        self.stopping = False
        self.day = market.step.at.date()
        self.day_equity = settings.capital_usd
        self._counters: Counter[str] = Counter()

    @property
    def step(self) -> Step:
        """Where the market stands."""
        return self.market.step

    @property
    def interest(self) -> float:
        """The borrowing rate an interval of funding."""
        return float(self.settings.borrow_rate_year) * FUNDING_INTERVAL.total_seconds() / (365 * 86_400)

    @property
    def held(self) -> tuple[HeldPosition, ...]:
        """The positions that are not closed."""
        return tuple(held for held in self.book.positions.values() if held.stage is not PositionStage.CLOSED)

    def pnl_today(self) -> Decimal:
        """Equity made since midnight UTC of the market's day; USD."""
        return self.equity - self.day_equity

    def assess(self) -> None:
        """Reckon what every position is worth now. What has not changed since the last time is not reckoned again."""
        fresh = self._assessed is not self.step
        if fresh:
            self._assessed = self.step
            self._prices = prices(self.step, self.interest)
        known = self._worths
        self._worths = {
            id_: before
            if not fresh and (before := known.get(id_)) is not None and before[0] is held
            else (held, worth(held, self._prices))
            for id_, held in self.book.positions.items()
        }
        self.worths = {id_: reckoned for id_, (_, reckoned) in self._worths.items()}
        own = sum(self.book.cash.values(), ZERO)
        self.equity = sum((one.deployed + one.unrealized for one in self.worths.values()), own)

    def carry_usd(self) -> float | None:
        """Expected funding less interest of the whole book, an interval; None with nothing held."""
        held = self.held
        return sum(self.worths[one.id].carry_usd for one in held) if held else None

    def new_id(self, asset: str) -> str:
        """A position's name that is short enough to type and never used again: `ETH-1`."""
        self._counters[asset] += 1
        return f"{asset}-{self._counters[asset]}"

    def say(self, category: EventCategory, message: str, **data: object) -> None:
        """Write a line into the timeline, and tell followers."""
        event = TimelineEvent(
            at=self.now(),
            category=category,
            message=message,
            data={**data, "market_time": self.step.at.isoformat()},
        )
        self.timeline.append(event)
        self._note(message, category)
