"""One bot over time: quietly begun, nothing twice, nothing lost."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot_integration import Mode, PauseState, Pnl, Position, PositionStage, Snapshot, Stage
from chatops.notices.happenings import (
    CameBack,
    Closed,
    Filled,
    Funded,
    Happening,
    ModeChanged,
    Opened,
    Restarted,
    StageChanged,
    WentAway,
)
from chatops.notices.story import Story
from tests.chatops.notices.looks import any_look, look, paid, sol
from tests.chatops.views.facts import NOW, carry


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def heard(story: Story, *positions: Position, s: int, run: int = 7, stage: Stage = Stage.MONITORING) -> list[Happening]:
    """What the facts of this second tell at this second."""
    return list(story.hear(look(*positions, seq=s, run=run, stage=stage), at(s)))


def begun(*positions: Position) -> Story:
    story = Story("alpha", at(0))
    assert heard(story, *positions, s=1) == []
    return story


def opening(filled: int) -> Position:
    return sol(PositionStage.OPENING, filled=filled, pnl=Pnl())


def test_what_was_open_before_is_no_news() -> None:
    story = begun(sol())
    assert heard(story, sol(), carry("ETH-1"), s=2) == [Opened("alpha", carry("ETH-1"))]


def test_the_same_look_twice_is_told_once() -> None:
    story = begun()
    assert len(heard(story, sol(), s=2)) == 1
    assert heard(story, sol(), s=2) == []
    assert heard(story, s=1) == []


def test_a_bot_is_away_once_and_back_once_with_how_long() -> None:
    story = begun()
    assert story.pass_time(at(31)) == ()
    assert story.pass_time(at(31.5)) == (WentAway("alpha", at(1), at(1)),)
    assert story.pass_time(at(60)) == ()
    assert heard(story, s=126) == [CameBack("alpha", at(1), timedelta(seconds=125))]
    assert story.pass_time(at(130)) == ()


def test_old_facts_that_come_late_are_no_return() -> None:
    story = begun()
    assert len(story.pass_time(at(100))) == 1
    assert story.hear(look(seq=50), at(100)) == ()
    assert len(story.hear(look(seq=99), at(100))) == 1


def test_a_bot_that_never_said_anything_is_away_too() -> None:
    story = Story("alpha", at(0))
    assert story.pass_time(at(30)) == ()
    assert story.pass_time(at(31)) == (WentAway("alpha", None, at(0)),)
    assert heard(story, sol(), s=40) == [CameBack("alpha", at(0), timedelta(seconds=40))]


def test_what_happened_while_it_was_away_is_told_after_its_return() -> None:
    story = begun(sol())
    story.pass_time(at(100))
    assert [type(one) for one in heard(story, s=101)] == [CameBack, Closed]


def test_a_stage_is_told_once_it_lasts() -> None:
    story = begun()
    assert heard(story, s=2, stage=Stage.OPENING) == []
    assert heard(story, s=3) == []
    assert heard(story, s=4, stage=Stage.PAUSED) == []
    assert heard(story, s=13, stage=Stage.PAUSED) == []
    assert heard(story, s=14, stage=Stage.PAUSED) == [StageChanged("alpha", Stage.MONITORING, Stage.PAUSED)]
    assert heard(story, s=30, stage=Stage.PAUSED) == []


def test_a_stage_lasts_also_while_nothing_is_said() -> None:
    story = begun()
    heard(story, s=2, stage=Stage.IDLE)
    assert story.pass_time(at(12)) == (StageChanged("alpha", Stage.MONITORING, Stage.IDLE),)


def test_a_position_that_opens_at_once_is_told_once() -> None:
    story = begun()
    assert heard(story, opening(0), s=2) == []
    assert heard(story, sol(pnl=Pnl()), s=3) == [Opened("alpha", sol(pnl=Pnl()))]
    assert story.pass_time(at(10)) == ()


def test_an_opening_that_takes_its_time_is_told_and_told_again_when_it_is_over() -> None:
    story = begun()
    assert heard(story, opening(0), s=2) == []
    assert story.pass_time(at(5)) == (Opened("alpha", opening(0)),)
    assert heard(story, opening(400), s=6) == [Filled("alpha", opening(400))]
    assert heard(story, sol(pnl=Pnl()), s=7) == [Opened("alpha", sol(pnl=Pnl()), again=True)]


def test_what_is_filled_in_part_has_an_opening_to_hang_on() -> None:
    story = begun()
    assert heard(story, opening(0), s=2) == []
    assert heard(story, opening(400), s=3) == [Opened("alpha", opening(400)), Filled("alpha", opening(400))]


def test_an_opening_that_was_given_up_at_once_is_told_as_that_alone() -> None:
    story = begun()
    assert heard(story, opening(0), s=2) == []
    assert heard(story, s=3) == [Closed("alpha", opening(0), final=False)]
    assert story.pass_time(at(10)) == ()


def test_a_restart_in_the_middle_of_an_opening_leaves_nothing_waiting() -> None:
    story = begun()
    heard(story, opening(0), s=2)
    assert [type(one) for one in heard(story, opening(0), s=3, run=8)] == [Restarted]
    assert story.pass_time(at(10)) == ()


def test_funding_that_trickles_is_told_as_a_sum() -> None:
    story = begun(sol(pnl=paid("0")))
    told = [one for s in range(2, 70) for one in heard(story, sol(pnl=paid(f"{(s - 1) * 0.004:.3f}")), s=s)]
    assert all(isinstance(one, Funded) for one in told)
    totals = [one.total for one in told if isinstance(one, Funded)]
    # A cent is there after three of them; the rest gathers for a minute.
    assert totals == [Decimal("0.012"), Decimal("0.240")]


def test_funding_of_several_payments_says_how_many_and_since_when() -> None:
    both = begun(sol(pnl=paid("0")), carry("ETH-1", pnl=paid("0")))
    (first,) = heard(both, sol(pnl=paid("1")), carry("ETH-1", pnl=paid("1")), s=2)
    assert isinstance(first, Funded)
    assert (first.payments, first.since) == (0, None)
    heard(both, sol(pnl=paid("2")), carry("ETH-1", pnl=paid("1")), s=10)
    heard(both, sol(pnl=paid("3")), carry("ETH-1", pnl=paid("2")), s=20)
    (then,) = heard(both, sol(pnl=paid("3")), carry("ETH-1", pnl=paid("2")), s=70)
    assert isinstance(then, Funded)
    assert (then.total, then.payments, then.since) == (Decimal(3), 3, at(10))
    (last,) = heard(both, sol(pnl=paid("4")), carry("ETH-1", pnl=paid("2")), s=140)
    assert isinstance(last, Funded)
    assert last.payments == 0


def test_a_pause_is_told_with_what_is_held_and_why() -> None:
    story = begun()
    pause = PauseState(paused=True, scopes=("entry",), reason="too wild", by="bob")
    story.hear(look(seq=2, stage=Stage.PAUSED, pause=pause), at(2))
    assert story.pass_time(at(12)) == (StageChanged("alpha", Stage.MONITORING, Stage.PAUSED, pause),)


def test_funding_that_gathers_is_told_without_newer_facts() -> None:
    story = begun(sol(pnl=paid("0")))
    assert len(heard(story, sol(pnl=paid("1")), s=2)) == 1
    assert heard(story, sol(pnl=paid("3")), s=40) == []
    (told,) = story.pass_time(at(62))
    assert isinstance(told, Funded)
    assert told.total == 2


def test_a_restart_begins_quietly_but_for_itself() -> None:
    story = begun(sol(pnl=paid("5")))
    told = heard(story, sol(pnl=paid("0")), s=2, run=8, stage=Stage.IDLE)
    assert [type(one) for one in told] == [Restarted]
    assert story.pass_time(at(30)) == ()


def test_a_live_start_after_paper_is_never_quiet() -> None:
    story = begun()
    told = story.hear(look(run=8, mode=Mode.PAPER), at(2))
    assert [type(one) for one in told] == [Restarted, ModeChanged]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(any_look(), max_size=6), st.lists(st.integers(0, 200), max_size=6))
def test_any_story_can_be_heard_and_the_end_of_it_again_is_nothing(looks: list[Snapshot], waits: list[int]) -> None:
    story, now = Story("alpha", NOW), NOW
    for snapshot, wait in zip(looks, [*waits, *[1] * 6], strict=False):
        now += timedelta(seconds=wait)
        story.hear(snapshot, now)
        story.pass_time(now)
        assert story.hear(snapshot, now) == ()
        assert story.pass_time(now) == ()
