"""An export of the record read back and verified: no database, no settings, no trust in the file."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from chatops.guard.exports import UNREADABLE, Closing, Opening, ask_of, closing_of, from_json_line, opening_of, step_of
from chatops.guard.exports_csv import ASK_COLUMNS, STEP_COLUMNS, csv_rows, from_csv_line, head_line
from chatops.guard.verifying import Broken, Chained, Logged, Unreadable, Whole, verify
from chatops.storage.errors import StorageError
from chatops.storage.export_files import ASKS_FILE, MANIFEST, STEPS_FILE

MadeT = TypeVar("MadeT")


class NoExport(StorageError):
    """There is no export."""


async def verify_export(path: Path) -> Whole | Broken:
    """Verify the export at `path`: a file of JSON lines, or a folder of CSV. Raises `NoExport`.

    A part is verified from the link on that it says it begins after.
    """
    with ExitStack() as stack:
        export = _opened(path, stack)
        opening = export.opening()
        if isinstance(opening, Unreadable):
            return Broken(opening.where, f"it cannot be read, so it was changed: {opening.why}")
        found = await verify(export.steps(), opening.head, export.asks(), opening.begins)
        if isinstance(found, Broken):
            return found
        return export.fault(found) or found


class _Lines:
    """The rows of one file, each read once, and the digest of those that were."""

    def __init__(self, path: Path, stack: ExitStack, *, csv: bool) -> None:
        if not path.is_file():
            raise NoExport(
                f"There is no {path}: an export as CSV is a folder of {STEPS_FILE}, {ASKS_FILE}, {MANIFEST}."
            )
        file = stack.enter_context(path.open("rb"))
        self._lines = csv_rows(file) if csv else iter(file)
        self._name = path.name
        self._number = 0
        self._digest = hashlib.sha256()
        self._next: bytes | None = None

    @property
    def where(self) -> str:
        """The row that was read last."""
        return f"{self._name} row {self._number}"

    @property
    def digest(self) -> str:
        """Of all rows but the one that was read last."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self._digest.update(self._next or b"")
            self._next = line
            self._number += 1
            yield line
        self._digest.update(self._next or b"")
        self._next = None


class _JsonLines:
    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._file = _Lines(path, stack, csv=False)
        self._rows = iter(self._file)
        #: What comes after the steps, and after the asks.
        self._ahead: tuple[str, Mapping[str, Any]] | Unreadable | None = None
        self._order = _Order()

    def opening(self) -> Opening | Unreadable:
        read = self._read()
        if isinstance(read, Unreadable):
            return read
        return _made(opening_of, "export", read, self._file.where)

    async def steps(self) -> AsyncIterator[Chained | Unreadable]:
        self._ahead = self._read()
        while self._ahead is not None and (isinstance(self._ahead, Unreadable) or self._ahead[0] == "step"):
            yield _made(step_of, "step", self._ahead, self._file.where)
            self._ahead = self._read()

    async def asks(self) -> AsyncIterator[Logged | Unreadable]:
        while self._ahead is not None and (isinstance(self._ahead, Unreadable) or self._ahead[0] != "end"):
            yield self._order.checked(_made(ask_of, "ask", self._ahead, self._file.where), self._file.where)
            self._ahead = self._read()

    def fault(self, whole: Whole) -> Broken | None:
        """What is wrong with the file, though its rows agree."""
        where, digests = self._file.where, {"": self._file.digest}
        closing = _made(closing_of, "end", self._ahead, where)
        if self._read() is not None:
            return Broken(self._file.where, "it stands after the end: it was added")
        return _ends(closing, whole, digests, where)

    def _read(self) -> tuple[str, Mapping[str, Any]] | Unreadable | None:
        line = next(self._rows, None)
        return None if line is None else _read_line(line, self._file.where)


class _Csv:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._manifest = _Lines(folder / MANIFEST, stack, csv=False)
        self._steps = _Lines(folder / STEPS_FILE, stack, csv=True)
        self._asks = _Lines(folder / ASKS_FILE, stack, csv=True)
        self._said = iter(self._manifest)
        self._order = _Order()

    def opening(self) -> Opening | Unreadable:
        line = next(self._said, b"")
        return _made(opening_of, "export", _read_line(line, self._manifest.where), self._manifest.where)

    async def steps(self) -> AsyncIterator[Chained | Unreadable]:
        for facts in _facts(self._steps, STEP_COLUMNS):
            yield _made(step_of, "step", facts, self._steps.where)

    async def asks(self) -> AsyncIterator[Logged | Unreadable]:
        for facts in _facts(self._asks, ASK_COLUMNS):
            yield self._order.checked(_made(ask_of, "ask", facts, self._asks.where), self._asks.where)

    def fault(self, whole: Whole) -> Broken | None:
        """What is wrong with the files, though their rows agree."""
        line = next(self._said, None)
        where, digest = self._manifest.where, self._manifest.digest
        closing = _made(closing_of, "end", None if line is None else _read_line(line, where), where)
        if next(self._said, None) is not None:
            return Broken(self._manifest.where, "it stands after the end: it was added")
        return _ends(closing, whole, {"": digest, STEPS_FILE: self._steps.digest, ASKS_FILE: self._asks.digest}, where)


def _opened(path: Path, stack: ExitStack) -> _JsonLines | _Csv:
    if not path.exists():
        raise NoExport(f"There is no {path}.")
    return _Csv(path, stack) if path.is_dir() else _JsonLines(path, stack)


class _Order:
    """Asks stand by their moment, then by their id."""

    def __init__(self) -> None:
        self._last = ("", "")

    def checked(self, row: Logged | Unreadable, where: str) -> Logged | Unreadable:
        """The row, unless it stands behind one that comes after it."""
        if isinstance(row, Unreadable):
            return row
        place = (str(row.facts.get("at")), str(row.id))
        if place <= self._last:
            return Unreadable(where, "it does not stand in its place")
        self._last = place
        return row


def _read_line(line: bytes, where: str) -> tuple[str, Mapping[str, Any]] | Unreadable:
    try:
        return from_json_line(line.decode())
    except UNREADABLE as error:
        return Unreadable(where, str(error))


def _facts(lines: _Lines, columns: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]] | Unreadable]:
    kind = "step" if columns is STEP_COLUMNS else "ask"
    rows = iter(lines)
    if next(rows, None) != head_line(columns).encode():
        yield Unreadable(lines.where, "it does not name the columns of an export")
        return
    for line in rows:
        try:
            yield kind, from_csv_line(columns, line.decode())
        except UNREADABLE as error:
            yield Unreadable(lines.where, str(error))


def _made(
    make: Callable[[Mapping[str, Any]], MadeT],
    kind: str,
    read: tuple[str, Mapping[str, Any]] | Unreadable | None,
    where: str,
) -> MadeT | Unreadable:
    """What `make` makes of a row of this kind, or why there is none."""
    if isinstance(read, Unreadable):
        return read
    if read is None:
        return Unreadable(where, "what comes after it is missing")
    found, facts = read
    if found != kind:
        return Unreadable(where, f"it is of the kind {found!r}, where {kind!r} stands")
    try:
        return make(facts)
    except UNREADABLE as error:
        return Unreadable(where, str(error) or type(error).__name__)


def _ends(closing: Closing | Unreadable, whole: Whole, digests: Mapping[str, str], where: str) -> Broken | None:
    if isinstance(closing, Unreadable):
        return Broken(closing.where, f"the end of the export is missing or was changed: {closing.why}")
    if (closing.steps, closing.asks) != (whole.steps, whole.asks):
        return Broken(
            where, f"it tells of {closing.steps} steps of {closing.asks} asks, there are {whole.steps} of {whole.asks}"
        )
    for name in sorted(digests.keys() | closing.digests.keys()):
        if digests.get(name) != closing.digests.get(name):
            what = f"{name} is" if name else "what stands before it is"
            return Broken(where, f"{what} not, byte for byte, what was written")
    return None
