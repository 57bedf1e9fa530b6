from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.ladder import GROUND, Standing, climb
from alerts.model import Key, Reading
from alerts.rulebook import Facts, Rule, Rulebook, rule
from alerts.rules import RULES, usual
from alerts.severity import Severity
from alerts.subjects import standing
from alerts.terms import DEFAULTS, Band, Terms
from bot_integration import Snapshot
from tests.alerts.snapshots import leg, perp, position, read, snapshot
from tests.bot_integration.paper.stories import Story

OWN = Terms("slippage", (Band("basis_points", above=True, at=MappingProxyType({Severity.WARNING: 5.0})),))


@rule(OWN)
def slippage(facts: Facts) -> Iterator[Reading]:
    points = facts.snapshot.metrics.get("slippage")
    yield Reading(Key("slippage", facts.snapshot.bot), points, "basis_points", says=f"slippage of {points} bp")


@rule(replace(OWN, rule="broken"))
def broken(facts: Facts) -> Iterator[Reading]:
    yield Reading(Key("broken", facts.snapshot.bot), 1.0)
    raise KeyError("fill")


def test_a_bot_author_s_rule_is_one_function_and_its_terms() -> None:
    book = usual()
    book.register(slippage)
    assert read(snapshot(metrics={"slippage": 7.5}), "slippage", book)[""].value == 7.5
    assert book.terms["slippage"] == OWN


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="give this one a name of its own"):
        usual().register(Rule(DEFAULTS["divergence"], slippage.read))


def test_a_rule_that_raises_is_told_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    book = Rulebook((broken, *RULES))
    found = book.read(Facts(snapshot(position()), None, snapshot().at))
    assert "rule broken could not read a snapshot of alpha" in caplog.text
    assert "KeyError: 'fill'" in caplog.text
    said = {(one.key.rule, one.key.subject): one for one in found}
    assert said["stale_data", "rule/broken"].value == 1
    assert said["stale_data", "rule/broken"].says.startswith("the rule broken failed: KeyError")
    assert ("health_factor", "ETH-1/bybit") in said
    assert ("broken", "") not in said


def test_a_value_that_is_missing_is_told_as_stale_data() -> None:
    found = read(snapshot(), "stale_data", Rulebook([slippage]))
    assert found["rule/slippage"].value == 1
    assert found["rule/slippage"].says == "the rule slippage has no value: it cannot tell whether anything is wrong"


@pytest.mark.parametrize("value", [float("nan"), "7"])
def test_a_value_that_no_threshold_can_be_held_against_is_told_as_stale_data(value: float) -> None:
    odd = Rule(OWN, lambda facts: [Reading(Key("slippage", facts.snapshot.bot), value)])
    found = read(snapshot(), "stale_data", Rulebook([odd]))
    assert found["rule/slippage"].value == 1


def test_once_it_reads_again_that_is_said_too() -> None:
    assert read(snapshot(metrics={"slippage": 1.0}), "stale_data", Rulebook([slippage]))["rule/slippage"].value == 0


def test_a_rule_that_is_off_is_not_read() -> None:
    terms = {**DEFAULTS, "divergence": replace(DEFAULTS["divergence"], on=False)}
    found = usual().read(Facts(snapshot(position(divergence=3.0)), None, snapshot().at), terms)
    assert not [one for one in found if "divergence" in str(one.key)]


def test_two_legs_on_one_venue_are_one_subject_and_the_worse_counts() -> None:
    whole = snapshot(position(leg(health_factor=0.3), perp("bybit", margin_fraction=0.06)))
    assert [one.metric for one in read(whole, "health_factor").values()] == ["margin_fraction"]


def test_what_is_there_may_have_alerts_and_what_is_closed_may_not() -> None:
    whole = snapshot(
        position(),
        position(named="SOL-2", stage="closed"),
        venues=[{"name": "okx", "stream": "connected"}],
        session={"breakers": [{"name": "daily_loss"}]},
    )
    assert standing(whole) == {"", "ETH-1", "ETH-1/bybit", "ETH-1/okx", "okx", "daily_loss"}


def test_of_a_leg_that_its_venue_took_nothing_stands_though_the_position_does() -> None:
    whole = snapshot(position(leg(size=0, notional=0, health_factor=None, leverage=None), perp()))
    assert read(whole, "health_factor").keys() == {"ETH-1/okx"}
    assert standing(whole) == {"", "ETH-1", "ETH-1/okx"}


def test_over_the_made_crash_no_rule_is_at_a_loss_and_the_borrowed_legs_are_told() -> None:
    story, book = Story(speed=60), usual()
    found: dict[Key, Standing] = {}
    for _ in range(30):
        story.tick(1, 2)
        for one in book.read(Facts(story.now, None, story.clock())):
            found[one.key] = climb(found.get(one.key, GROUND), one, DEFAULTS[one.key.rule], story.clock())
    assert not [str(key) for key, now in found.items() if now.severity and key.rule == "stale_data"]
    assert {key.rule for key in found} >= {"health_factor", "liquidation_distance", "delta_drift", "stale_data"}


# ------------------------------------------------------------------ what does not matter may be left out

WELL_OR_NOT = st.builds(
    lambda health, margin, drift, apart, waits, mark: snapshot(
        position(
            leg(health_factor=health, mark_price=mark),
            perp(margin_fraction=margin),
            delta_ratio=drift,
            divergence=apart,
            rebalance_pending=waits,
        )
    ),
    st.sampled_from([None, 0.05, 0.151, 0.2, 0.21, 0.5]),
    st.sampled_from([None, 0.04, 0.105, 0.3]),
    st.sampled_from([None, 0.0, 0.0046, 0.005, 0.3]),
    st.sampled_from([None, 0.0, -1.1, 0.91, 0.9]),
    st.booleans(),
    st.sampled_from([1_050, 1_160, 1_800]),
)


def walked(walk: list[Snapshot], *, sparing: bool) -> list[dict[Key, Standing]]:
    book, found, steps = usual(), dict[Key, Standing](), []
    for index, whole in enumerate(walk):
        now = whole.at.replace(minute=index)
        facts = Facts(whole, None, now, found.keys() if sparing else None)
        for one in book.read(facts):
            found[one.key] = climb(found.get(one.key, GROUND), one, DEFAULTS[one.key.rule], now)
        found = {key: now for key, now in found.items() if now is not GROUND}
        steps.append(dict(found))
    return steps


@settings(max_examples=40)
@given(st.lists(WELL_OR_NOT, min_size=1, max_size=6))
def test_leaving_out_what_does_not_matter_changes_no_standing(walk: list[Snapshot]) -> None:
    assert walked(walk, sparing=True) == walked(walk, sparing=False)


def test_of_what_is_well_and_not_watched_nothing_is_worded() -> None:
    whole = snapshot(position())
    facts = Facts(whole, None, whole.at, watched=())
    assert {one.key.subject for one in usual().read(facts)} == {""}
    watched = Key("health_factor", "alpha", "ETH-1/bybit")
    assert watched in {one.key for one in usual().read(replace(facts, watched=[watched]))}
