"""What fits what was typed into a field, the likeliest first."""

from hypothesis import given
from hypothesis import strategies as st

from chatops.filling.matching import matching
from chatops.forms import MOST_OPTIONS, Option

NAMES = st.text("abAB-1 #", max_size=4)
OPTIONS = st.lists(st.builds(Option, NAMES, NAMES), max_size=120)


@given(OPTIONS, NAMES)
def test_what_is_offered_holds_what_was_typed_and_is_there_once(options: list[Option], typed: str) -> None:
    found = matching(options, typed)
    wanted = " ".join(typed.casefold().split())
    assert set(found) <= set(options)
    assert all(wanted in one.value.casefold() or wanted in one.shown.casefold() for one in found)
    assert len({one.value for one in found}) == len(found) <= MOST_OPTIONS


@given(st.lists(NAMES, unique=True, max_size=120))
def test_of_all_the_likeliest_come_first(names: list[str]) -> None:
    options = [Option(name) for name in names]
    assert matching(options, " ") == tuple(options[:MOST_OPTIONS])


def test_what_begins_so_comes_before_what_only_holds_it() -> None:
    names = ("XSOL", "BTC SOL", "ETH-1", "sol-2", "SOL-1")
    assert [one.value for one in matching(map(Option, names), "sOl")] == ["sol-2", "SOL-1", "BTC SOL", "XSOL"]


def test_what_is_shown_of_it_counts_too() -> None:
    alerts = (Option("7", "#7 🔴 SOL-1 health_factor"), Option("12", "#12 🔴 ETH-1 margin"))
    assert [one.value for one in matching(alerts, "eth")] == ["12"]
    assert [one.value for one in matching(alerts, "12")] == ["12"]
