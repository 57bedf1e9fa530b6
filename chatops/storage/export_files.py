"""Exports of the record as files: written beside their place, and put there once they are whole."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from chatops.guard.exports import (
    Closing,
    Opening,
    ask_facts,
    closing_facts,
    json_line,
    opening_facts,
    step_facts,
)
from chatops.guard.exports_csv import ASK_COLUMNS, STEP_COLUMNS, csv_line, head_line
from chatops.guard.verifying import Chained, Logged
from chatops.storage.placed import placed

#: The files of an export as CSV, in its folder. The last one says what the others are.
STEPS_FILE, ASKS_FILE, MANIFEST = "command_events.csv", "command_log.csv", "export.jsonl"


class ExportFormat(StrEnum):
    """How an export is written."""

    #: Two files in a folder, and a third that says what they are.
    CSV = "csv"
    #: One file, a JSON object a line.
    JSON = "json"


class ExportFiles(Protocol):
    """Takes an export row by row: the opening, all steps, all asks, the end."""

    def open(self, opening: Opening) -> None:
        """What follows."""
        ...

    def step(self, row: Chained) -> None:
        """The next row of `command_events`."""
        ...

    def ask(self, row: Logged) -> None:
        """The next row of `command_log`."""
        ...

    def close(self, steps: int, asks: int) -> None:
        """That was all."""
        ...


@contextmanager
def export_files(path: Path, form: ExportFormat, *, force: bool = False) -> Iterator[ExportFiles]:
    """Files that stand at `path` once the block has ended well; else nothing does that did not before.

    Raises `AlreadyThere` where something stands there; with `force` it is replaced.
    """
    with ExitStack() as stack:
        if form is ExportFormat.JSON:
            yield _JsonLines(stack.enter_context(_written(path, force)))
            return
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Put in place in the opposite order: what says what the others are comes last.
        manifest = stack.enter_context(_written(path / MANIFEST, force))
        asks, steps = (stack.enter_context(_written(path / name, force)) for name in (ASKS_FILE, STEPS_FILE))
        yield _Csv(steps, asks, manifest)


class _Written:
    """A file on its way to its place."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self._file = file
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of all that was written."""
        return self._digest.hexdigest()

    def write(self, text: str) -> None:
        """The next line."""
        data = text.encode()
        self._digest.update(data)
        self._file.write(data)


@contextmanager
def _written(path: Path, force: bool) -> Iterator[_Written]:
    with placed(path, force=force) as beside, beside.open("wb") as file:
        yield _Written(path.name, file)


class _JsonLines:
    def __init__(self, file: _Written) -> None:
        self._file = file

    def open(self, opening: Opening) -> None:
        facts = opening_facts(opening)
        self._file.write(json_line(facts.pop("kind"), facts))

    def step(self, row: Chained) -> None:
        self._file.write(json_line("step", step_facts(row)))

    def ask(self, row: Logged) -> None:
        self._file.write(json_line("ask", ask_facts(row)))

    def close(self, steps: int, asks: int) -> None:
        _end(self._file, steps, asks, {"": self._file.digest})


class _Csv:
    def __init__(self, steps: _Written, asks: _Written, manifest: _Written) -> None:
        self._steps = steps
        self._asks = asks
        self._manifest = manifest

    def open(self, opening: Opening) -> None:
        facts = opening_facts(opening)
        self._manifest.write(json_line(facts.pop("kind"), facts))
        self._steps.write(head_line(STEP_COLUMNS))
        self._asks.write(head_line(ASK_COLUMNS))

    def step(self, row: Chained) -> None:
        self._steps.write(csv_line(STEP_COLUMNS, step_facts(row)))

    def ask(self, row: Logged) -> None:
        self._asks.write(csv_line(ASK_COLUMNS, ask_facts(row)))

    def close(self, steps: int, asks: int) -> None:
        digests = {"": self._manifest.digest, STEPS_FILE: self._steps.digest, ASKS_FILE: self._asks.digest}
        _end(self._manifest, steps, asks, digests)


def _end(file: _Written, steps: int, asks: int, digests: Mapping[str, Any]) -> None:
    facts = closing_facts(Closing(steps, asks, digests))
    file.write(json_line(facts.pop("kind"), facts))
