"""What an update of Slack's asks of us, by what is kept of it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.slack.bare import bare, key_of, storable
from chatops.adapters.slack.inbound import Me, Nothing, Unreadable, Update, names, read
from chatops.adapters.slack.suggestions import sought
from chatops.messages import Filled, Incoming, Press, Text
from chatops.people import Identity
from chatops.room import Room
from tests.chatops.adapters.slack.bodies import SENT_AT, TOKEN, US, action, command, event, mention, submission

CAME = 1777896001.0
SENT = datetime.fromtimestamp(float(SENT_AT), UTC)
ADA = Identity("slack", "T0HOME/U1")


def read_of(kind: str, body: Update) -> Incoming | Nothing:
    return read(bare(kind, body, CAME), US)


def test_what_is_said_by_themselves_is_in_the_room_where_they_are_found() -> None:
    assert read_of("event", event()) == Text(ADA, Room("slack", "U1"), "status", SENT)


def test_a_mention_is_read_without_our_name() -> None:
    assert read_of("event", mention("<@U0DECK> close SOL")) == Text(ADA, Room("slack", "C1"), "close SOL", SENT)


def test_a_slash_command_is_of_the_moment_at_which_it_came() -> None:
    came = datetime.fromtimestamp(CAME, UTC)
    assert read_of("command", command()) == Text(ADA, Room("slack", "C1"), "status", came)


def test_the_slash_command_alone_asks_what_there_is() -> None:
    asked = read_of("command", command("  "))
    assert isinstance(asked, Text)
    assert asked.text == "help"


def test_a_press_has_the_value_the_message_and_its_moment() -> None:
    opens = Room("slack", "C1", "5.000001")
    pressed = Press(ADA, Room("slack", "C1"), TOKEN, "5.000001", SENT, thread=opens)
    assert read_of("action", action()) == pressed
    assert pressed.place == Room("slack", "C1")


def test_a_press_in_a_thread_stands_there_and_by_themselves_there_are_none() -> None:
    in_thread = {"ts": "5.000001", "thread_ts": "4.000001"}
    pressed = read_of("action", action(message=in_thread))
    assert isinstance(pressed, Press)
    assert (pressed.room, pressed.place) == (Room("slack", "C1"), Room("slack", "C1", "4.000001"))
    directly = read_of("action", action(message=in_thread, channel={"id": "D1"}))
    assert isinstance(directly, Press)
    assert (directly.place, directly.thread) == (Room("slack", "U1"), None)


def test_a_press_on_what_they_alone_see_says_so_and_opens_no_thread() -> None:
    container = {"type": "message", "message_ts": "5.000001", "channel_id": "C1", "is_ephemeral": True}
    body = {name: value for name, value in action(container=container).items() if name != "message"}
    pressed = read_of("action", body)
    assert isinstance(pressed, Press)
    assert (pressed.alone, pressed.place, pressed.thread) == (True, Room("slack", "C1"), None)
    below = read_of("action", {**body, "container": {**container, "thread_ts": "4.000001"}})
    assert isinstance(below, Press)
    assert (below.alone, below.place) == (True, Room("slack", "C1", "4.000001"))


def test_a_choice_from_a_menu_is_a_press() -> None:
    chosen = {"type": "overflow", "selected_option": {"value": TOKEN}, "action_ts": SENT_AT}
    pressed = read_of("action", action(actions=[chosen]))
    assert isinstance(pressed, Press)
    assert pressed.token == TOKEN


def test_a_reply_in_a_thread_answers_its_first_message() -> None:
    said = read_of("event", event("50", thread_ts="5.000001"))
    assert isinstance(said, Text)
    assert (said.reply_to, said.room) == ("5.000001", Room("slack", "U1"))
    there = read_of("event", mention("<@U0DECK> 50", thread_ts="5.000001"))
    assert isinstance(there, Text)
    assert (there.reply_to, there.room) == ("5.000001", Room("slack", "C1", "5.000001"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("close SOL &amp; ETH", "close SOL & ETH"),
        ("set url <https://a.example/x|a.example/x>", "set url a.example/x"),
        ("set url <https://a.example/x>", "set url https://a.example/x"),
        ("  status \n", "status"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
    ],
)
def test_text_is_read_as_it_was_typed(typed: str, meant: str) -> None:
    said = read_of("event", event(typed))
    assert isinstance(said, Text)
    assert said.text == meant


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (event(bot_id="B1"), "said by a bot"),
        (event(subtype="bot_message", user=None), "said by a bot"),
        (event(user="USLACKBOT"), "said by a bot"),
        (event(user="U0DECK"), "said by a bot"),
        (mention(edited={"ts": "6.0", "user": "U1"}), "edited"),
        (event(subtype="message_changed"), "edited"),
        (event(subtype="message_deleted"), "a message of the kind message_deleted"),
        (event(subtype="file_share"), "a message of the kind file_share"),
        (event(user=None), "said by nobody"),
        (event(channel="C1", channel_type="channel"), "not said to us"),
        (event(type="app_home_opened"), "an event of the kind app_home_opened"),
    ],
)
def test_who_asks_nothing_is_passed_over(body: Update, why: str) -> None:
    assert read_of("event", body) == Nothing(why)


def test_a_form_comes_back_as_what_was_filled_in_and_what_was_settled() -> None:
    came = datetime.fromtimestamp(CAME, UTC)
    filled = {"bot": "alpha", "position": "SOL-1"}
    assert read_of("view", submission({"position": "SOL-1"})) == Filled(ADA, Room("slack", "C1"), "close", filled, came)
    nobodys = {**submission({})["view"], "private_metadata": "desk-1"}
    assert read_of("view", submission({}, view=nobodys)) == Nothing("a form of nobody's")


def test_a_press_on_a_message_that_is_not_ours_asks_nothing() -> None:
    linked = {"type": "button", "action_id": "0", "url": "https://a.example", "action_ts": SENT_AT}
    assert read_of("action", action(actions=[linked])) == Nothing("a press on nothing of ours")


def test_somebody_of_another_workspace_is_somebody_else() -> None:
    said = read_of("event", mention(user_team="T0OTHER"))
    assert isinstance(said, Text)
    assert said.sender == Identity("slack", "T0OTHER/U1")
    assert names(said.sender, US) == (said.sender,)
    assert names(ADA, US) == (ADA, Identity("slack", "U1"))


def test_in_an_organization_it_stands_in_front() -> None:
    said = read_of("event", {**event(), "enterprise_id": "E0ORG"})
    assert isinstance(said, Text)
    assert said.sender == Identity("slack", "E0ORG/T0HOME/U1")
    ours, elsewhere = Me("U0DECK", "T0HOME", "E0ORG"), Me("U0DECK", "T0ELSE", "E0ORG")
    assert [name.id for name in names(said.sender, ours)] == ["E0ORG/T0HOME/U1", "T0HOME/U1", "U1"]
    assert [name.id for name in names(said.sender, elsewhere)] == ["E0ORG/T0HOME/U1", "T0HOME/U1"]


def test_of_another_workspace_of_the_organization_the_organization_may_stand_in_front_or_not() -> None:
    body = {**mention(user_team="T0OTHER"), "enterprise_id": "E0ORG"}
    said = read_of("event", body)
    assert isinstance(said, Text)
    assert [name.id for name in names(said.sender, Me("U0DECK", "T0HOME", "E0ORG"))] == [
        "T0OTHER/U1",
        "E0ORG/T0OTHER/U1",
    ]


@pytest.mark.parametrize(("told", "is_whose"), [("E0ORG", "E0ORG/T0HOME/W1"), ("E0AFAR", "E0AFAR/W1")])
def test_an_organization_in_the_place_of_a_workspace_is_ours_or_is_not(told: str, is_whose: str) -> None:
    said = read_of("event", {**mention(user_team=told, user="W1"), "enterprise_id": "E0ORG"})
    assert isinstance(said, Text)
    assert said.sender == Identity("slack", is_whose)


@pytest.mark.parametrize("body", [event(ts="soon"), event(channel=None), event(user="U1/U2")])
def test_what_is_not_of_the_form_cannot_be_read(body: Update) -> None:
    with pytest.raises(Unreadable):
        read_of("event", body)


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["event", "user", "team", "channel", "message", "actions", "text", "ts", "container", "user_id", "view", "value"]
)


@given(
    kind=st.sampled_from(["event", "command", "action", "view", "unreadable"]),
    body=st.dictionaries(NAMES, Json, max_size=6),
)
def test_whatever_comes_is_kept_and_read_or_passed_over(kind: str, body: dict[str, Any]) -> None:
    whole: Mapping[str, Update] = {"event": event(), "command": command(), "action": action(), "view": submission({})}
    for base in ({}, whole.get(kind, {})):
        kept = bare(kind, {**base, **body}, CAME)
        assert len(key_of(kind, {**base, **body})) <= 200
        with suppress(Unreadable):
            read(kept, US)
        with suppress(Unreadable):
            sought({**base, **body})


@pytest.mark.parametrize(
    ("kind", "body"), [("event", event()), ("command", command()), ("action", action()), ("view", submission({}))]
)
def test_nothing_that_opens_doors_is_kept(kind: str, body: Update) -> None:
    assert "CANARY" not in json.dumps(bare(kind, body, CAME))


def test_a_code_is_read_and_not_stored_but_for_one_that_lets_in() -> None:
    given = [bare("event", event("code 123456"), CAME), bare("command", command("code 123456"), CAME)]
    assert [json.dumps(one).count("123456") for one in given] == [1, 1]
    assert [json.dumps(storable(one)).count("123456") for one in given] == [0, 0]
    invited = mention("<@U0DECK> start 7K3M-9PQR-2XWZ")
    assert "7K3M-9PQR-2XWZ" in json.dumps(storable(bare("event", invited, CAME)))


def test_an_update_is_the_same_by_whichever_way_it_comes() -> None:
    assert key_of("event", event(event_id="Ev7")) == key_of("event", {**event(event_id="Ev7"), "token": "another"})
    assert key_of("event", event(event_id="Ev7")) != key_of("event", event(event_id="Ev8"))
    assert key_of("command", command()) != key_of("action", action())
    assert key_of("action", {"trigger_id": ""}).startswith("sha256:")
