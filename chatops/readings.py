"""What a person typed for a parameter, read as the bot declares it: type, unit and bounds."""

import re
from decimal import Decimal

from bot_integration import Parameter
from chatops.layout import NOTHING

Value = bool | int | float | str

_YES, _NO = ("on", "yes", "true", "1"), ("off", "no", "false", "0")
_BOOLEAN, _WHOLE, _NUMBER = ("bool", "boolean"), ("int", "integer"), ("float", "number", "decimal")
#: `1,500.50`, `1500`, `.5`, each with what stands behind it. Commas part thousands, or the number is no number.
_TYPED = re.compile(
    r"([+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?)\s*(\S*)", re.ASCII | re.IGNORECASE
)
_THOUSANDS = {"": Decimal(1), "k": Decimal(1_000)}
#: What one percent is in a unit.
_PERCENT = {"%": Decimal(1), "bps": Decimal(100)}


def read(parameter: Parameter, typed: str) -> Value:
    """The value, in its type and within its bounds.

    Raises `ValueError` with what the parameter takes: a sentence's end, as in "a whole number from 0 to 8".
    """
    typed = typed.strip()
    match kind(parameter):
        case "bool":
            if typed.casefold() in (*_YES, *_NO):
                return typed.casefold() in _YES
        case "int":
            number = _number(parameter, typed)
            if number is not None and number == number.to_integral_value():
                return int(number)
        case "float":
            number = _number(parameter, typed)
            if number is not None:
                return float(number)
        case _:
            if typed:
                return typed
    raise ValueError(takes(parameter))


def kind(parameter: Parameter) -> str:
    """`bool`, `int`, `float`, or else `str`: by what the bot calls its type."""
    called = parameter.type.strip().casefold()
    if called in _BOOLEAN:
        return "bool"
    if called in _WHOLE:
        return "int"
    return "float" if called in _NUMBER else "str"


def takes(parameter: Parameter) -> str:
    """What may be typed: "a number from 0.1 to 100 %"."""
    what = {"bool": "on or off", "int": "a whole number", "float": "a number"}.get(kind(parameter), "a text")
    if kind(parameter) not in ("int", "float"):
        return what
    low, high = parameter.min, parameter.max
    unit = f" {parameter.unit}" if parameter.unit else ""
    if low is not None and high is not None:
        return f"{what} from {said(low)} to {said(high)}{unit}"
    if low is not None:
        return f"{what}{unit}, at least {said(low)}"
    return f"{what}{unit}" + (f", at most {said(high)}" if high is not None else "")


def said(value: object) -> str:
    """A value as people read it: on, 1,500, 0.05."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "on" if value else "off"
        case int():
            return f"{value:,}"
        case float() | Decimal():
            # In as many places as it has: what is set is not rounded.
            whole = Decimal(str(value))
            if whole.is_finite() and (not whole or -9 <= whole.adjusted() <= 15):
                text = f"{whole:,f}"
                return text.rstrip("0").rstrip(".") if "." in text else text
            return f"{value:g}"
        case _:
            return str(value)


def with_unit(value: object, unit: str) -> str:
    """`1,500 USD`, `5%`, `on`."""
    if not unit or value is None or isinstance(value, bool):
        return said(value)
    return f"{said(value)}{unit}" if unit == "%" else f"{said(value)} {unit}"


def _number(parameter: Parameter, typed: str) -> Decimal | None:
    found = _TYPED.fullmatch(typed)
    if found is None:
        return None
    number, behind = Decimal(found[1].replace(",", "")), found[2].casefold()
    scale = _scale(parameter, behind)
    if scale is None:
        return None
    number *= scale
    low, high = parameter.min, parameter.max
    # By its digits: 0.1 is within a bound of 0.1.
    if (low is not None and number < Decimal(str(low))) or (high is not None and number > Decimal(str(high))):
        return None
    return number


def _scale(parameter: Parameter, behind: str) -> Decimal | None:
    """What the number is to be multiplied by, for what stands behind it; None where that does not fit."""
    unit = parameter.unit.casefold()
    if behind == unit:
        return Decimal(1)
    if behind in _THOUSANDS:
        return _THOUSANDS[behind]
    if behind == "%":
        # Of what is at most 1 a percentage is a part: 5% of 1 is 0.05.
        is_share = not unit and parameter.max is not None and parameter.max <= 1
        return Decimal("0.01") if is_share else _PERCENT.get(unit)
    return None
