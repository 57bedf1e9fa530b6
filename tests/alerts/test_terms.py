from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.amending import METRICS, TermsError, changed, changed_all, keys
from alerts.rules import RULES
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Band, Terms
from chatops.views.format import TITLE_COLUMNS

HEALTH = DEFAULTS["health_factor"]
ALL = sorted(DEFAULTS)


def values(terms: Terms) -> dict[str, str]:
    return {term.key: term.text for term in keys(terms)}


def orders(band: Band) -> list[float]:
    """From the mildest to the worst, growing where it is as it should be."""
    return [band.at[severity] * (1 if band.above else -1) for severity in Severity if severity in band.at]


def test_every_rule_has_its_defaults_and_only_reports_have_none_to_read_them() -> None:
    reports = {"heartbeat", "nobody_to_tell", "watch_late", "delivery_old"}
    assert {rule.name for rule in RULES} | reports == set(DEFAULTS)


def test_what_is_worse_lies_beyond_what_is_less_bad_by_default() -> None:
    assert all(orders(band) == sorted(orders(band)) for terms in DEFAULTS.values() for band in terms.bands)


def test_all_that_may_be_changed_is_listed_with_its_value_and_unit() -> None:
    assert values(HEALTH) == {
        "on": "yes",
        "warning.health_factor": "0.2",
        "critical.health_factor": "0.15",
        "emergency.health_factor": "0.1",
        "warning.margin_fraction": "0.1",
        "critical.margin_fraction": "0.08",
        "emergency.margin_fraction": "0.05",
        "warning.throttle": "5m",
        "critical.throttle": "1m",
        "emergency.throttle": "none",
        "for": "0s",
        "clear": "0.05",
        "dwell": "1m",
        "rooms": "all",
    }
    units = {term.key: term.unit for term in keys(DEFAULTS["liquidation_distance"])}
    assert units["critical.distance_pct"] == "%"


@pytest.mark.parametrize("rule", ALL)
def test_what_is_listed_reads_back_as_it_is(rule: str) -> None:
    terms = DEFAULTS[rule]
    assert changed_all(terms, values(terms)) == terms


def test_a_threshold_is_changed_and_nothing_else() -> None:
    after = changed(HEALTH, "Warning.Health_Factor", " 0.25 ")
    assert values(after) == {**values(HEALTH), "warning.health_factor": "0.25"}


@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("on", "off", "no"),
        ("for", "90s", "1m 30s"),
        ("dwell", "0s", "0s"),
        ("clear", "0.1", "0.1"),
        ("critical.throttle", "none", "none"),
        ("emergency.throttle", "2 min", "2m"),
        ("rooms", "ops, night,ops", "ops, night"),
        ("rooms", "all", "all"),
    ],
)
def test_each_key_takes_what_people_type(key: str, text: str, shown: str) -> None:
    assert values(changed(HEALTH, key, text))[key] == shown


def test_a_percentage_may_have_its_sign() -> None:
    assert values(changed(DEFAULTS["lst_depeg"], "critical.premium_pct", "4.5 %"))["critical.premium_pct"] == "4.5"


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("warning.health_factor", "1.5", "warning.health_factor takes a number from 0 to 1, not '1.5'."),
        ("warning.health_factor", "20%", "a number from 0 to 1"),
        ("warning.health_factor", "nan", "a number from 0 to 1"),
        ("warning.health_factor", "inf", "a number from 0 to 1"),
        ("warning.health_factor", "1_0", "a number from 0 to 1"),
        ("warning.health_factor", "low", "a number from 0 to 1"),
        ("warning.health_factor", "", "a number from 0 to 1"),
        ("clear", "0.6", "a number from 0 to 0.5"),
        ("for", "2d", "for takes from 0s to 1d"),
        ("for", "soon", "30s, 5m, 1h 30m or 2d"),
        ("warning.throttle", "0s", "from 1s to 1d"),
        ("on", "maybe", "yes or no"),
        ("rooms", " , ", "names of rooms"),
        ("warning.beauty", "1", "health_factor has no warning.beauty. It has: on, warning.health_factor"),
        ("info.health_factor", "0.3", "has no info.health_factor"),
        ("", "1", "has no empty key"),
    ],
)
def test_what_does_not_fit_is_answered_with_what_does(key: str, text: str, expected: str) -> None:
    with pytest.raises(TermsError) as refused:
        changed(HEALTH, key, text)
    assert expected in str(refused.value)


def test_a_warning_cannot_be_worse_than_a_critical() -> None:
    with pytest.raises(TermsError) as refused:
        changed(HEALTH, "warning.health_factor", "0.12")
    assert str(refused.value) == (
        "health_factor: warning.health_factor would be 0.12, but it must not lie below critical.health_factor, 0.15: "
        "what is critical is warning too."
    )
    # It is the title of the answer to whoever tried: longer ones are cut.
    assert len(str(refused.value)) <= TITLE_COLUMNS
    with pytest.raises(TermsError, match="must not lie above critical"):
        changed(DEFAULTS["profit_erosion"], "warning.erosion_pct", "90")


def test_several_are_set_at_once_in_whatever_order_they_come() -> None:
    after = changed_all(
        HEALTH, {"warning.health_factor": "0.09", "critical.health_factor": "0.08", "emergency.health_factor": "0.07"}
    )
    assert orders(after.bands[0]) == [-0.09, -0.08, -0.07]


def test_what_is_or_is_not_has_no_threshold_to_move() -> None:
    assert not [term.key for term in keys(DEFAULTS["circuit_breaker"]) if "wrong" in term.key]
    assert not [term.key for term in keys(DEFAULTS["venue_down"]) if "stream" in term.key]


def test_an_author_s_own_metric_takes_any_number() -> None:
    own = Terms("slippage", (Band("basis_points", above=True, at={Severity.WARNING: 5.0}),))
    assert values(changed(own, "warning.basis_points", "-2.5e1"))["warning.basis_points"] == "-25"


@given(st.sampled_from(ALL), st.data())
def test_whatever_is_typed_it_is_refused_or_within_its_bounds_and_in_order(rule: str, data: st.DataObject) -> None:
    terms = DEFAULTS[rule]
    key = data.draw(st.sampled_from([term.key for term in keys(terms)]))
    text = data.draw(st.one_of(st.text(max_size=8), st.floats().map(str), st.sampled_from(["1h", "none", "yes", "0"])))
    try:
        after = changed(terms, key, text)
    except TermsError:
        after = terms
    assert timedelta() <= after.holds <= timedelta(days=1)
    assert timedelta() <= after.dwell <= timedelta(days=1)
    assert 0 <= after.clear <= 0.5
    assert all(each is None or each >= timedelta(seconds=1) for each in after.throttles.values())
    for band in after.bands:
        assert orders(band) == sorted(orders(band))
        assert all(
            METRICS[band.metric].least <= at <= METRICS[band.metric].most
            for at in band.at.values()
            if band.metric in METRICS
        )
