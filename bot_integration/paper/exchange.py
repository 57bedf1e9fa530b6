"""Where paper orders fill: at the mark, worsened by spread and size, for a fee; or not at all."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from bot_integration.errors import BotError
from bot_integration.paper.market import Contract, Instrument, Step
from bot_integration.paper.settings import PaperSettings

_BPS = Decimal("1e-4")
_IMPACT = 10 * _BPS
_TICK = Decimal("0.0001")


class OrderFailed(BotError):
    """The venue did not take the order; nothing was filled. The text says why."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What an order got, USD."""

    size: Decimal
    price: Decimal
    fee: Decimal
    #: Lost to spread and depth against the mark.
    slippage: Decimal


def lot(price: Decimal) -> Decimal:
    """The least size that is traded, worth 1 to 10 USD."""
    return Decimal(1).scaleb(-price.adjusted())


def in_lots(size: Decimal, price: Decimal) -> Decimal:
    """A size, down to whole lots."""
    return size.quantize(lot(price), rounding=ROUND_DOWN)


def fee_rate(instrument: Instrument, settings: PaperSettings) -> Decimal:
    """The fee of an order there, as a fraction of its notional."""
    spot = instrument.contract is Contract.SPOT
    return (settings.spot_fee_bps if spot else settings.perp_fee_bps) * _BPS


def fill(instrument: Instrument, mark: Decimal, size: Decimal, *, buy: bool, settings: PaperSettings) -> Filled:
    """What a taker order of this size gets: half the spread, and 10 bps more for each `depth_usd` of notional."""
    worse = settings.half_spread_bps * _BPS + _IMPACT * size * mark / settings.depth_usd
    # However large the order, somebody bids: a price never reaches 0.
    worse = min(worse, Decimal("0.5"))
    price = max((mark * (1 + worse if buy else 1 - worse)).quantize(_TICK), _TICK)
    return Filled(size, price, size * price * fee_rate(instrument, settings), size * abs(price - mark))


class Exchange:
    """The venues' order desks."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    def orders_fail(self, venue: str, failing: bool) -> None:
        """Let every order on this venue fail from now on, or no longer."""
        if failing:
            self._failing.add(venue)
        else:
            self._failing.discard(venue)

    def trouble(self, venue: str, step: Step) -> str | None:
        """Why this venue takes no orders; None where it does."""
        if venue in step.down:
            return f"{venue} does not answer"
        return f"{venue} rejects orders" if venue in self._failing else None

    def order(self, instrument: Instrument, size: Decimal, *, buy: bool, step: Step, settings: PaperSettings) -> Filled:
        """Buy or sell at the market.

        Raises `OrderFailed`.
        """
        trouble = self.trouble(instrument.venue, step)
        if trouble is not None:
            raise OrderFailed(trouble)
        quote = step.quotes.get(instrument)
        if quote is None:
            raise OrderFailed(f"{instrument.venue} has no price of {instrument.label}")
        return fill(instrument, quote.mark, size, buy=buy, settings=settings)
