"""Exports of the record as files: written beside their place, and put there once they are whole."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

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
from chatops.storage.errors import StorageError

#: The files of an export as CSV, in its folder. The last one says what the others are.
STEPS_FILE, ASKS_FILE, MANIFEST = "command_events.csv", "command_log.csv", "export.jsonl"
#: Who asked for what is nobody else's business.
_MODE = 0o600


class AlreadyThere(StorageError):
    """There is something where the export should go."""


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
            yield _JsonLines(stack.enter_context(_Written(path, force)))
            return
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Put in place in the opposite order: what says what the others are comes last.
        manifest = stack.enter_context(_Written(path / MANIFEST, force))
        asks, steps = (stack.enter_context(_Written(path / name, force)) for name in (ASKS_FILE, STEPS_FILE))
        yield _Csv(steps, asks, manifest)


class _Written:
    """A file on its way to its place."""

    def __init__(self, path: Path, force: bool) -> None:
        self._path = path
        self._force = force
        self._beside = path.with_name(f"{path.name}.part")
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()

    @property
    def name(self) -> str:
        """What it is called."""
        return self._path.name

    @property
    def digest(self) -> str:
        """SHA-256 of all that was written."""
        return self._digest.hexdigest()

    def write(self, text: str) -> None:
        """The next line."""
        assert self._file is not None
        data = text.encode()
        self._digest.update(data)
        self._file.write(data)

    def __enter__(self) -> Self:
        if not self._force and self._path.exists():
            raise AlreadyThere(
                f"{self._path} is there already. Name another place with -o, or replace it with --force."
            )
        self._file = os.fdopen(os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._file is not None
        with self._file as file:
            if error is None:
                file.flush()
                os.fsync(file.fileno())
        if error is None:
            self._beside.replace(self._path)
        else:
            self._beside.unlink(missing_ok=True)


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
