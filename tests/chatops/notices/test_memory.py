"""What is told after a time in which nobody looked."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from bot_integration import Mode, Position, PositionStage, Snapshot
from chatops.notices.comparing import since
from chatops.notices.happenings import Closed, Happening, ModeChanged, Opened, Restarted
from chatops.notices.memory import Remembered
from chatops.notices.story import Story
from tests.chatops.notices.looks import any_look, look, sol
from tests.chatops.views.facts import NOW, carry

OLD = timedelta(hours=1)


def remembered(*positions: Position, **more: object) -> Remembered:
    """As it comes back from the database."""
    seen = Remembered.of(look(*positions))
    return Remembered.model_validate({**seen.model_dump(mode="json"), **more})


def told(seen: Remembered, now: Snapshot) -> list[Happening]:
    return list(Story("alpha", NOW, seen).hear(now, NOW))


def test_what_is_gone_was_closed_and_what_is_new_was_opened_meanwhile() -> None:
    btc = carry("BTC-1")
    closed, opened = told(remembered(sol(), carry("ETH-1")), look(sol(), btc, seq=90))
    assert isinstance(closed, Closed)
    assert (closed.position.id, closed.position.pnl.total) == ("ETH-1", Decimal("31.16"))
    assert (closed.final, closed.unseen) == (False, True)
    assert opened == Opened("alpha", btc, unseen=True)


def test_an_end_that_the_bot_still_shows_is_told_as_that() -> None:
    end = sol(PositionStage.CLOSED)
    assert told(remembered(sol()), look(end, seq=90)) == [Closed("alpha", end, final=True, unseen=True)]


def test_nothing_is_told_of_what_is_as_it_was() -> None:
    assert told(remembered(sol()), look(sol(), carry("ETH-1", stage=PositionStage.CLOSED), seq=90)) == []


def test_what_came_and_went_meanwhile_is_told_by_its_end() -> None:
    brief = sol(PositionStage.CLOSED, opened_at=NOW + OLD)
    assert told(remembered(), look(brief, seq=90)) == [Closed("alpha", brief, final=True, unseen=True)]


def test_a_name_that_was_used_again_is_another_position() -> None:
    again = sol(opened_at=NOW + OLD)
    closed, opened = told(remembered(sol()), look(again, seq=90))
    assert isinstance(closed, Closed)
    assert closed.position.opened_at == sol().opened_at
    assert opened == Opened("alpha", again, unseen=True)


def test_an_opening_that_was_told_is_told_again_when_it_is_open() -> None:
    assert told(remembered(sol(PositionStage.OPENING, filled=0)), look(sol(), seq=90)) == [
        Opened("alpha", sol(), again=True)
    ]


def test_another_run_of_the_bot_is_told_as_a_restart() -> None:
    seen = remembered(sol(), version="1.0")
    now = look(carry("ETH-1"), run=8, mode=Mode.PAPER, version="1.1")
    assert told(seen, now) == [
        Restarted("alpha", "1.1", "1.0", now.session.started_at, 1, gone=("SOL-1",), new=("ETH-1",)),
        ModeChanged("alpha", Mode.LIVE, Mode.PAPER),
    ]


def test_what_was_not_told_yet_is_not_remembered_as_told() -> None:
    story = Story("alpha", NOW)
    story.hear(look(), NOW)
    story.hear(look(sol(PositionStage.OPENING, filled=0), seq=2), NOW)
    seen = story.seen
    assert seen is not None
    assert seen.positions == ()
    assert told(seen, look(sol(), seq=3)) == [Opened("alpha", sol(), unseen=True)]


def test_that_money_alone_has_changed_makes_no_other_memory() -> None:
    seen = remembered(sol())
    assert not seen.differs(remembered(sol(), at=NOW + OLD))
    assert seen.differs(remembered())
    assert seen.differs(remembered(sol(PositionStage.CLOSING)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_look(), any_look())
def test_any_facts_can_be_remembered_and_compared(before: Snapshot, after: Snapshot) -> None:
    seen = Remembered.model_validate(Remembered.of(before).model_dump(mode="json"))
    assert not seen.differs(Remembered.of(before))
    since(seen, after)
