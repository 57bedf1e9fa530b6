"""Deliveries as the command line lists them: a table for a terminal, lines for a pipe, JSON for machines."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

import orjson

from alerts.durations import span
from chatops.layout import in_columns, plain
from chatops.owed import State
from chatops.room_names import RoomNames
from chatops.storage.delivery_facts import Counts, Listed

HEADS = ("id", "created (UTC)", "kind", "severity", "room", "state", "tries", "title", "reason")
#: On a terminal that is narrower each takes two lines: a table would leave its title some letters' width.
TABLE_COLUMNS = 110
#: Those that are cut or wrapped last: what one types or looks for.
_WHOLE = ("id", "created (UTC)", "kind", "severity", "state", "tries")


def put_list(
    listed: Sequence[Listed], counts: Counts, names: RoomNames, stream: TextIO, state: State | None = None
) -> None:
    """Write them to a stream, and below how many there are in all.

    On a terminal an id is its last twelve characters, which are enough to name it; elsewhere it is whole. `state` is
    the one that was asked for: the counts are of all.
    """
    if listed and stream.isatty():
        columns = shutil.get_terminal_size().columns
        rows = _rows(listed, names, short=True)
        if columns >= TABLE_COLUMNS:
            _put_table(rows, stream, columns)
        else:
            stream.writelines(f"{line}\n" for line in _pairs(rows))
    elif listed:
        stream.writelines(f"{line}\n" for line in in_columns([HEADS, *_rows(listed, names, short=False)]))
    stream.writelines(f"{line}\n" for line in _notes(len(listed), counts, state))
    stream.write(f"{summary(counts)}\n")


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


def summary(counts: Counts) -> str:
    """How many there are in each state, and how long the oldest waits."""
    if not counts.states:
        return "Nothing is owed, and nothing was."
    said = ", ".join(f"{count:,} {state}" for state, count in counts.states.items())
    return f"{said}. " + ("Nothing waits." if counts.oldest is None else f"The oldest waits for {span(counts.oldest)}.")


def _notes(listed: int, counts: Counts, state: State | None) -> Iterator[str]:
    """What is not listed, and how to have it so."""
    there_are = sum(counts.states.values()) if state is None else counts.states.get(state, 0)
    if state is not None and not there_are:
        yield f"None is {state}."
    if listed < there_are:
        yield f"These are the newest {listed:,} of {there_are:,}; more with --limit."
    if counts.former:
        yield f"Not listed: {counts.former:,} former states of cards that are kept up to date (--all lists them)."


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


def _pairs(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Two lines each, the id first: wrapped by a terminal of whatever width, it stays whole."""
    for id_, created, kind, severity, room, state, tries, title, reason in rows:
        yield f"{id_}  {created}  {state}  {kind}  {severity}  {room}"
        tried = f" ({tries} tries)" if tries not in ("0", "1") else ""
        yield f"    {title}{f' – {reason}' if reason else ''}{tried}"


def _put_table(rows: Iterable[Sequence[str]], stream: TextIO, columns: int) -> None:
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
    Console(file=stream, highlight=False, width=columns).print(table)
