from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.telegram.inbound import Me, Nothing, Unreadable, query_id, read
from chatops.messages import Press, Text
from chatops.people import Identity
from chatops.room import Room

ME = Me(123456, "deck_bot")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA = {"id": 111, "is_bot": False, "first_name": "Ada", "username": "admin"}
PRIVATE = {"id": 111, "type": "private", "first_name": "Ada"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Ops", "is_forum": True}


def message(text: Any = "/status", **others: Any) -> dict[str, Any]:
    body = {"message_id": 5, "date": int(NOW.timestamp()), "chat": PRIVATE, "from": ADA, "text": text, **others}
    return {"update_id": 1, "message": {name: value for name, value in body.items() if value is not None}}


def press(**others: Any) -> dict[str, Any]:
    shown = {"message_id": 9, "date": 1, "chat": PRIVATE, "text": "Really?"}
    query = {"id": "42", "from": ADA, "chat_instance": "1", "message": shown, "data": "token", **others}
    return {"update_id": 1, "callback_query": {name: value for name, value in query.items() if value is not None}}


def said_in_group(text: str, **others: Any) -> Text | Press | Nothing:
    return read(message(text, chat=GROUP, **others), ME, None)


def text_of(heard: Text | Press | Nothing) -> str | None:
    return heard.text if isinstance(heard, Text) else None


def test_a_text_in_private_is_an_ask() -> None:
    assert read(message("how are you"), ME, None) == Text(
        Identity("telegram", "111"), Room("telegram", "111"), "how are you", NOW
    )


def test_a_press_has_its_token_its_message_and_the_time_that_is_known() -> None:
    asked = Press(Identity("telegram", "111"), Room("telegram", "111"), "token", "9", NOW)
    assert read(press(), ME, NOW) == asked


def test_a_press_on_a_message_too_old_to_be_shown_is_an_ask() -> None:
    heard = read(press(message={"message_id": 9, "date": 0, "chat": PRIVATE}), ME, None)
    assert heard == Press(Identity("telegram", "111"), Room("telegram", "111"), "token", "9", None)


def test_a_topic_is_a_room_and_a_chain_of_replies_is_none() -> None:
    in_topic = said_in_group("/status", message_thread_id=7, is_topic_message=True)
    in_chain = said_in_group("/status", message_thread_id=7)
    assert isinstance(in_topic, Text)
    assert in_topic.room == Room("telegram", "-1001234567890", "7")
    assert isinstance(in_chain, Text)
    assert in_chain.room == Room("telegram", "-1001234567890")


def test_the_topic_general_is_the_forum_itself() -> None:
    in_general = said_in_group("/status")
    assert isinstance(in_general, Text)
    assert in_general.room == Room("telegram", "-1001234567890")
    pressed = read(press(message={"message_id": 9, "date": 1, "chat": GROUP, "message_thread_id": 3}), ME, NOW)
    assert isinstance(pressed, Press)
    assert pressed.room == in_general.room


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}}, "said by an anonymous admin"),
        ({"from": {"id": 1087968824, "is_bot": False, "first_name": "Group"}}, "said by an anonymous admin"),
        ({"from": {"id": 136817688, "is_bot": True, "first_name": "Channel"}}, "said by a channel"),
        ({"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}}, "said by Telegram itself"),
        ({"from": {"id": 5, "is_bot": True, "first_name": "Other"}}, "said by a bot"),
        ({"from": {"id": 5, "first_name": "Unknown kind"}}, "said by a bot"),
        ({"from": None}, "said by nobody"),
        ({"sender_chat": GROUP}, "said as a chat"),
        ({"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"}}, "forwarded"),
        ({"forward_date": 1}, "forwarded"),
        ({"via_bot": {"id": 5, "is_bot": True, "first_name": "Inline"}}, "said by way of a bot"),
        ({"is_automatic_forward": True}, "forwarded"),
        ({"guest_query_id": "1"}, "said by way of a bot"),
        ({"guest_bot_caller_user": ADA}, "said by way of a bot"),
        ({"business_connection_id": "1"}, "said in a chat that is not ours"),
        ({"sender_business_bot": {"id": 5, "is_bot": True, "first_name": "Shop"}}, "said in a chat that is not ours"),
        ({"direct_messages_topic": {"topic_id": 1}}, "said in a chat that is not ours"),
        ({"is_from_offline": True}, "sent by itself"),
        ({"edit_date": 1}, "edited"),
        ({"from": None, "migrate_to_chat_id": -1007}, "word that the group became a supergroup"),
        ({"sender_chat": GROUP, "migrate_from_chat_id": -7}, "word that the group became a supergroup"),
        ({"text": None, "photo": []}, "no text"),
        ({"chat": {"id": -1002, "type": "channel"}}, "a chat of type channel"),
    ],
)
def test_who_is_no_person_asks_nothing(others: dict[str, Any], reason: str) -> None:
    assert read(message(**others), ME, None) == Nothing(reason)


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post", "my_chat_member", "poll"])
def test_other_updates_ask_nothing(kind: str) -> None:
    update = {"update_id": 1, kind: message()["message"]}
    assert read(update, ME, None) == Nothing(f"of the kind {kind}")


@pytest.mark.parametrize(
    "others", [{"data": None, "game_short_name": "x"}, {"message": None, "inline_message_id": "x"}]
)
def test_a_press_on_what_is_not_ours_asks_nothing(others: dict[str, Any]) -> None:
    assert read(press(**others), ME, None) == Nothing("a press on nothing of ours")


def test_a_press_in_a_chat_that_is_not_ours_asks_nothing() -> None:
    shown = {"message_id": 9, "date": 1, "chat": PRIVATE, "business_connection_id": "1"}
    assert read(press(message=shown), ME, NOW) == Nothing("a press in a chat that is not ours")
    bot = {**ADA, "is_bot": True}
    assert read(press(**{"from": bot}), ME, NOW) == Nothing("said by a bot")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/status", "/status"),
        ("/status@deck_bot now", "/status@deck_bot now"),
        ("/status@DECK_BOT", "/status@DECK_BOT"),
        ("/status@other_bot", None),
        ("/status@deck_bot2", None),
        ("status", None),
        ("good morning", None),
        ("@deck_bot status", "status"),
        ("status, @Deck_Bot", "status,"),
        ("@deck_bot2 status", None),
        ("me@deck_bot status", None),
    ],
)
def test_in_a_group_only_what_is_said_to_us_is_heard(text: str, heard: str | None) -> None:
    assert text_of(said_in_group(text)) == heard


def test_a_reply_to_us_is_said_to_us() -> None:
    ours = {"message_id": 4, "date": 1, "chat": GROUP, "from": {"id": ME.id, "is_bot": True, "first_name": "Deck"}}
    theirs = {**ours, "from": ADA}
    opened_by_us = {**ours, "forum_topic_created": {"name": "ops", "icon_color": 1}}
    assert text_of(said_in_group("close it", reply_to_message=ours)) == "close it"
    assert text_of(said_in_group("close it", reply_to_message=theirs)) is None
    assert text_of(said_in_group("close it", reply_to_message=opened_by_us)) is None


def test_a_name_that_we_do_not_know_yet_may_be_ours() -> None:
    assert text_of(read(message("/status@deck_bot", chat=GROUP), Me(ME.id), None)) == "/status@deck_bot"


def test_characters_that_nobody_can_store_are_replaced() -> None:
    heard = read(message("a\x00b\ud83d"), ME, None)
    assert text_of(heard) == "a�b�"


@pytest.mark.parametrize(
    "update",
    [
        {"message": 7},
        {"message": None},
        message("/status", **{"from": "Ada"}),
        message("/status", **{"from": {"id": "111", "is_bot": False}}),
        message("/status", **{"from": {"id": True, "is_bot": False}}),
        message(text=5),
        message(date="yesterday"),
        message(date=10**18),
        message(chat={"type": "private"}),
        message(chat=[]),
        message(message_thread_id="7", is_topic_message=True),
        press(data=7),
        press(message={"chat": PRIVATE}),
        press(**{"from": None}),
    ],
)
def test_what_has_another_form_is_unreadable(update: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(update, ME, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SPOILED = st.tuples(
    st.sampled_from(["message_id", "date", "chat", "from", "text", "message_thread_id", "reply_to_message", "via_bot"]),
    JSON,
)


@given(SPOILED, st.booleans())
def test_no_message_however_spoiled_breaks_the_reader(spoiled: tuple[str, Any], in_topic: bool) -> None:
    name, value = spoiled
    update = message(**{"chat": GROUP, "is_topic_message": in_topic, name: value})
    try:
        heard = read(update, ME, None)
    except Unreadable:
        return
    assert isinstance(heard, Text | Nothing)


@given(st.dictionaries(st.sampled_from(["id", "from", "message", "data", "chat_instance"]), JSON))
def test_no_press_however_spoiled_breaks_the_reader(query: dict[str, Any]) -> None:
    update = {"update_id": 1, "callback_query": query}
    query_id(update)
    try:
        heard = read(update, ME, None)
    except Unreadable:
        return
    assert isinstance(heard, Press | Nothing)


@given(st.text(st.characters(codec=None, categories=None), max_size=80))
def test_any_text_is_heard_so_that_it_can_be_kept(text: str) -> None:
    heard = text_of(read(message(text), ME, None))
    assert heard is not None
    heard.encode()
    assert "\x00" not in heard


def test_a_reply_says_which_message_of_ours_it_answers() -> None:
    ours = {"message_id": 9, "from": {"id": ME.id, "is_bot": True, "first_name": "Deck"}}
    for heard in (read(message("24", reply_to_message=ours), ME, None), said_in_group("24", reply_to_message=ours)):
        assert isinstance(heard, Text)
        assert (heard.text, heard.reply_to) == ("24", "9")


def test_a_reply_to_somebody_else_answers_nothing_of_ours() -> None:
    theirs = {"message_id": 9, "from": ADA}
    opened = {"message_id": 7, "from": {"id": ME.id, "is_bot": True}, "forum_topic_created": {}}
    broken = {"message_id": "9", "from": {"id": ME.id, "is_bot": True}}
    for answered in (theirs, opened, broken):
        heard = read(message("24", reply_to_message=answered), ME, None)
        assert isinstance(heard, Text)
        assert heard.reply_to is None
