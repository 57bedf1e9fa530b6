"""What is said of a message that does not come as it should have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from alerts.severity import Severity
from chatops.adapters.base import MARK_CHARACTERS
from chatops.delivery.aside import NO_BUTTONS
from chatops.delivery.folding import fold
from chatops.delivery.marks import marked
from chatops.ids import uuid7
from chatops.messages import Message, Posting
from chatops.owed import Kind, Owed
from chatops.room import Room

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOUR_LATER, NEXT_DAY = NOON + timedelta(hours=1), NOON + timedelta(days=1)
REPEAT = "Possible repeat: nobody knows whether this arrived. It is of 12:00 UTC."


def in_utc(room: Room) -> tzinfo:
    return UTC


def owed(title: str = "HF 0.14", replaces: str | None = None) -> Owed:
    posting = Posting(Message(title))
    room = Room("telegram", "-100", "7")
    return Owed(uuid7(), room, posting, NOON, kind=Kind.ALERT, severity=Severity.CRITICAL, replaces=replaces)


def test_what_goes_out_an_hour_late_says_so() -> None:
    late = marked(owed(), HOUR_LATER, in_utc, repeat=False)
    assert late.message.text == "HF 0.14\n\nLate: this is of 12:00 UTC."
    next_day = marked(owed(), NEXT_DAY, in_utc, repeat=False)
    assert next_day.message.text == "HF 0.14\n\nLate: this is of 2026-05-04 12:00 UTC."
    on_time = owed()
    assert marked(on_time, NOON + timedelta(seconds=59), in_utc, repeat=False) == on_time.posting


def test_it_is_told_in_the_time_of_the_room() -> None:
    late = marked(owed(), HOUR_LATER, {owed().room: ZoneInfo("Asia/Tokyo")}.__getitem__, repeat=False)
    assert late.message.text == "HF 0.14\n\nLate: this is of 21:00 JST."
    over_night = marked(owed(), HOUR_LATER + timedelta(hours=3), lambda room: ZoneInfo("Asia/Tokyo"), repeat=False)
    assert over_night.message.text == "HF 0.14\n\nLate: this is of 2026-05-04 21:00 JST."


def test_what_may_be_a_second_one_says_so() -> None:
    assert marked(owed(), NOON, in_utc, repeat=True).message.text == f"HF 0.14\n\n{REPEAT}"


def test_without_its_topic_it_says_where_it_belongs() -> None:
    out = marked(owed(), NOON, in_utc, repeat=False, topic_gone=True)
    assert out.message.text == "HF 0.14\n\nThe topic that this belongs in is closed or gone."


def test_an_edit_says_how_things_are() -> None:
    edit = owed(replaces="7")
    assert marked(edit, HOUR_LATER, in_utc, repeat=True) == edit.posting


def test_the_rest_of_a_long_message_is_late_and_out_of_place_where_it_begins() -> None:
    rest = owed(title="")
    assert marked(rest, HOUR_LATER, in_utc, repeat=False, topic_gone=True) == rest.posting


def test_a_part_that_may_be_there_twice_says_so_itself() -> None:
    """A bug: the second and third part of a long message went again unmarked."""
    again = marked(owed(title=""), HOUR_LATER, in_utc, repeat=True, topic_gone=True)
    assert again.message.text.strip() == REPEAT


def test_whatever_has_to_be_said_there_is_room_for_it() -> None:
    """A bug: a full card that stood for others, late and without its topic, was cut."""
    card = replace(owed(), card="alert 1")
    states = [replace(card, id=uuid7()) for _ in range(500)]
    # No zone has a longer name for its time.
    zone = ZoneInfo("Asia/Kathmandu")
    folded = fold(card, states, uuid7(), NEXT_DAY.astimezone(zone))
    assert folded is not None
    said = marked(folded.into, NEXT_DAY, lambda room: zone, repeat=True, topic_gone=True).message.text
    assert "Stands for 500 earlier ones: 2026-05-04 17:45 +0545, 2026-05-04 17:45 +0545" in said
    assert len(said) - len("HF 0.14") + len(f"\n\n{NO_BUTTONS}") <= MARK_CHARACTERS
