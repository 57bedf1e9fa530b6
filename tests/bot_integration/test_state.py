import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot_integration import Leg, Parameter, Pnl, Position, PositionStage, Side, Snapshot, TimelineEvent
from bot_integration.commands import COMMAND, ClosePosition, KillSwitch
from tests.bot_integration.facts import NOON, facts, position


def snapshot(**more: object) -> Snapshot:
    return Snapshot.model_validate(
        {"bot": "alpha", "session_id": "12345678-1234-5678-1234-567812345678", "seq": 0, "at": NOON, **facts(**more)}
    )


def test_what_a_strategy_adds_is_kept_in_extra_at_every_depth() -> None:
    held = position(beta=1.2, extra={"grade": "A"}, legs=[{**LEG, "queue": 3}])
    kept = snapshot(positions=[held], mood="calm")
    assert kept.extra == {"mood": "calm"}
    assert kept.positions[0].extra == {"grade": "A", "beta": 1.2}
    assert kept.positions[0].legs[0].extra == {"queue": 3}


LEG = {"venue": "okx", "instrument": "ETH-PERP", "side": "short", "size": "1.5", "notional": 3000}


def test_an_extra_that_is_no_mapping_is_named() -> None:
    with pytest.raises(ValidationError, match="extra"):
        Leg.model_validate({**LEG, "extra": None, "queue": 3})


def test_the_given_mapping_is_left_as_it_was() -> None:
    given_leg = {**LEG, "queue": 3}
    Leg.model_validate(given_leg)
    assert given_leg == {**LEG, "queue": 3}


def test_money_is_decimal_here_and_a_number_in_json() -> None:
    leg = Leg.model_validate(LEG)
    assert leg.size == Decimal("1.5")
    read = json.loads(leg.model_dump_json())
    assert read["size"] == 1.5
    assert read["health_factor"] is None


def test_what_a_venue_has_no_notion_of_is_none_and_not_zero() -> None:
    leg = Leg.model_validate(LEG)
    missing = (leg.health_factor, leg.margin_fraction, leg.liquidation_price, leg.peg_premium)
    assert missing == (None, None, None, None)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 the zone is the other value
    st.integers(-14 * 60, 14 * 60),
)
def test_every_moment_is_in_utc_whatever_zone_it_came_in(moment: datetime, offset_min: int) -> None:
    given_moment = moment.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    kept = TimelineEvent.model_validate({"at": given_moment, "category": "info", "message": "x"}).at
    assert kept == given_moment
    assert kept.tzinfo is UTC


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_moment_that_is_in_no_year_of_utc_is_refused(moment: str) -> None:
    with pytest.raises(ValidationError, match="before the first year, or after the last"):
        TimelineEvent.model_validate({"at": moment, "category": "info", "message": "long ago"})


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        TimelineEvent.model_validate({"at": "2026-05-04T12:00:00", "category": "info", "message": "x"})


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Pnl.model_validate({"unrealized": number})


def test_facts_do_not_change() -> None:
    leg = Leg.model_validate(LEG)
    with pytest.raises(ValidationError, match="frozen"):
        leg.size = Decimal(2)  # type: ignore[misc]


def test_a_timeline_holds_twenty() -> None:
    line = {"at": NOON, "category": "info", "message": "x"}
    with pytest.raises(ValidationError, match="at most 20"):
        snapshot(timeline=[line] * 21)


def test_a_position_is_found_by_its_id() -> None:
    kept = snapshot(positions=[position("ETH-1"), position("BTC-1")])
    found = kept.position("BTC-1")
    assert found is not None
    assert found.id == "BTC-1"
    assert kept.position("SOL-1") is None


names = st.text(min_size=1, max_size=20)
money = st.decimals(-(10**9), 10**9, places=6)


@given(names, money, st.none() | st.floats(-10, 1), st.sampled_from(PositionStage))
def test_json_there_and_back_says_the_same(
    name: str, made: Decimal, health: float | None, stage: PositionStage
) -> None:
    held = Position(
        id=name,
        asset="ETH",
        stage=stage,
        opened_at=NOON,
        updated_at=NOON,
        pnl=Pnl(total=made),
        legs=(Leg(venue="v", instrument="i", side=Side.LONG, size=abs(made), notional=made, health_factor=health),),
    )
    text = held.model_dump_json()
    again = Position.model_validate_json(text)
    assert again.model_dump_json() == text
    assert float(again.pnl.total) == float(made)


def test_a_command_is_read_by_its_name() -> None:
    given_command = {
        "name": "close_position",
        "id": "12345678-1234-5678-1234-567812345678",
        "by": "ada",
        "not_after": "2026-05-04T14:00:00+02:00",
        "position_id": "ETH-1",
        "percent": 50,
    }
    read = COMMAND.validate_python(given_command)
    assert isinstance(read, ClosePosition)
    assert read.arguments == {"position_id": "ETH-1", "percent": 50.0}
    assert read.not_after == NOON


def test_turning_the_kill_switch_off_lets_more_happen_and_on_lets_less() -> None:
    on = KillSwitch.model_validate({"id": "12345678-1234-5678-1234-567812345678", "by": "ada", "not_after": NOON})
    assert on.moves == "reduces"
    assert on.model_copy(update={"active": False}).moves == "increases"


def test_a_secret_has_no_value_from_the_start() -> None:
    given = {"key": "api_key", "value": "hunter2", "type": "str", "secret": True}
    assert "hunter2" not in repr(Parameter.model_validate(given))
    assert Parameter.model_validate(given).value is None
    assert Parameter.model_validate({**given, "secret": "yes"}).value is None
    assert Parameter.model_validate({**given, "secret": False}).value == "hunter2"


def test_a_parameter_of_which_nobody_knows_whether_it_is_secret_shows_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Parameter.model_validate({"key": "api_key", "value": "hunter2", "type": "str", "secret": "perhaps"})
    assert {error["loc"] for error in refused.value.errors()} == {("secret",)}
