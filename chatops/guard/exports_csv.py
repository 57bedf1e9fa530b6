"""An export as CSV (RFC 4180, in UTF-8): one text for one row, and nothing in it that a spreadsheet would run.

A cell that begins with `= + - @`, a tab or a return has an apostrophe before it, and so has one that begins with an
apostrophe: whoever hashes a cell takes that one off. Text is always quoted, so that what is empty differs from what is
null. Arguments and data are JSON as it was hashed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chatops.guard.audit import canonical_json

STEP_COLUMNS = ("seq", "command_id", "at", "step", "by", "data", "prev_hash", "hash")
ASK_COLUMNS = (
    *("id", "at", "platform", "principal", "sender_id", "room", "bot", "word", "arguments", "risk"),
    *("state", "outcome", "answer", "latency_ms", "correlation_id"),
)
#: Columns that hold JSON.
_JSON = ("data", "arguments")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
_CELL = re.compile(r'(?:"(?P<text>(?:[^"]|"")*)"|(?P<bare>[^",\n]*))(?P<end>,|\n|$)')


def head_line(columns: Sequence[str]) -> str:
    """The first line: the columns by their names."""
    return ",".join(columns) + "\n"


def csv_line(columns: Sequence[str], facts: Mapping[str, Any]) -> str:
    """One row."""
    return ",".join(_cell(facts[column]) for column in columns) + "\n"


def from_csv_line(columns: Sequence[str], text: str) -> dict[str, Any]:
    """The facts of a row. Raises `ValueError`, also where it says the same in another form."""
    cells = _cells(text)
    if len(cells) != len(columns):
        raise ValueError(f"it has {len(cells)} cells, not {len(columns)}")
    facts = {
        column: json.loads(cell) if column in _JSON and isinstance(cell, str) else cell
        for column, cell in zip(columns, cells, strict=True)
    }
    if csv_line(columns, facts) != text:
        raise ValueError("it is not written as an export writes it")
    return facts


def csv_rows(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The rows of a file, each with the end of its line: text in quotes may hold others."""
    row: list[bytes] = []
    is_open = False
    for line in lines:
        row.append(line)
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            yield b"".join(row)
            row = []
    if row:
        yield b"".join(row)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case int() | float():
            return canonical_json(value)
        case str():
            text = f"'{value}" if value.startswith(_RISKY) else value
        case _:
            text = canonical_json(value)
    return '"' + text.replace('"', '""') + '"'


def _cells(text: str) -> list[Any]:
    cells: list[Any] = []
    at = 0
    while at < len(text):
        found = _CELL.match(text, at)
        if found is None or found.end() == at:
            raise ValueError("its quotes do not match")
        cells.append(_value(found))
        at = found.end()
        if found["end"] == "," and at == len(text):
            cells.append(None)
    return cells


def _value(found: re.Match[str]) -> Any:
    if found["text"] is not None:
        return found["text"].replace('""', '"').removeprefix("'")
    return json.loads(found["bare"]) if found["bare"] else None
