from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from alerts.engine import Engine
from alerts.model import Ended, Key, Reading, Step
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Terms
from tests.alerts.desk import CRITICAL, EMERGENCY, WARNING, terms_of
from tests.alerts.snapshots import snapshot
from tests.bot_integration.facts import NOON

KEY = Key("heat", "carry", "SOL-1")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def reading(value: float | None, key: Key = KEY) -> Reading:
    return Reading(key, value, "m", says=f"heat {value}")


def ids() -> Callable[[], UUID]:
    numbers = iter(range(1, 1000))
    return lambda: UUID(int=next(numbers))


@pytest.fixture
def terms() -> dict[str, Terms]:
    return {"heat": terms_of("heat")}


@pytest.fixture
def engine(terms: dict[str, Terms]) -> Engine:
    return Engine(lambda: terms, ids=ids())


def test_what_swings_round_a_threshold_for_an_hour_rises_once_and_falls_once(engine: Engine) -> None:
    steps = [one for turn in range(3600) for one in engine.take([reading(2.01 if turn % 2 else 1.99)], at(turn))]
    steps += [one for turn in range(3600, 3720) for one in engine.take([reading(1.5)], at(turn))]
    happened = [event.step for change in steps for event in change.events]
    assert happened == [Step.FIRED, Step.ROSE, Step.FELL]


def test_it_keeps_its_id_and_number_while_it_rises_and_falls(engine: Engine) -> None:
    engine.take([reading(1.5)], at(0))
    engine.take([reading(3.5)], at(1))
    engine.take([reading(2.5)], at(2))
    engine.take([reading(2.5)], at(10))
    for second in range(20, 90, 10):
        engine.take([reading(2.5)], at(second))
    alert = engine.open[KEY]
    assert (alert.id, alert.number, alert.severity, alert.peak) == (UUID(int=1), 1, CRITICAL, EMERGENCY)
    assert (alert.epoch, alert.rose_at) == (2, at(1))


def test_it_counts_numbers_from_the_highest_that_was_ever_given(engine: Engine) -> None:
    engine.adopt([], 41, NOON)
    assert engine.take([reading(1.5)], NOON)[0].after.number == 42


def test_for_may_pass_while_nothing_is_read(engine: Engine, terms: dict[str, Terms]) -> None:
    terms["heat"] = terms_of("heat", holds=timedelta(seconds=20))
    assert engine.take([reading(2.5)], at(0)) == []
    assert engine.tick(at(10)) == []
    (began,) = engine.tick(at(20))
    assert (began.after.severity, began.after.reading) == (CRITICAL, reading(2.5))


def test_nothing_is_kept_of_what_is_well(engine: Engine) -> None:
    for number in range(100):
        engine.take([reading(0.5, Key("heat", "carry", f"P-{number}"))], NOON)
    assert engine.all() == []
    assert not engine._slots


def test_a_reading_without_a_value_changes_nothing(engine: Engine) -> None:
    engine.take([reading(2.5)], at(0))
    assert [change for second in range(600) for change in engine.take([reading(None)], at(second))] == []
    assert engine.open[KEY].reading == reading(2.5)


def test_time_alone_makes_nothing_better(engine: Engine) -> None:
    engine.take([reading(2.5)], at(0))
    engine.take([reading(0)], at(1))
    assert engine.tick(at(3600)) == []
    engine.take([reading(0)], at(3601))
    assert engine.open[KEY].severity is CRITICAL


def test_a_bot_that_is_watched_no_more_takes_its_alerts_along(engine: Engine) -> None:
    engine.take([reading(2.5)], at(0))
    (over,) = engine.keep(["other"], at(1))
    assert over.after.ended is Ended.TURNED_OFF
    assert engine.open == {}


def test_the_desks_own_alerts_belong_to_no_bot(engine: Engine, terms: dict[str, Terms]) -> None:
    terms["nobody_to_tell"] = DEFAULTS["nobody_to_tell"]
    engine.take([Reading(Key("nobody_to_tell", ""), 1.0, "wrong")], at(0))
    assert engine.keep([], at(1)) == []


@pytest.mark.parametrize(
    ("value", "severity"), [(1.0, WARNING), (2.0, CRITICAL), (3.0, EMERGENCY)], ids=["warning", "critical", "emergency"]
)
def test_the_first_reading_gives_the_highest_that_it_reaches(engine: Engine, value: float, severity: Severity) -> None:
    (change,) = engine.take([reading(value)], NOON)
    assert (change.before, change.after.severity, len(change.events)) == (None, severity, 1)


def test_a_bot_that_starts_anew_and_does_not_know_yet_what_it_holds_ends_nothing(engine: Engine) -> None:
    first, second = snapshot(), snapshot().model_copy(update={"session_id": UUID(int=2)})
    held = replace(KEY, bot=first.bot)
    engine.take([reading(2.5, held)], at(0), first)
    assert [engine.take([], at(second_of), second) for second_of in (20, 22, 29)] == [[], [], []]
    assert engine.take([reading(2.5, held)], at(29.5), second)[0].events == ()
    (over,) = engine.take([], at(30), second)
    assert over.after.ended is Ended.GONE


def test_what_is_gone_from_a_bot_that_has_run_for_a_while_is_gone_at_once(engine: Engine) -> None:
    held = replace(KEY, bot=snapshot().bot)
    engine.take([reading(2.5, held)], at(0), snapshot())
    (over,) = engine.take([], at(11), snapshot())
    assert over.after.ended is Ended.GONE
