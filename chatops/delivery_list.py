"""Deliveries as the command line lists them: a table for a terminal, lines for a pipe, JSON for machines."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

import orjson

from chatops.layout import plain, width
from chatops.room_names import RoomNames
from chatops.storage.delivery_book import Counted, Listed
from chatops.views.format import span

HEADS = ("id", "created (UTC)", "kind", "severity", "room", "state", "tries", "title", "reason")
#: Those that are cut or wrapped last: what one types or looks for.
_WHOLE = ("id", "created (UTC)", "kind", "severity", "state", "tries")


def put_list(listed: Sequence[Listed], counted: Counted, names: RoomNames, stream: TextIO) -> None:
    """Write them to a stream, and below how many there are in all.

    On a terminal an id is its last twelve characters, which are enough to name it; elsewhere it is whole.
    """
    if listed and stream.isatty():
        _put_table(_rows(listed, names, short=True), stream)
    elif listed:
        stream.writelines(f"{line}\n" for line in _lines([HEADS, *_rows(listed, names, short=False)]))
    stream.write(f"{summary(counted)}\n")


def put_json(listed: Iterable[Listed], names: RoomNames, stream: TextIO) -> None:
    """Write one JSON object a line."""
    for one in listed:
        facts = {
            "id": str(one.id),
            "created_at": one.created_at,
            "kind": one.kind,
            "severity": one.severity,
            "platform": one.room.platform,
            "room": one.room.key,
            "room_name": names.name(one.room),
            "state": one.state,
            "attempts": one.attempts,
            "title": one.title,
            "reason": one.reason,
        }
        stream.write(orjson.dumps(facts, option=orjson.OPT_UTC_Z).decode() + "\n")


def summary(counted: Counted) -> str:
    """How many there are in each state, and how long the oldest waits."""
    if not counted.states:
        return "Nothing is owed, and nothing was."
    said = ", ".join(f"{count:,} {state}" for state, count in counted.states.items())
    return f"{said}. " + (
        "Nothing waits." if counted.oldest is None else f"The oldest waits for {span(counted.oldest)}."
    )


def _rows(listed: Iterable[Listed], names: RoomNames, *, short: bool) -> Iterator[tuple[str, ...]]:
    for one in listed:
        cells = (
            str(one.id).rpartition("-")[2] if short else str(one.id),
            f"{one.created_at:%Y-%m-%d %H:%M:%S}",
            one.kind,
            one.severity,
            names.name(one.room),
            one.state,
            str(one.attempts),
            one.title,
            one.reason or "",
        )
        # What a stranger or a bot has written must not steer the terminal.
        yield tuple(map(plain, cells))


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    broad = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (columns - width(cell)) for cell, columns in zip(row, broad, strict=True))
        yield "  ".join(padded).rstrip()


def _put_table(rows: Iterable[Sequence[str]], stream: TextIO) -> None:
    # Imported here: rich takes a while, and a pipe needs none of it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in HEADS:
        table.add_column(head, no_wrap=head in _WHOLE, overflow="fold")
    for row in rows:
        # As text, so that no bracket in it is taken for markup.
        table.add_row(*map(Text, row))
    Console(file=stream, highlight=False).print(table)
