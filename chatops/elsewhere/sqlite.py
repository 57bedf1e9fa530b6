"""A bot's own SQLite, looked into: read-only, some rows at a time, so that the bot never waits for us.

Everything here blocks: for a thread.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chatops.elsewhere.shape import Shape, TableOf

#: So long we wait for a bot that writes; it never waits for us longer than a few rows take.
_BUSY_S = 5.0
_AT_ONCE = 500


class WrongHistory(Exception):
    """A bot's own history is not as the settings say; the text names the file, the table and the column."""


class NoHistoryYet(Exception):
    """It cannot be read now; later it may be."""


def expect(path: Path, shape: Shape) -> None:
    """Make sure that all that is mapped is there. Raises `WrongHistory`, and `NoHistoryYet`."""
    with closing(_opened(path)) as connection:
        for part, mapped in shape.items():
            found = _columns(connection, path, mapped.table)
            if not found:
                raise WrongHistory(
                    f"{path} has no table {mapped.table!r}, which history_tables.{part} of its bot names. It has: "
                    f"{', '.join(_tables(connection, path)) or 'none'}."
                )
            for meaning, column in mapped.present.items():
                if column.casefold() not in found:
                    raise WrongHistory(
                        f"{path}: the table {mapped.table!r} has no column {column!r}, which "
                        f"history_tables.{part}.columns.{meaning} names. It has: {', '.join(sorted(found))}."
                    )
            if not _has_numbers(connection, mapped.table):
                raise WrongHistory(
                    f"{path}: {mapped.table!r} is a view, or a table WITHOUT ROWID, and those are not read. Name a "
                    f"table with rowids as history_tables.{part}.table."
                )


def rows(path: Path, mapped: TableOf, most: int | None = None) -> Iterator[Mapping[str, object]]:
    """The rows of a table, by what they mean: of those numbered last so many at `most`, or all.

    Raises `WrongHistory`, and `NoHistoryYet`.
    """
    columns = mapped.present
    named = ", ".join(_quoted(column) for column in columns.values())
    query = f"SELECT rowid, {named} FROM {_quoted(mapped.table)} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608 - quoted
    newest = -(2**63)
    with closing(_opened(path)) as connection:
        if most is not None:
            ((last,),) = _asked(connection, path, f"SELECT max(rowid) FROM {_quoted(mapped.table)}")  # noqa: S608 - quoted
            newest = max(newest, (last or 0) - most)
        while True:
            # A statement each: what it locks is let go before the next.
            found = _asked(connection, path, query, (newest, _AT_ONCE))
            for row in found:
                yield dict(zip(columns, row[1:], strict=True))
            if len(found) < _AT_ONCE:
                return
            newest = found[-1][0]


def _opened(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None
        )
    except sqlite3.Error as error:
        raise NoHistoryYet(f"{path} cannot be opened: {error}") from error
    connection.execute("PRAGMA query_only = ON")
    return connection


def _asked(
    connection: sqlite3.Connection, path: Path, query: str, given: tuple[object, ...] = ()
) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query, given).fetchall()
    except sqlite3.OperationalError as error:
        raise NoHistoryYet(f"{path} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise WrongHistory(f"{path} is no SQLite database: {error}") from error


def _has_numbers(connection: sqlite3.Connection, table: str) -> bool:
    """Whether its rows can be asked for one part after the other, by their numbers."""
    try:
        found = connection.execute(f"SELECT rowid FROM {_quoted(table)} LIMIT 1").fetchone()  # noqa: S608 - quoted
    except sqlite3.OperationalError as error:
        if "no such column" in str(error):
            return False
        raise NoHistoryYet(f"{table} cannot be read: {error}") from error
    # Older versions give none for a view.
    return found is None or found[0] is not None


def _columns(connection: sqlite3.Connection, path: Path, table: str) -> frozenset[str]:
    found = _asked(connection, path, "SELECT name FROM pragma_table_info(?)", (table,))
    return frozenset(name.casefold() for (name,) in found)


def _tables(connection: sqlite3.Connection, path: Path) -> list[str]:
    return [
        name for (name,) in _asked(connection, path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
