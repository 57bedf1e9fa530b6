"""A list of deliveries is read by people in a terminal, by scripts in a pipe, and harms neither."""

import io
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from alerts.severity import Severity
from chatops.delivery_list import put_json, put_list, summary
from chatops.messages import Room
from chatops.owed import Kind, State
from chatops.room_names import RoomNames
from chatops.storage.delivery_book import Counted, Listed

NAMES = RoomNames({"ops": [Room("telegram", "-7")]})
COUNTED = Counted({State.PENDING: 1, State.SENT: 1_204}, timedelta(minutes=5))
ID = UUID("01900000-aaaa-7000-8000-0123456789ab")


def delivery(title: str = "SOL-1 closed", reason: str | None = None, room: str = "-7") -> Listed:
    at = datetime(2026, 3, 1, 12, 30, 5, 250_000, tzinfo=UTC)
    return Listed(ID, at, Kind.ALERT, Severity.CRITICAL, Room("telegram", room), State.PENDING, 2, title, reason)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*listed: Listed, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    put_list(listed, COUNTED, NAMES, stream)
    return stream.getvalue()


def test_a_pipe_gets_plain_lines_with_whole_ids_and_the_sum_last() -> None:
    heads, first, second, last = shown(delivery("x" * 150, "r" * 150), delivery(room="111")).splitlines()
    assert heads.split("  ")[0].strip() == "id"
    assert first.split()[:8] == [str(ID), "2026-03-01", "12:30:05", "alert", "critical", "ops", "pending", "2"]
    assert "x" * 150 in first
    assert first.endswith("r" * 150)
    assert "telegram:111" in second
    assert heads.index("state") == first.index("pending") == second.index("pending")
    assert last == "1 pending, 1,204 sent. The oldest waits for 5 min."


def test_a_terminal_gets_the_end_of_an_id_which_is_enough_to_retry_it() -> None:
    said = shown(delivery("[red]SOL-1[/red] closed", "blocked"), stream=Terminal())
    assert "0123456789ab" in said
    assert "pending" in said
    assert "1,204 sent" in said


def test_nothing_that_was_written_steers_the_terminal() -> None:
    for stream in (io.StringIO(), Terminal()):
        said = shown(delivery("\x1b[2J\x07\r\n\u202eevil", "\x1b]0;owned\x07"), stream=stream)
        assert "\x1b[2J" not in said
        assert "\x1b]" not in said
        assert not {"\x07", "\r", "\u202e"} & set(said)


def test_nothing_listed_still_says_how_many_there_are() -> None:
    assert shown() == "1 pending, 1,204 sent. The oldest waits for 5 min.\n"
    assert summary(Counted({State.SENT: 2}, None)) == "2 sent. Nothing waits."
    assert summary(Counted({}, None)) == "Nothing is owed, and nothing was."


def test_machines_get_one_object_a_line() -> None:
    stream = io.StringIO()
    put_json([delivery("two\nlines"), delivery(reason="blocked", room="111")], NAMES, stream)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {
        "id": str(ID),
        "created_at": "2026-03-01T12:30:05.250000Z",
        "kind": "alert",
        "severity": "critical",
        "platform": "telegram",
        "room": "-7",
        "room_name": "ops",
        "state": "pending",
        "attempts": 2,
        "title": "two\nlines",
        "reason": None,
    }
    assert (second["room"], second["room_name"], second["reason"]) == ("111", "telegram:111", "blocked")
