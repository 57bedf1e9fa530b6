"""What was shown must still be so: numbers nearly, all else exactly."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.guard.facts import Change, changed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
FACTS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


@pytest.mark.parametrize(
    ("shown", "now", "same"),
    [
        ("4.25", "4.25", True),
        ("4.25", "4.250", True),
        ("4.25", "4.21", True),
        ("4.25", "4.20", False),
        ("100", "101", True),
        ("100", "101.1", False),
        ("101", "100", True),
        ("-100", "-101", True),
        ("-1", "1", False),
        ("0", "0", True),
        ("0", "0.0001", False),
        ("0.0001", "0", False),
        (100, 101.0, True),
        (Decimal(100), "100.5", True),
        ("SOL-1", "SOL-1", True),
        ("SOL-1", "SOL-2", False),
        (None, None, True),
        (None, "0", False),
        ("4.25", None, False),
        (True, True, True),
        (True, 1, False),
        ("NaN", "NaN", True),
        ("Infinity", "1", False),
        (float("inf"), 1.0, False),
        ([], [], True),
        ({}, {}, True),
        ([], {}, False),
    ],
)
def test_a_fact_is_the_same_within_the_tolerance(shown: Any, now: Any, same: bool) -> None:
    assert (changed({"fact": shown}, {"fact": now}, 0.01) == ()) == same


def test_what_came_and_what_went_has_changed() -> None:
    assert changed({"realized": "4.25"}, {}, 1.0) == (Change("realized", "4.25", "nothing"),)
    assert changed({}, {"fee": "1"}, 1.0) == (Change("fee", "nothing", "1"),)
    legs = changed({"legs": [{"fee": "1"}]}, {"legs": [{"fee": "1"}, {"fee": "2"}]}, 0.01)
    assert list(map(str, legs)) == ["legs.1.fee nothing → 2"]


def test_money_moves_by_a_fraction_of_what_it_is_about() -> None:
    shown = {"of": "15000", "realized": "4.80", "held": {"okx SOL": "10"}}
    assert changed(shown, {**shown, "realized": "-9.00", "of": "14990"}, 0.001) == ()
    assert [str(one) for one in changed(shown, {**shown, "realized": "-10.30"}, 0.001)] == ["realized 4.80 → -10.30"]
    assert [str(one) for one in changed(shown, {**shown, "held": {"okx SOL": "9.9"}}, 0.001)] == [
        "held.okx SOL 10 → 9.90"
    ]


def test_money_is_said_with_its_cents() -> None:
    assert [str(one) for one in changed({"realized": "4.25"}, {"realized": "3.1"}, 0.01)] == ["realized 4.25 → 3.10"]


@given(FACTS, st.floats(0, 1))
def test_nothing_changes_by_being_looked_at_again(facts: dict[str, Any], tolerance: float) -> None:
    assert changed(facts, facts, tolerance) == ()


@given(FACTS, FACTS, st.floats(0, 1))
def test_it_is_the_same_either_way_round(one: dict[str, Any], other: dict[str, Any], tolerance: float) -> None:
    there, back = changed(one, other, tolerance), changed(other, one, tolerance)
    assert {(change.what, change.before, change.now) for change in there} == {
        (change.what, change.now, change.before) for change in back
    }


@given(st.decimals(-(10**9), 10**9, places=4), st.decimals(0, 1, places=4))
def test_a_number_may_move_by_the_tolerance_and_no_more(number: Decimal, tolerance: Decimal) -> None:
    inside, outside = number * (1 - tolerance), number * (1 - tolerance) - number / 1000
    assert changed({"it": str(number)}, {"it": str(inside)}, float(tolerance)) == ()
    moved_on = number == 0 or tolerance >= 1 or changed({"it": str(number)}, {"it": str(outside)}, float(tolerance))
    assert moved_on
