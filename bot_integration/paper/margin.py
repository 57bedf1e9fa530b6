"""The arithmetic of margin: how far a leg is from its liquidation, and where that lies."""

from decimal import Decimal

from bot_integration.position import Side


def health_factor(assets: Decimal, weight: Decimal, liabilities: Decimal) -> Decimal:
    """Room to liquidation of a borrowed leg: 1 without debt, 0 at liquidation.

    `assets` and `liabilities` in USD; `weight` is the venue's maintenance weight (0 to 1).
    Raises `ValueError` where nothing is held: there is no factor of nothing.
    """
    weighted = assets * weight
    if weighted <= 0:
        raise ValueError("a health factor needs assets")
    return (weighted - liabilities) / weighted


def borrowed_liquidation_price(size: Decimal, weight: Decimal, liabilities: Decimal) -> Decimal | None:
    """The price at which the health factor of a borrowed long is 0; None without debt."""
    return liabilities / (size * weight) if liabilities > 0 else None


def margin_fraction(equity: Decimal, notional: Decimal) -> Decimal:
    """Equity / notional of a margined leg, both in USD; it is liquidated at its maintenance margin.

    Raises `ValueError` where nothing is held.
    """
    if notional <= 0:
        raise ValueError("a margin fraction needs a notional")
    return equity / notional


def margined_liquidation_price(
    side: Side, size: Decimal, entry_price: Decimal, margin: Decimal, maintenance: Decimal
) -> Decimal | None:
    """The price at which margin + profit is `maintenance` (a fraction) of the notional; None where there is none.

    Solves margin + size × (price − entry) = maintenance × size × price, and its mirror for a short. A long whose
    margin pays for all of it has no such price above 0.
    """
    if side is Side.LONG:
        price = (size * entry_price - margin) / (size * (1 - maintenance))
    else:
        price = (size * entry_price + margin) / (size * (1 + maintenance))
    return price if price > 0 else None


def funding_payment(side: Side, notional: Decimal, rate: Decimal) -> Decimal:
    """What a leg receives (negative: pays) of funding, in USD. Longs pay a positive rate to shorts."""
    owed = notional * rate
    return -owed if side is Side.LONG else owed
