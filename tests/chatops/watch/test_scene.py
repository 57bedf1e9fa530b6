"""What the dashboard shows, without a screen."""

from datetime import timedelta
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot_integration import Bot, EventCategory, Funding, Mode, Noted, Snapshot, TimelineEvent
from chatops.layout import plain, width
from chatops.watch.cells import Tone
from chatops.watch.funding import countdown
from chatops.watch.header import summary
from chatops.watch.link import Away, Link, heard
from chatops.watch.scene import Scene
from chatops.watch.story import Story
from tests.chatops.views.facts import MOMENTS, NAMES, NOW, RATIOS, SNAPSHOTS, TEXTS, alpha, carry
from tests.chatops.watch.facts import Clock, Still, crashing, pages, texts

wild = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
FUNDINGS = st.builds(
    Funding,
    venue=NAMES,
    asset=NAMES,
    rate=RATIOS,
    interval_hours=st.floats(0.1, 1e9),
    next_at=st.none() | MOMENTS,
    predicted=st.none() | RATIOS,
)
AWAY = st.none() | st.builds(Away, since=MOMENTS, why=TEXTS)


def scene(snapshot: Snapshot | None, away: Away | None = None) -> Scene:
    return Scene(cast("Bot", Still(snapshot)), lambda: away, lambda: NOW)


@given(st.none() | SNAPSHOTS, st.lists(FUNDINGS, max_size=4), AWAY, st.integers(1, 200), NAMES)
@wild
def test_whatever_a_bot_says_each_line_fits_and_moves_no_cursor(
    snapshot: Snapshot | None, fundings: list[Funding], away: Away | None, columns: int, name: str
) -> None:
    shown = snapshot and snapshot.model_copy(update={"funding": tuple(fundings)})
    lines = [
        line
        for page in pages(Scene(cast("Bot", Still(shown, name)), lambda: away, lambda: NOW), columns)
        for line in texts(page)
    ]
    assert [line for line in lines if width(line) > columns or plain(line) != line] == []
    assert plain(said := summary(name, shown, away, NOW)) == said


def test_the_mode_and_the_link_are_seen_at_any_width() -> None:
    live = alpha()
    live = live.model_copy(update={"session": live.session.model_copy(update={"mode": Mode.LIVE})})
    for columns in (30, 50, 80, 160):
        first = scene(live).header(columns).line(0)
        assert (first[0].text, first[0].tone) == (" LIVE ", Tone.LIVE)
        assert "● live" in texts(scene(live).header(columns))[0]


def test_of_a_bot_that_is_away_the_last_facts_stay_with_their_age() -> None:
    facts = alpha(at=NOW - timedelta(seconds=70))
    first, second, third = texts(scene(facts, Away(NOW - timedelta(seconds=65), "Alpha does not answer.")).header(120))
    assert "✗ AWAY since 11:58:55, 1 min 5 s" in first
    assert "1 min 10 s old" in first
    assert "Equity" in second
    assert "Alpha does not answer. What is shown is the last that it said." in third


def test_facts_that_are_old_though_the_bot_is_heard_are_called_stale() -> None:
    assert "⚠ STALE   1 min 10 s old" in texts(scene(alpha(at=NOW - timedelta(seconds=70))).header(120))[0]


def test_of_a_replay_the_moment_is_said_that_it_shows_neither_live_nor_stale() -> None:
    for seconds in (2, 70):
        facts = alpha(at=NOW - timedelta(seconds=seconds))
        facts = facts.model_copy(update={"session": facts.session.model_copy(update={"mode": Mode.REPLAY})})
        said = texts(scene(facts).header(120))[0]
        assert f"past  {facts.at:%Y-%m-%d %H:%M:%S}" in said
        assert not {"live", "STALE"} & set(said.split())


def test_a_kill_switch_is_said_while_the_bot_is_away_too() -> None:
    facts = alpha()
    held = facts.session.pause.model_copy(update={"kill_switch": True})
    facts = facts.model_copy(update={"session": facts.session.model_copy(update={"pause": held})})
    for away in (None, Away(NOW, "Alpha does not answer.")):
        assert " KILL SWITCH ON " in texts(scene(facts, away).header(80))[2]


def test_nothing_is_known_of_a_bot_that_never_answered_and_why_is_said() -> None:
    away = Away(NOW, "The bot at 127.0.0.1:8000 does not answer.")
    assert "The bot at 127.0.0.1:8000 does not answer." in texts(scene(None, away).header(80))[1]


def test_the_most_endangered_stands_first_and_what_is_dangerous_stands_out() -> None:
    clock = Clock()
    shown = Scene(crashing(90, clock).controller, heard, clock)
    page = shown.positions(120)
    rooms = [line.split()[1] for line in texts(page)[1:]]
    assert rooms == sorted(rooms, key=lambda room: float(room.removesuffix("%")))
    assert Tone.ALARM in {cell.tone for cell in page.line(0)}
    assert Tone.ALARM in {cell.tone for cell in shown.header(120).line(1)}


def test_the_selection_goes_with_its_position_and_stays_near_where_it_was_closed() -> None:
    shown = alpha(positions=(carry("A-1"), carry("B-1"), carry("C-1")))
    bot = Still(shown)
    watched = Scene(cast("Bot", bot), heard, lambda: NOW)

    def selected_of(*ids: str) -> tuple[str | None, int | None]:
        bot.shows(shown.model_copy(update={"positions": tuple(map(carry, ids))}))
        watched.look()
        chosen = watched.selected
        return None if chosen is None else chosen.id, watched.cursor

    watched.select(1)
    assert selected_of("0-1", "A-1", "B-1", "C-1") == ("B-1", 2)
    assert selected_of("A-1", "B-1") == ("B-1", 1)
    assert selected_of("A-1", "C-1") == ("C-1", 1)
    assert selected_of("A-1") == ("A-1", 0)
    assert selected_of() == (None, None)
    assert texts(watched.positions(80)) == ["No position is open."]


def test_what_a_bot_says_and_its_timeline_holds_a_moment_later_stands_once() -> None:
    told = Story()
    event = TimelineEvent(at=NOW + timedelta(microseconds=90), category=EventCategory.EXECUTION, message="SOL-1 opened")
    later = event.model_copy(update={"at": NOW + timedelta(minutes=5)})
    told.note(Noted("alpha", NOW, EventCategory.EXECUTION, "SOL-1 opened"))
    told.take((event,))
    told.take((event, later))
    told.take((event, later, later.model_copy(update={"message": "SOL-1 closed"})))
    assert [one.text for one in told.newest_first()] == ["SOL-1 closed", "SOL-1 opened", "SOL-1 opened"]


def test_a_payment_is_counted_down_to_and_then_due() -> None:
    spans = (90_000, 3_753, 2_013, 9, 0, -5)
    said = [countdown(NOW + timedelta(seconds=seconds), NOW) for seconds in spans]
    assert said == ["1 d 01 h", "1:02:33", "33:33", "00:09", "due", "due"]


def test_since_when_a_bot_is_away_is_kept_until_it_is_back() -> None:
    clock = Clock()
    why: list[str | None] = [None]
    link = Link(lambda: why[-1], clock)
    assert link() is None
    why.append("Alpha does not answer.")
    assert link() == Away(NOW, "Alpha does not answer.")
    clock.move(60)
    why.append("The token is not the one.")
    assert link() == Away(NOW, "The token is not the one.")
    why.append(None)
    assert link() is None
