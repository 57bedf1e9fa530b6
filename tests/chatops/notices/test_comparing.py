"""What two looks at a bot tell."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot_integration import Mode, Position, PositionStage, Snapshot
from chatops.notices.comparing import HIDDEN, funding, happenings, held
from chatops.notices.happenings import (
    BreakersChanged,
    Changed,
    Closed,
    Filled,
    Funded,
    Happening,
    ModeChanged,
    Opened,
    Rebalanced,
    Restarted,
    SettingsChanged,
)
from tests.chatops.notices.looks import any_look, look, paid, parameter, sol, tripped
from tests.chatops.views.facts import carry
from tests.examples import examples

OPENING, OPEN, CLOSING, CLOSED, REBALANCING = (
    PositionStage.OPENING,
    PositionStage.OPEN,
    PositionStage.CLOSING,
    PositionStage.CLOSED,
    PositionStage.REBALANCING,
)
wild = settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def between(before: tuple[Position, ...], after: tuple[Position, ...]) -> tuple[Happening, ...]:
    return happenings(look(*before, seq=1), look(*after, seq=2))


def test_a_position_that_appears_was_opened() -> None:
    assert between((), (sol(),)) == (Opened("alpha", sol()),)


def test_a_position_is_told_as_it_begins_to_open_and_again_when_it_is_open() -> None:
    assert between((), (sol(OPENING, filled=0),)) == (Opened("alpha", sol(OPENING, filled=0)),)
    assert between((sol(OPENING, filled=0),), (sol(),)) == (Opened("alpha", sol(), again=True),)


@pytest.mark.parametrize(
    ("before", "after", "told"), [(0, 10, 1), (10, 90, 0), (90, 100, 1), (350, 990, 1), (400, 390, 0)]
)
def test_filling_is_told_when_it_begins_and_by_the_tenth(before: int, after: int, told: int) -> None:
    filled = sol(OPENING, filled=after)
    assert between((sol(OPENING, filled=before),), (filled,)) == (Filled("alpha", filled),) * told


def test_prices_that_move_what_is_filled_fill_nothing() -> None:
    assert between((sol(filled=1_000),), (sol(filled=1_500),)) == ()


def test_a_position_that_becomes_closed_tells_its_end_once() -> None:
    end = sol(CLOSED, filled=0)
    assert between((sol(CLOSING),), (end,)) == (Closed("alpha", end, final=True),)
    assert between((end,), ()) == ()


def test_a_position_that_goes_without_a_word_was_last_seen_as_it_stood() -> None:
    assert between((sol(),), ()) == (Closed("alpha", sol(), final=False),)


def test_what_came_and_went_between_two_looks_tells_its_end_alone() -> None:
    assert between((), (sol(CLOSED),)) == (Closed("alpha", sol(CLOSED), final=True),)


def test_an_opening_that_is_given_up_never_was_open() -> None:
    assert between((sol(OPENING),), (sol(CLOSING),)) == ()


def test_a_name_that_is_used_again_is_another_opening() -> None:
    assert between((sol(CLOSED),), (sol(),)) == (Opened("alpha", sol()),)


def test_coming_back_from_rebalancing_is_told_and_going_there_is_not() -> None:
    assert between((sol(),), (sol(REBALANCING),)) == ()
    assert between((sol(REBALANCING),), (sol(),)) == (Rebalanced("alpha", sol()),)
    assert between((sol(REBALANCING),), (sol(CLOSING),)) == ()


def test_funding_is_told_by_position_the_most_first() -> None:
    sol_1, eth_1 = sol(pnl=paid("1.50")), carry("ETH-1", pnl=paid("-4.25"))
    was = {"SOL-1": Decimal("1.00"), "ETH-1": Decimal(0), "BTC-1": Decimal(3)}
    told = funding(was, look(sol_1, eth_1, carry("BTC-1", pnl=paid("3.009"))))
    assert told == Funded("alpha", ((eth_1, Decimal("-4.25")), (sol_1, Decimal("0.50"))))
    assert told is not None
    assert told.total == Decimal("-3.75")


def test_funding_of_a_position_that_was_never_seen_is_not_made_up() -> None:
    assert funding({}, look(sol(pnl=paid("2")))) is None


def test_less_than_a_cent_of_funding_waits() -> None:
    assert funding({"SOL-1": Decimal(0)}, look(sol(pnl=paid("0.009")))) is None


def test_mode_and_breakers_are_told() -> None:
    before = look(seq=1, pause=tripped("daily_loss"))
    after = look(seq=2, mode=Mode.PAPER, pause=tripped("failures", "failures"))
    assert happenings(before, after) == (
        ModeChanged("alpha", Mode.LIVE, Mode.PAPER),
        BreakersChanged("alpha", ("failures",), ("daily_loss",)),
    )


def test_a_parameter_is_told_before_and_after() -> None:
    before = look(seq=1, parameters=(parameter(8), parameter(True, "hot"), parameter(1, "gone")))
    after = look(seq=2, parameters=(parameter(10, unit="pieces"), parameter(False, "hot"), parameter(1, "new")))
    assert happenings(before, after) == (
        SettingsChanged("alpha", (Changed("max_positions", "8", "10", "pieces"), Changed("hot", "on", "off", ""))),
    )


@pytest.mark.parametrize(("was_secret", "is_secret"), [(True, False), (False, True)])
def test_a_secret_shows_neither_before_nor_after(was_secret: bool, is_secret: bool) -> None:
    before = look(seq=1, parameters=(parameter("hunter2", secret=was_secret, unit="hunter"),))
    after = look(seq=2, parameters=(parameter("hunter3", secret=is_secret, unit="hunter"),))
    (told,) = happenings(before, after)
    assert isinstance(told, SettingsChanged)
    assert told.changed == (Changed("max_positions", HIDDEN, HIDDEN, ""),)
    assert "hunter" not in repr(told)


def test_what_is_secret_on_both_sides_has_no_value_that_could_change() -> None:
    before = look(seq=1, parameters=(parameter("hunter2", secret=True),))
    after = look(seq=2, parameters=(parameter("hunter3", secret=True),))
    assert happenings(before, after) == ()


def test_over_a_restart_positions_are_counted_and_not_called_opened_or_closed_now() -> None:
    before = look(sol(), carry("ETH-1"), run=1, seq=90, version="1.0")
    after = look(sol(), carry("BTC-1"), carry("XRP-1", stage=CLOSED), run=2, seq=0, version="1.1")
    assert happenings(before, after) == (
        Restarted("alpha", "1.1", "1.0", after.session.started_at, 2, gone=("ETH-1",), new=("BTC-1",)),
    )


def test_what_holds_a_bot_back_is_told_over_a_restart_too() -> None:
    before, after = look(run=1), look(run=2, mode=Mode.PAPER, pause=tripped("failures"), parameters=())
    assert [type(one) for one in happenings(before, after)] == [Restarted, ModeChanged, BreakersChanged]


def test_facts_that_were_overtaken_tell_nothing() -> None:
    assert happenings(look(sol(), seq=5), look(seq=4)) == ()


@wild
@given(any_look(), any_look())
def test_any_two_looks_can_be_compared(before: Snapshot, after: Snapshot) -> None:
    happenings(before, after)
    funding({id_: position.pnl.funding for id_, position in held(before).items()}, after)


@wild
@given(any_look(), st.timedeltas(timedelta(0), timedelta(days=1)))
def test_the_same_facts_again_tell_nothing(snapshot: Snapshot, later: timedelta) -> None:
    again = snapshot.model_copy(update={"seq": snapshot.seq + 1, "at": snapshot.at + later})
    assert happenings(snapshot, snapshot) == ()
    # What is shown as closed all the time has been told.
    assert happenings(snapshot, again) == ()


@wild
@given(st.lists(any_look(), min_size=2, max_size=6))
def test_in_one_run_no_position_is_opened_twice_without_being_closed(looks: list[Snapshot]) -> None:
    run = [one.model_copy(update={"seq": seq, "session_id": looks[0].session_id}) for seq, one in enumerate(looks)]
    open_now = {one.id for one in run[0].positions if one.stage is not CLOSED}
    for before, after in pairwise(run):
        for told in happenings(before, after):
            if isinstance(told, Opened) and not told.again:
                assert told.position.id not in open_now
                open_now.add(told.position.id)
            if isinstance(told, Closed):
                open_now.discard(told.position.id)
        assert open_now == {one.id for one in after.positions if one.stage is not CLOSED}
