from datetime import timedelta
from typing import Any

import pytest

from alerts.model import Key, Reading
from alerts.rulebook import Facts
from alerts.rules import usual
from tests.alerts.snapshots import figures, position, read, snapshot
from tests.bot_integration.facts import NOON
from tests.bot_integration.paper.stories import Story


def test_every_breaker_is_read_and_those_that_tripped_say_why() -> None:
    found = read(
        snapshot(
            session={
                "breakers": [{"name": "daily_loss", "active": True, "reason": "220 USD lost"}, {"name": "failures"}],
                "pause": {"active_breakers": ["daily_loss", "venue_halt"]},
            }
        ),
        "circuit_breaker",
    )
    assert {subject: one.value for subject, one in found.items()} == {"daily_loss": 1, "failures": 0, "venue_halt": 1}
    assert found["daily_loss"].says == "the breaker daily_loss has tripped: 220 USD lost"


def loss(**more: Any) -> Reading:
    return read(snapshot(**more), "daily_loss")[""]


def test_a_loss_is_told_in_percent_of_its_cap() -> None:
    found = loss(session={"limits": {"daily_loss_cap": 200, "daily_loss_left": 35}})
    assert found.value == pytest.approx(82.5)
    assert found.says == "165.00 USD lost today, 82 % of the cap"
    assert figures(found) == {"lost today": "165.00 USD", "cap": "200.00 USD"}


@pytest.mark.parametrize(("made", "expected"), [(-250, 125), (250, 0)])
def test_where_what_is_left_is_not_said_the_day_s_result_is_taken(made: float, expected: float) -> None:
    found = loss(session={"limits": {"daily_loss_cap": 200}}, portfolio={"equity": 1, "pnl_today": made})
    assert found.value == expected


@pytest.mark.parametrize("limits", [{"daily_loss_cap": 200}, {"daily_loss_cap": 0, "daily_loss_left": 0}])
def test_a_cap_against_which_nothing_can_be_held_is_stale_data(limits: dict[str, float]) -> None:
    whole = snapshot(session={"limits": limits})
    assert read(whole, "daily_loss")[""].value is None
    assert read(whole, "stale_data")["rule/daily_loss"].value == 1


def test_without_a_cap_there_is_no_loss_to_tell() -> None:
    assert read(snapshot(), "daily_loss") == {}


def test_a_loss_that_was_told_is_over_once_its_cap_is_taken_away() -> None:
    key = Key("daily_loss", "alpha")
    readings = usual().read(Facts(snapshot(), None, NOON, watched=[key]))
    assert [(one.value, one.metric) for one in readings if one.key == key] == [(0, "loss_pct")]


def test_failures_in_a_row_are_counted_by_the_bot() -> None:
    found = read(snapshot(session={"consecutive_failures": 4}), "consecutive_failures")[""]
    assert (found.value, found.says) == (4, "4 failures in a row")


def event(seconds_ago: float, message: str = "Order for ETH-1 failed: timeout.", **data: Any) -> dict[str, Any]:
    return {"at": NOON - timedelta(seconds=seconds_ago), "category": "warning", "message": message, "data": data}


def test_transactions_that_failed_of_late_are_counted_and_the_last_is_told() -> None:
    whole = snapshot(
        position(),
        timeline=[
            event(301, transaction_failure=True),
            event(299, transaction_failure=True),
            event(20, transaction_failure=True, position="ETH-1"),
            event(10, "Funding came late"),
            event(5, "All is well", transaction_failure=False),
        ],
    )
    found = read(whole, "transaction_failure")[""]
    assert (found.value, found.says, found.position) == (2, "Order for ETH-1 failed: timeout", "ETH-1")


@pytest.mark.parametrize("named", ["SOL-9", 7, ["ETH-1"]])
def test_a_failure_of_what_is_not_held_leads_to_no_position(named: Any) -> None:
    whole = snapshot(position(), timeline=[event(20, transaction_failure=True, position=named)])
    assert read(whole, "transaction_failure")[""].position == ""


def test_the_paper_bot_says_that_an_order_failed_as_this_rule_reads_it() -> None:
    story = Story()
    story.bot.orders_fail("okx")
    story.tick(6)
    assert read(story.now, "transaction_failure")[""].value
    assert read(story.now, "consecutive_failures")[""].value == 5
    assert read(story.now, "circuit_breaker")["consecutive_failures"].value == 1
