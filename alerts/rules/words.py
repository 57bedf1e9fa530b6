"""How figures are said, as everywhere on the desk."""

from decimal import Decimal

from bot_integration import Leg


def ratio(value: float) -> str:
    """A health factor or margin fraction: 0.148."""
    return f"{value:.3f}"


def percent(value: float, places: int = 1) -> str:
    """11.2 %."""
    return f"{value:.{places}f} %"


def price(amount: Decimal) -> str:
    """As many places as its size asks for: 64,120.50 and 0.0001423."""
    value = abs(float(amount))
    return f"{amount:,.2f}" if value >= 10 or not value else f"{amount:.5g}"


def named(leg: Leg) -> str:
    """Which leg it is: "the borrowed leg on bybit", "the short leg on okx"."""
    return f"the {'borrowed' if leg.health_factor is not None else leg.side.value} leg on {leg.venue}"
