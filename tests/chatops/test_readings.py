"""What people type for a parameter, read by what the bot declares of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration import Parameter
from chatops import readings


def parameter(type_: str, **more: object) -> Parameter:
    return Parameter.model_validate({"key": "key", "value": 1, "type": type_, **more})


LIMIT = parameter("int", min=0, max=2_000)
MONEY = parameter("float", unit="USD", min=1)
SHARE = parameter("float", min=0, max=1)
PERCENT = parameter("float", unit="%", min=0.1, max=100)
BPS = parameter("float", unit="bps", min=0, max=100)
HOURS = parameter("float", unit="h", min=0)
SWITCH = parameter("bool")
TEXT = parameter("str")


@pytest.mark.parametrize(
    ("declared", "typed", "value"),
    [
        (LIMIT, "8", 8),
        (LIMIT, " 1,500 ", 1500),
        (LIMIT, "1.5k", 1500),
        (LIMIT, "8.0", 8),
        (MONEY, "1,234.50", 1234.5),
        (MONEY, "15k", 15_000.0),
        (MONEY, "15000 usd", 15_000.0),
        (MONEY, "1e5", 100_000.0),
        (SHARE, "0.05", 0.05),
        (SHARE, "5%", 0.05),
        (SHARE, ".05", 0.05),
        (PERCENT, "0.1", 0.1),
        (PERCENT, "5 %", 5.0),
        (BPS, "5bps", 5.0),
        (BPS, "0.05%", 5.0),
        (HOURS, "8h", 8.0),
        (SWITCH, "On", True),
        (SWITCH, "no", False),
        (TEXT, " bybit, okx ", "bybit, okx"),
    ],
)
def test_a_value_is_read_as_it_was_meant(declared: Parameter, typed: str, value: object) -> None:
    read = readings.read(declared, typed)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("declared", "typed", "takes"),
    [
        (LIMIT, "2001", "a whole number from 0 to 2,000"),
        (LIMIT, "8.5", "a whole number from 0 to 2,000"),
        (LIMIT, "-1", "a whole number from 0 to 2,000"),
        (LIMIT, "many", "a whole number from 0 to 2,000"),
        (LIMIT, "٣", "a whole number from 0 to 2,000"),
        (LIMIT, "8%", "a whole number from 0 to 2,000"),
        (MONEY, "1,5", "a number USD, at least 1"),
        (MONEY, "5%", "a number USD, at least 1"),
        (MONEY, "5 EUR", "a number USD, at least 1"),
        (MONEY, "nan", "a number USD, at least 1"),
        (MONEY, "inf", "a number USD, at least 1"),
        (MONEY, "1e999", "a number USD, at least 1"),
        (PERCENT, "0.09", "a number from 0.1 to 100 %"),
        (SHARE, "5", "a number from 0 to 1"),
        (SWITCH, "maybe", "on or off"),
        (TEXT, " ", "a text"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_does(declared: Parameter, typed: str, takes: str) -> None:
    with pytest.raises(ValueError, match=takes.replace("(", r"\(")):
        readings.read(declared, typed)


@given(st.text(max_size=40), st.sampled_from([LIMIT, MONEY, SHARE, PERCENT, BPS, HOURS, SWITCH, TEXT]))
def test_any_text_is_read_within_the_bounds_or_refused(typed: str, declared: Parameter) -> None:
    try:
        value = readings.read(declared, typed)
    except ValueError:
        return
    assert declared.min is None or isinstance(value, str) or value >= declared.min
    assert declared.max is None or isinstance(value, str) or value <= declared.max


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1, max_value=1e15))
def test_a_number_that_is_said_is_read_back(value: float) -> None:
    assert readings.read(MONEY, readings.said(value)) == value


def test_values_are_said_as_people_write_them() -> None:
    said = [readings.with_unit(value, unit) for value, unit in ((1_500, "USD"), (5.0, "%"), (True, ""), (0.05, "x"))]
    assert said == ["1,500 USD", "5%", "on", "0.05 x"]
    assert [readings.said(value) for value in (None, 250_000.0, 0.0, 1e-12, "bybit")] == [
        "–",
        "250,000",
        "0",
        "1e-12",
        "bybit",
    ]
