"""Which bots there are and how they are, and how the desk itself is."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration import PauseState
from chatops.asks import Bots, Status
from chatops.condition import Condition, Stored
from chatops.link import Away, Connected
from chatops.owed import State
from chatops.restraints import KILL_SWITCH, Wish
from chatops.room import Room
from chatops.views.bots import Seen, bots
from chatops.views.pinned import pinned_status, signature
from chatops.views.status import status
from chatops.views.system import system
from tests.chatops.views.facts import MOMENTS, NAMES, NOW, SNAPSHOTS, TEXTS, alpha
from tests.chatops.views.readable import assert_readable
from tests.chatops.views.test_any_facts import wild
from tests.chatops.views.test_watching import session

SINCE = NOW - timedelta(minutes=3)
HELD = alpha(session=session(pause=PauseState(paused=True, scopes=("entry",))))


def wish(what: str = "entry", bot: str = "alpha", by: str = "ada") -> Wish:
    return Wish(bot, what, by, NOW - timedelta(minutes=5), uuid4(), Room("memory", "ops"))


def test_a_bot_says_where_it_runs_since_when_and_how_old_its_facts_are() -> None:
    message = bots([Seen("alpha", alpha())], NOW, SINCE, Bots())
    assert message.text == (
        "alpha is well\n\nalpha\n\nState live · monitoring · ok\nRuns  near, since 05-01 08:00 UTC\nFacts 2 s old"
    )
    assert [[button.label for button in row] for row in message.buttons] == [["Refresh", "Status", "Positions"]]


def test_one_that_is_away_and_one_that_was_never_heard_are_facts() -> None:
    old = alpha(at=NOW - timedelta(hours=2))
    seen = [
        Seen("alpha", old, is_far=True, away="alpha does not answer."),
        Seen("beta", None, is_far=True, away="beta does not take our token."),
    ]
    message = bots(seen, NOW, SINCE, Bots())
    assert message.title == "⚠ alpha is STALE: last heard 2 h ago; beta has said nothing yet"
    assert "Runs  far, since" in message.text
    assert "Facts STALE, 2 h old\n\nalpha does not answer." in message.text
    assert (
        "State nothing heard yet\nRuns  far\nFacts none, for 3 min now\n\nbeta does not take our token." in message.text
    )


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("entry", "⚠ Asked to pause entry by ada 11:55 UTC, not in force"),
        ("all", "⚠ Asked to pause by ada 11:55 UTC, not in force"),
        (KILL_SWITCH, "⚠ Asked to turn the kill switch on by ada 11:55 UTC, not in force"),
    ],
)
def test_what_people_asked_for_and_is_not_in_force_stands_on_every_card(what: str, line: str) -> None:
    wanted = (wish(what),)
    known, wishes = [("alpha", alpha())], {"alpha": wanted}
    for message in (
        status(known, NOW, Status(), wishes=wishes),
        pinned_status(known, NOW, wishes),
        bots([Seen("alpha", alpha(), wishes=wanted)], NOW, SINCE, Bots()),
    ):
        assert message.title == "⚠ alpha is NOT held back as asked"
        assert line in message.text


def test_what_is_in_force_says_who_asked_and_a_pinned_card_is_edited_for_each_change() -> None:
    known, wishes = [("alpha", HELD)], {"alpha": (wish(),)}
    assert "Pause of entry: as ada asked 11:55 UTC" in pinned_status(known, NOW, wishes).text
    assert "Pause entry" in bots([Seen("alpha", HELD, wishes=(wish(),))], NOW, SINCE, Bots()).text
    gone = [("alpha", alpha())]
    assert len({signature(known, NOW), signature(known, NOW, wishes), signature(gone, NOW, wishes)}) == 3


def test_a_bot_that_was_never_heard_shows_what_is_asked_of_it() -> None:
    assert "Asked to pause entry by ada" in bots([Seen("beta", None, wishes=(wish(),))], NOW, SINCE, Bots()).text


SEEN = st.builds(
    Seen,
    NAMES,
    st.none() | SNAPSHOTS,
    st.booleans(),
    st.none() | TEXTS,
    st.tuples(st.builds(wish, NAMES, NAMES, NAMES)),
)


@settings(wild, max_examples=25)
@given(st.lists(SEEN, max_size=2), MOMENTS)
def test_any_bots_can_be_read_on_a_phone(seen: list[Seen], now: datetime) -> None:
    assert_readable(bots(seen, now, SINCE, Bots()))


WELL = Condition(
    name="main",
    version="1.2.3",
    up=timedelta(days=3, hours=4),
    embedded=True,
    stored=Stored(
        took=timedelta(milliseconds=1.2), ahead=timedelta(0), owed={}, oldest=timedelta(0), in_time=True, lost=0
    ),
    aside=0,
    links={"telegram": Connected(NOW - timedelta(hours=3))},
    heard=20,
    bots=20,
    memory=84 * 1024 * 1024,
)


def test_a_desk_that_is_well_says_so_and_what_it_is() -> None:
    assert system(WELL, NOW).text == (
        "The desk main is well\n\n"
        "Version  1.2.3\n"
        "Up       3 d 4 h\n"
        "Database embedded, answers in 1 ms\n"
        "Owed     nothing\n"
        "telegram connected for 3 h\n"
        "Bots     20 of 20 heard\n"
        "Memory   84 MiB"
    )


def test_a_platform_that_answers_may_need_a_look_all_the_same() -> None:
    message = system(
        replace(WELL, links={"slack": Connected(NOW - timedelta(hours=3), "another program listens")}), NOW
    )
    assert message.title == "⚠ slack needs a look"
    assert message.text.endswith("\n\nslack: another program listens")
    assert "slack    connected for 3 h" in message.text


def test_a_desk_that_is_not_well_says_what_is_wrong_first() -> None:
    stored = Stored(
        took=timedelta(milliseconds=40),
        ahead=timedelta(seconds=-4),
        owed={State.PENDING: 7, State.SENDING: 1},
        oldest=timedelta(minutes=20),
        in_time=False,
        lost=2,
    )
    ill = replace(
        WELL,
        stored=stored,
        embedded=False,
        aside=3,
        heard=17,
        links={"telegram": Away(NOW - timedelta(minutes=20), "Telegram does not answer.")},
        memory=None,
    )
    message = system(ill, NOW)
    assert message.title == (
        "⚠ telegram is away; 3 of 20 bots not heard; messages do not go out in time; "
        "the clock is 4 s behind the database"
    )
    assert message.text.endswith(
        "Database own server, answers in 40 ms\n"
        "Clock    4 s behind the database\n"
        "Owed     7 pending, 1 sending\n"
        "Oldest   20 min\n"
        "Lost     2 urgent, lately\n"
        "On disk  3 records of asks\n"
        "telegram AWAY for 20 min\n"
        "Bots     17 of 20 heard\n\n"
        "telegram: Telegram does not answer."
    )
    assert_readable(message)


def test_a_database_that_does_not_answer_is_told_with_what_to_do() -> None:
    message = system(replace(WELL, stored="PostgreSQL does not answer. Look whether it runs."), NOW)
    assert message.title == "⚠ the database does not answer"
    assert "Database embedded, no answer\n" in message.text
    assert message.text.endswith("\n\nPostgreSQL does not answer. Look whether it runs.")
