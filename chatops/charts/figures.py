"""How numbers are said in a picture, where there is no room: 1.2k, −3.45M."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, isfinite, log10

from chatops.money.parts import cents

#: From here on nobody reads the cents.
_VAST = 1e7
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def amount(value: float, signed: bool = False) -> str:
    """An amount of money to the cent, as it is said in words beside the picture; a vast one in three digits.

    Through the decimal that the float came from, so that half a cent is rounded as `money.parts.cents` does it.
    """
    if not isfinite(value):
        return "–"
    far = abs(value)
    text = f"{cents(Decimal(f'{far:.9f}')):,.2f}" if far < _VAST else short(far)
    return _signed(value, text, signed)


def short(value: float, signed: bool = False) -> str:
    """In at most three digits and a unit."""
    far = abs(value)
    # What rounds up to the next unit is said in it.
    size, unit = next(((size, unit) for size, unit in _UNITS if far >= size * 0.9995), (1.0, ""))
    scaled = far / size
    places = 0 if scaled >= 99.95 or (size == 1 and scaled == int(scaled)) else 1 if scaled >= 9.995 else 2
    return _signed(value, f"{scaled:.{places}f}{unit}", signed)


def ratio(value: float) -> str:
    """A health factor or margin fraction: three places, as thresholds are told apart by them."""
    return _signed(value, f"{abs(value):.3f}" if abs(value) < 1_000 else short(abs(value)), False)


def percent(value: float) -> str:
    """A percentage with one place."""
    return _signed(value, f"{abs(value):,.1f}%" if abs(value) < 1e6 else f"{short(abs(value))}%", False)


def ticks(low: float, high: float, at_most: int = 5) -> list[float]:
    """Round numbers in a range, so many at most, 0 among them where it is in it. `low` is below `high`."""
    raw = (high - low) / at_most
    size = 10.0 ** floor(log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10, 20) if size * factor >= raw)
    return [index * step for index in range(ceil(low / step), floor(high / step) + 1)]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Names of round numbers, in one unit, with the places that tell them apart."""
    if not values:
        return []
    far = max(map(abs, values))
    size, unit = next(((size, unit) for size, unit in _UNITS if far >= size * 10 or far >= size > 1e3), (1.0, ""))
    step = abs(values[1] - values[0]) / size if len(values) > 1 else far / size
    places = next((one for one in range(9) if abs(step * 10**one - round(step * 10**one)) < 1e-6 * max(1, step)), 9)
    return [_signed(value, f"{abs(value) / size:,.{places}f}{unit}", False) if value else "0" for value in values]


def _signed(value: float, text: str, signed: bool) -> str:
    is_nothing = not any(digit in text for digit in "123456789")
    return ("" if is_nothing else "−" if value < 0 else "+" if signed else "") + text
