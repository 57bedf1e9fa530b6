"""A button works for whom, where and when it is meant; what a client makes up is nobody's."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.asks import Cancel, Close, Positions, Status
from chatops.guard.presses import REPLIED, StoredPress, Verdict, could_be_ours, judge, place_of, seal
from chatops.messages import Button, Message, Press, Wanted, Whose
from chatops.people import Identity, Principal, Role
from chatops.room import Room

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = Room("telegram", "-100", "7")
ASK = uuid.UUID(int=1)
BOB, ADA = Principal("bob", Role.OPERATOR), Principal("ada", Role.ADMIN)

CONFIRM = StoredPress(
    token="t" * 22,
    ask=Close(position="SOL-1"),
    principal="bob",
    room=HERE,
    command_id=ASK,
    created_at=NOW,
    expires_at=NOW + MINUTE,
)

APPROVE = replace(CONFIRM, whose=Whose.ANOTHER)

ROOMS = st.builds(
    Room, st.sampled_from(["telegram", "slack"]), st.sampled_from(["-100", "-200"]), st.sampled_from(["", "7", "8"])
)
STORED = st.builds(
    StoredPress,
    token=st.just("t" * 22),
    ask=st.sampled_from([Close(position="SOL-1"), Cancel(), Status()]),
    principal=st.sampled_from([None, "ada", "bob"]),
    room=ROOMS,
    command_id=st.sampled_from([None, ASK]),
    created_at=st.just(NOW),
    expires_at=st.sampled_from([None, NOW, NOW + MINUTE]),
    used_by=st.none(),
    result=st.none(),
    open=st.booleans(),
    whose=st.sampled_from(Whose),
)
MOMENTS = st.integers(-5, 120).map(lambda seconds: NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("stored", "person", "room", "late_s", "verdict"),
    [
        (CONFIRM, BOB, HERE, 0, Verdict.GOOD),
        (CONFIRM, BOB, HERE, 60, Verdict.GOOD),
        (CONFIRM, BOB, HERE, 60.000001, Verdict.LATE),
        (CONFIRM, ADA, HERE, 0, Verdict.ANOTHERS),
        (replace(CONFIRM, principal=None), ADA, HERE, 0, Verdict.GOOD),
        (replace(CONFIRM, principal="BOB"), BOB, HERE, 0, Verdict.ANOTHERS),
        (replace(CONFIRM, open=False), BOB, HERE, 0, Verdict.SPENT),
        (replace(CONFIRM, open=False), BOB, HERE, 61, Verdict.SPENT),
        (replace(CONFIRM, expires_at=None), BOB, HERE, 10**8, Verdict.GOOD),
        (CONFIRM, BOB, replace(HERE, id="-200"), 0, Verdict.ELSEWHERE),
        (CONFIRM, BOB, replace(HERE, platform="slack"), 0, Verdict.ELSEWHERE),
        (CONFIRM, BOB, replace(HERE, topic="8"), 0, Verdict.ELSEWHERE),
        # Of an old message Telegram tells the chat and not the topic.
        (CONFIRM, BOB, replace(HERE, topic=""), 0, Verdict.GOOD),
        (replace(CONFIRM, room=replace(HERE, topic="")), BOB, HERE, 0, Verdict.ELSEWHERE),
        (None, ADA, HERE, 0, Verdict.FORGED),
        # A second person: anybody else, and never who asked, unless to withdraw it.
        (APPROVE, ADA, HERE, 0, Verdict.GOOD),
        (APPROVE, BOB, HERE, 0, Verdict.OWN),
        (replace(APPROVE, ask=Cancel()), BOB, HERE, 0, Verdict.GOOD),
        (replace(APPROVE, ask=Cancel()), ADA, HERE, 0, Verdict.GOOD),
        (APPROVE, ADA, replace(HERE, id="-200"), 0, Verdict.ELSEWHERE),
        (replace(APPROVE, open=False), ADA, HERE, 0, Verdict.SPENT),
        (APPROVE, ADA, HERE, 61, Verdict.LATE),
    ],
)
def test_a_press_is_worth_what_is_stored_of_it(
    stored: StoredPress | None, person: Principal, room: Room, late_s: float, verdict: Verdict
) -> None:
    assert judge(stored, person, room, NOW + timedelta(seconds=late_s)) is verdict


def is_theirs(stored: StoredPress, person: Principal) -> bool:
    asked = stored.principal in (None, person.name)
    another = stored.principal != person.name or isinstance(stored.ask, Cancel)
    return {Whose.ASKER: asked, Whose.ANOTHER: another}[stored.whose]


@given(STORED, st.sampled_from([BOB, ADA]), ROOMS, MOMENTS)
def test_only_the_right_person_in_the_right_chat_in_time_and_first_is_good(
    stored: StoredPress, person: Principal, room: Room, now: datetime
) -> None:
    is_good = judge(stored, person, room, now) is Verdict.GOOD
    assert is_good == (
        stored.open
        and is_theirs(stored, person)
        and (stored.room.platform, stored.room.id) == (room.platform, room.id)
        and room.topic in ("", stored.room.topic)
        and (stored.expires_at is None or now <= stored.expires_at)
    )


CHANNEL = Room("slack", "C1")
THREAD = replace(CHANNEL, topic="1.0")
NOT_THERE = replace(CHANNEL, id="C2", topic="1.0")


@pytest.mark.parametrize(
    ("room", "beside", "message", "thread", "place"),
    [
        (CHANNEL, False, "1.0", None, CHANNEL),
        # A card changes where it stands; what is said beside one stands in the thread that it opens.
        (CHANNEL, False, "1.0", THREAD, CHANNEL),
        (CHANNEL, True, "1.0", THREAD, THREAD),
        # A token of the channel, on what hangs in a thread of it.
        (CHANNEL, False, "2.0", THREAD, THREAD),
        (THREAD, False, "2.0", replace(THREAD, topic="3.0"), THREAD),
        (CHANNEL, True, "2.0", NOT_THERE, CHANNEL),
    ],
)
def test_a_press_is_answered_in_the_room_of_its_token_or_in_a_thread_of_that(
    room: Room, beside: bool, message: str, thread: Room | None, place: Room
) -> None:
    pressed = Press(Identity("slack", "U1"), CHANNEL, "t" * 22, message, NOW, thread=thread)
    assert place_of(replace(CONFIRM, room=room, beside=beside), pressed) == place


def question() -> Message:
    return Message(
        "Close SOL-1?",
        buttons=(
            (Button("Confirm", Close(position="SOL-1"), settles=ASK), Button("Cancel", Cancel(), settles=ASK)),
            (Button("Positions", Positions()),),
        ),
    )


def test_what_settles_is_the_askers_alone_and_for_a_minute() -> None:
    posting, (confirm, cancel, look) = seal(question(), HERE, "bob", NOW, MINUTE)
    assert [[key.label for key in row] for row in posting.keys] == [["Confirm", "Cancel"], ["Positions"]]
    assert [key.token for row in posting.keys for key in row] == [confirm.token, cancel.token, look.token]
    assert confirm == replace(CONFIRM, token=confirm.token)
    assert cancel == replace(CONFIRM, token=cancel.token, ask=Cancel())
    assert (look.principal, look.expires_at, look.command_id) == (None, None, None)
    assert posting.message.title == "Close SOL-1?"


def test_what_another_may_approve_lasts_longer_and_knows_who_asked_and_what_was_shown() -> None:
    shown = {"realized": "4.25"}
    approve = Button("Approve", Close(position="SOL-1"), settles=ASK, whose=Whose.ANOTHER, preview=shown)
    message = Message("Approve?", buttons=((approve,),))
    _, (press,) = seal(message, HERE, "bob", NOW, MINUTE, approvable=10 * MINUTE)
    assert (press.whose, press.principal, press.preview) == (Whose.ANOTHER, "bob", shown)
    assert press.expires_at == NOW + 10 * MINUTE


def test_nothing_settles_that_nobody_asked() -> None:
    with pytest.raises(ValueError, match="Confirm"):
        seal(question(), HERE, None, NOW, MINUTE)


def test_a_message_without_buttons_mints_nothing() -> None:
    posting, minted = seal(Message("Hello"), HERE, "bob", NOW, MINUTE)
    assert (posting.keys, minted) == ((), ())


def test_a_reply_that_is_wanted_is_the_askers_alone_and_for_ten_minutes() -> None:
    wanted = Message("How much?", wanted=Wanted(Close(position="SOL-1"), "percent"))
    posting, (row,) = seal(wanted, HERE, "bob", NOW, MINUTE, answers=ASK)
    assert (posting.keys, posting.wants) == ((), "percent")
    assert (row.ask, row.fills, row.principal, row.command_id) == (Close(position="SOL-1"), "percent", "bob", ASK)
    assert row.expires_at == NOW + REPLIED
    assert judge(row, BOB, HERE, NOW) is Verdict.GOOD
    assert judge(row, ADA, HERE, NOW) is Verdict.ANOTHERS
    assert judge(row, BOB, HERE, NOW + REPLIED + MINUTE) is Verdict.LATE
    with pytest.raises(ValueError, match="How much"):
        seal(wanted, HERE, None, NOW, MINUTE, answers=ASK)


def test_a_menu_stands_beside_buttons_and_waits_for_nobody() -> None:
    wanted = Wanted(Close(percent=50), "position")
    message = Message("Close which?", buttons=((Button("SOL-1", Close(position="SOL-1")),),), menu=wanted)
    posting, (button, row) = seal(message, HERE, "bob", NOW, MINUTE, answers=ASK)
    assert (posting.menu, posting.wants) == ("position", "")
    assert (row.ask, row.fills, row.principal, row.beside) == (Close(percent=50), "position", "bob", True)
    assert (button.fills, button.beside) == (None, False)
    assert judge(row, ADA, HERE, NOW) is Verdict.ANOTHERS
    for asker, answers in ((None, ASK), ("bob", None)):
        posting, minted = seal(message, HERE, asker, NOW, MINUTE, answers=answers)
        assert (posting.menu, len(minted)) == ("", 1)


def test_what_names_something_is_chosen_or_written_in_reply() -> None:
    named = Message("Which?", wanted=Wanted(Close(), "position"))
    posting, (row,) = seal(named, HERE, "bob", NOW, MINUTE, answers=ASK)
    assert (posting.menu, posting.wants, row.beside) == ("position", "position", False)
    posting, _ = seal(replace(named, wanted=Wanted(Close(), "percent")), HERE, "bob", NOW, MINUTE, answers=ASK)
    assert (posting.menu, posting.wants) == ("", "percent")


def test_a_button_that_opens_a_form_says_so_as_a_key() -> None:
    row = (Button("Close…", Close(position="SOL-1"), form=True), Button("Status", Status()))
    posting, _ = seal(Message("SOL-1", buttons=(row,)), HERE, None, NOW, MINUTE)
    assert [key.form for key in posting.keys[0]] == [True, False]


def test_tokens_are_opaque_short_and_never_the_same() -> None:
    tokens = [press.token for _ in range(300) for press in seal(question(), HERE, "bob", NOW, MINUTE)[1]]
    assert len(set(tokens)) == len(tokens) == 900
    assert all(could_be_ours(token) and len(token.encode()) <= 64 for token in tokens)
    # 128 bits each: every character of the alphabet comes, and none of the ask's own words can be told by place.
    assert len(set("".join(tokens))) == 64
    assert all(len({token[place] for token in tokens}) > 50 for place in range(21))


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_what_could_be_ours_is_plain_and_of_one_length(token: str) -> None:
    assert not could_be_ours(token) or (len(token) == len(token.encode()) == 22)


@pytest.mark.parametrize(
    "token", ["", "t" * 21, "t" * 23, "t" * 22 + "\n", "é" * 22, "\N{ARABIC-INDIC DIGIT ONE}" * 22, "t" * 21 + "="]
)
def test_what_cannot_be_ours_is_not_even_looked_up(token: str) -> None:
    assert not could_be_ours(token)
