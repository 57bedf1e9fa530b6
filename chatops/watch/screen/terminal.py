"""The terminal as Textual drives it, and which may be gone from one moment to the next."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import IO, Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class Terminal(LinuxDriver):
    """Goes on without a terminal: one that was closed must not keep us from ending."""

    def __init__(
        self, app: "App[None]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Standard output, which is a terminal where we are; Textual's own way is standard error. And its writer dies of
        # the first write that fails: whoever writes after that waits for it for ever.
        assert sys.__stdout__ is not None
        self._file = cast("TextIOWrapper[Any]", _Deaf(sys.__stdout__))

    def _get_terminal_size(self) -> tuple[int, int]:
        # Textual's own believes COLUMNS and LINES, which many a parent leaves in the environment, and which stay as
        # they are when the window changes.
        try:
            columns, rows = os.get_terminal_size(self.fileno)
        except OSError:
            return super()._get_terminal_size()
        # A terminal that does not know says 0.
        return columns or 80, rows or 24


class _Deaf:
    """A file that nobody may read any more."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()
