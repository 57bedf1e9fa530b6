"""A list of deliveries is read by people in a terminal, by scripts in a pipe, and harms neither."""

import io
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from alerts.severity import Severity
from chatops.delivery_list import put_json, put_list, summary
from chatops.owed import Kind, State
from chatops.room import Room
from chatops.room_names import RoomNames
from chatops.storage.delivery_facts import Counts, Listed

NAMES = RoomNames({"ops": [Room("telegram", "-7")]})
COUNTS = Counts({State.PENDING: 1, State.SENT: 1_204}, timedelta(minutes=5))
ID = UUID("01900000-aaaa-7000-8000-0123456789ab")


def delivery(title: str = "SOL-1 closed", reason: str | None = None, room: str = "-7") -> Listed:
    at = datetime(2026, 3, 1, 12, 30, 5, 250_000, tzinfo=UTC)
    return Listed(ID, at, Kind.ALERT, Severity.CRITICAL, Room("telegram", room), State.PENDING, 2, title, reason)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*listed: Listed, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    put_list(listed, COUNTS, NAMES, stream)
    return stream.getvalue()


def test_a_pipe_gets_plain_lines_with_whole_ids_and_the_sum_last() -> None:
    heads, first, second, _, last = shown(delivery("x" * 150, "r" * 150), delivery(room="111")).splitlines()
    assert heads.split("  ")[0].strip() == "id"
    assert first.split()[:8] == [str(ID), "2026-03-01", "12:30:05", "alert", "critical", "ops", "pending", "2"]
    assert "x" * 150 in first
    assert first.endswith("r" * 150)
    assert "telegram:111" in second
    assert heads.index("state") == first.index("pending") == second.index("pending")
    assert last == "1 pending, 1,204 sent. The oldest waits for 5 min."


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_terminal_gets_the_end_of_an_id_which_is_enough_to_retry_it(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
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
    assert shown().endswith("\n1 pending, 1,204 sent. The oldest waits for 5 min.\n")
    assert summary(Counts({State.SENT: 2}, None)) == "2 sent. Nothing waits."
    assert summary(Counts({}, None)) == "Nothing is owed, and nothing was."


def test_on_a_narrow_terminal_each_has_two_lines_and_a_title_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    first, second, *_ = shown(delivery("SOL near liquidation", "blocked"), stream=Terminal()).splitlines()
    assert first == "0123456789ab  2026-03-01 12:30:05  pending  alert  critical  ops"
    assert second == "    SOL near liquidation – blocked (2 tries)"
    monkeypatch.setenv("COLUMNS", "110")
    assert "SOL near liquidation" in shown(delivery("SOL near liquidation"), stream=Terminal()).splitlines()[1]


def test_what_is_not_listed_is_told_with_what_would_list_it() -> None:
    def below(counts: Counts, state: State | None = None, *listed: Listed) -> list[str]:
        stream = io.StringIO()
        put_list(listed, counts, NAMES, stream, state)
        return stream.getvalue().splitlines()[2 if listed else 0 : -1]

    more = ["These are the newest 1 of 1,205; more with --limit."]
    assert below(COUNTS, None, delivery()) == more
    assert below(COUNTS, State.PENDING, delivery()) == []
    assert below(COUNTS, State.DEAD) == ["None is dead."]
    former = ["Not listed: 5,760 former states of cards that are kept up to date (--all lists them)."]
    assert below(Counts({}, None, 5_760)) == former


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
