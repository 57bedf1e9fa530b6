"""Many that waited, in one: nothing is dropped, and what stands for what is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from alerts.severity import Severity
from chatops.delivery.folding import BY_THEMSELVES, fold, standing_for
from chatops.ids import uuid7
from chatops.messages import Key, Message, Posting
from chatops.owed import Kind, Owed
from chatops.room import Room
from chatops.storage.deliveries import Claimed

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OPS = Room("telegram", "-100")


def alert(title: str, minute: int = 0, *, card: str | None = None, ends: bool = False, room: Room = OPS) -> Owed:
    posting = Posting(Message(title), ((Key("Ack", "t" * 22),),))
    at = NOON + timedelta(minutes=minute)
    return Owed(uuid7(), room, posting, at, kind=Kind.ALERT, severity=Severity.WARNING, card=card, ends=ends)


def alerts(count: int) -> list[Owed]:
    return [alert(f"HF {number}", number) for number in range(count)]


def claimed_of(owed: Owed, *, repeat: bool = False, reply_to: str | None = None) -> Claimed:
    return Claimed(owed, attempts=1, repeat=repeat, reply_to=reply_to, behind=0)


def test_a_few_that_wait_go_by_themselves() -> None:
    first, *behind = alerts(BY_THEMSELVES)
    assert fold(first, behind, uuid4(), NOON) is None


def test_more_become_a_list_that_says_when_each_was_and_keeps_their_buttons() -> None:
    first, *behind = alerts(BY_THEMSELVES + 2)
    folded = fold(first, behind, uuid4(), NOON)
    assert folded is not None
    message = folded.into.posting.message
    assert message.title == "12 warnings in one, 12:00 UTC to 12:11 UTC"
    assert "1. 12:00 HF 0\n2. 12:01 HF 1\n" in message.text
    assert folded.of == tuple(one.id for one in (first, *behind))
    assert folded.into.posting.keys[-1] == (Key("12: Ack", "t" * 22),)
    assert folded.into.room == OPS


def test_a_list_is_told_in_the_time_of_the_room() -> None:
    first, *behind = alerts(BY_THEMSELVES + 2)
    folded = fold(first, behind, uuid4(), NOON.astimezone(ZoneInfo("Asia/Tokyo")))
    assert folded is not None
    message = folded.into.posting.message
    assert message.title == "12 warnings in one, 21:00 JST to 21:11 JST"
    assert "1. 21:00 HF 0\n2. 21:01 HF 1\n" in message.text


def test_a_list_keeps_the_buttons_of_the_newest() -> None:
    first, *behind = alerts(BY_THEMSELVES + 20)
    folded = fold(first, behind, uuid4(), NOON)
    assert folded is not None
    assert [row[0].label for row in folded.into.posting.keys] == [f"{number}: Ack" for number in range(23, 31)]


def test_what_stands_for_a_possible_repeat_is_one() -> None:
    first, newest, other = alert("HF 0.14", card="a"), alert("HF 0.11", 2, card="a"), alert("MF 0.07", 1, card="b")
    folded = fold(first, [other, newest], uuid4(), NOON)
    assert folded is not None
    claimed = [claimed_of(first), claimed_of(other), claimed_of(newest)]
    assert not standing_for(folded, claimed).repeat
    assert standing_for(folded, [claimed_of(first, repeat=True), *claimed[1:]]).repeat
    # It goes on its own.
    assert not standing_for(folded, [claimed[0], claimed_of(other, repeat=True), claimed[2]]).repeat


def test_what_stands_for_others_hangs_where_it_says_and_a_list_nowhere() -> None:
    first, *behind = [replace(one, hangs_on="position") for one in alerts(BY_THEMSELVES + 2)]
    listed = fold(first, behind, uuid4(), NOON)
    assert listed is not None
    assert standing_for(listed, [claimed_of(one, reply_to="7") for one in (first, *behind)]).reply_to is None
    newest = replace(alert("HF 0.11", 2, card="a"), hangs_on="position")
    folded = fold(alert("HF 0.14", card="a"), [newest], uuid4(), NOON)
    assert folded is not None
    assert standing_for(folded, [claimed_of(newest, reply_to="7")]).reply_to == "7"


def test_as_many_as_the_limits_let_go_now_are_not_folded() -> None:
    first, *behind = alerts(30)
    assert fold(first, behind, uuid4(), NOON, at_once=30) is None


def test_of_one_alert_the_newest_state_stands_for_the_older_ones() -> None:
    first, other, newest = alert("HF 0.14", 0, card="a"), alert("MF 0.07", 1, card="b"), alert("HF 0.11", 2, card="a")
    folded = fold(first, [other, newest], uuid4(), NOON)
    assert folded is not None
    assert folded.of == (first.id, newest.id)
    assert folded.into.posting.message.text == "HF 0.11\n\nStands for 1 earlier one: 12:00 UTC."
    assert folded.into.card == "a"


def test_what_ended_meanwhile_says_when_it_fired_and_when_it_was_over() -> None:
    first, end = alert("HF 0.14", 1, card="a"), alert("HF 0.31, resolved", 6, card="a", ends=True)
    folded = fold(first, [end], uuid4(), NOON)
    assert folded is not None
    assert folded.into.posting.message.text == "HF 0.31, resolved\n\nFired 12:01 UTC, over 12:06 UTC."


def test_another_topic_of_the_chat_is_another_room() -> None:
    first, *behind = alerts(BY_THEMSELVES)
    elsewhere = [replace(one, room=Room("telegram", "-100", "7"), id=uuid7()) for one in behind]
    assert fold(first, [*behind, *elsewhere], uuid4(), NOON) is None


def test_what_is_too_long_for_a_message_is_in_a_file_whole() -> None:
    first, *behind = [alert(f"{number} " + "x" * 100, number) for number in range(100)]
    folded = fold(first, behind, uuid4(), NOON)
    assert folded is not None
    message = folded.into.posting.message
    assert message.attachment is not None
    content = message.attachment.content.decode()
    assert all(one.posting.message.text in content for one in (first, *behind))
    assert len(message.text) < 900
    assert "more, all of them whole in the file." in message.text


@given(st.lists(st.tuples(st.sampled_from("abc-"), st.booleans()), min_size=1, max_size=40), st.integers(1, 20))
def test_nothing_is_dropped_and_nothing_stands_for_what_does_not_wait(
    told: list[tuple[str, bool]], at_once: int
) -> None:
    first, *behind = [
        alert(f"{number}", number, card=None if card == "-" else card, ends=ends)
        for number, (card, ends) in enumerate(told)
    ]
    folded = fold(first, behind, uuid4(), NOON, at_once=at_once)
    if folded is None:
        return
    ids = [one.id for one in (first, *behind)]
    assert folded.of[0] == first.id
    assert set(folded.of) <= set(ids)
    assert folded.into.id not in ids
    # In their order.
    assert list(folded.of) == [one for one in ids if one in set(folded.of)]


def of_alert(title: str, minute: int = 0, *, part: str = "", **more: Any) -> Owed:
    """A message of alert `a`: its card, or with a `part` another one of it."""
    return replace(alert(title, minute, card=f"alert:a{part and '#' + part}"), **more)


def silent(owed: Owed) -> Owed:
    return replace(owed, posting=replace(owed.posting, message=replace(owed.posting.message, silent=True)))


def test_the_pings_of_one_alert_that_wait_are_one() -> None:
    card, *pings = of_alert("HF 0.14"), of_alert("HF 0.13", 1, part="1"), of_alert("HF 0.12", 2, part="2")
    folded = fold(card, pings, uuid4(), NOON)
    assert folded is not None
    assert folded.into.posting.message.text == "HF 0.12\n\nStands for 2 earlier ones: 12:00 UTC, 12:01 UTC."
    assert len(folded.of) == 3


def test_a_ping_that_stands_for_the_card_itself_shows_it_from_here_on() -> None:
    card = of_alert("HF 0.14", in_place=True)
    ping = of_alert("HF 0.13", 1, part="1", hangs_on="alert:a")
    folded = fold(card, [ping], uuid4(), NOON)
    assert folded is not None
    assert (folded.into.card, folded.into.in_place, folded.into.hangs_on) == ("alert:a", True, None)
    later = fold(ping, [of_alert("HF 0.12", 2, part="2", hangs_on="alert:a")], uuid4(), NOON)
    assert later is not None
    assert (later.into.card, later.into.in_place, later.into.hangs_on) == ("alert:a#2", False, "alert:a")


def test_a_ping_that_waits_while_somebody_takes_it_in_hand_makes_no_sound() -> None:
    ping = of_alert("HF 0.13", 1, part="1", hangs_on="alert:a")
    taken = silent(of_alert("HF 0.13, ada has it", 2, in_place=True, replaces="7"))
    folded = fold(ping, [taken], uuid4(), NOON)
    assert folded is not None
    assert folded.of == (ping.id, taken.id)
    # The card that is shown is changed, and nothing is new.
    assert folded.into.edits
    assert folded.into.posting.message == taken.posting.message


def test_a_card_that_is_only_brought_up_to_date_swallows_no_ping() -> None:
    ping = of_alert("HF 0.13", 1, part="1", hangs_on="alert:a")
    figures = of_alert("HF 0.129", 2, in_place=True, replaces="7")
    bare = of_alert("HF 0.13", 1, in_place=True, only_changes=True, replaces="7")
    assert fold(ping, [bare, figures], uuid4(), NOON) is None
    assert fold(figures, [ping], uuid4(), NOON) is None
    assert fold(bare, [ping], uuid4(), NOON) is None


def test_what_came_in_another_lane_before_it_is_told_with_it() -> None:
    warning = of_alert("HF 0.19")
    worse = of_alert("HF 0.14", 1, part="1", severity=Severity.CRITICAL)
    folded = fold(worse, [warning], uuid4(), NOON)
    assert folded is not None
    assert (folded.into.severity, folded.of) == (Severity.CRITICAL, (warning.id, worse.id))


def test_what_fired_and_was_over_while_nothing_went_out_is_one_message() -> None:
    card = of_alert("HF 0.14", 1)
    changed = of_alert("RESOLVED", 6, in_place=True, ends=True, only_changes=True)
    over = of_alert("RESOLVED after 5 min", 6, part="over", ends=True, hangs_on="alert:a")
    folded = fold(card, [over, changed], uuid4(), NOON)
    assert folded is not None
    assert folded.into.posting.message.text == "RESOLVED after 5 min\n\nFired 12:01 UTC, over 12:06 UTC."


def test_a_list_of_alerts_names_their_numbers_and_leaves_cards_that_are_shown_alone() -> None:
    many = [alert(f"🔴 CRITICAL SOL-{n}/bybit HF 0.14 · #{n}", card=f"alert:{n}") for n in (*range(3, 18), 19)]
    edit = replace(alert("HF 0.2 · #1", card="alert:1"), in_place=True, replaces="7")
    folded = fold(many[0], [*many[1:], edit], uuid4(), NOON)
    assert folded is not None
    message = folded.into.posting.message
    assert message.title == "16 warnings in one, of 12:00 UTC"
    assert "Alerts #3–#17, #19.\n1. 12:00 🔴 CRITICAL SOL-3/bybit HF 0.14 · #3\n" in message.text
    assert edit.id not in folded.of


def test_a_list_sounds_only_for_what_still_needs_somebody() -> None:
    many = [silent(one) for one in alerts(BY_THEMSELVES + 2)]
    listed = fold(many[0], many[1:], uuid4(), NOON)
    assert listed is not None
    assert listed.into.posting.message.silent
    loud = fold(many[0], [*many[1:], alert("HF 0.1", 20)], uuid4(), NOON)
    assert loud is not None
    assert not loud.into.posting.message.silent
