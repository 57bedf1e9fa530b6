"""Hears what Apprise logs in one thread: it says of a failure no more than that there was one, but to its log."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Heard(threading.local):
    lines: list[str] | None = None


class _Ear(logging.Handler):
    """Hands each line to the thread that it was logged in, and to nobody else: addresses with secrets are in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard = _Heard()

    def emit(self, record: logging.LogRecord) -> None:
        if self.heard.lines is not None:
            self.heard.lines.append(record.getMessage())


_ear = _Ear()


@contextmanager
def listening() -> Iterator[list[str]]:
    """What Apprise logs in this thread while inside. It goes to no log of ours: none but us may read it."""
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    if _ear not in log.handlers:
        log.addHandler(_ear)
    lines: list[str] = []
    _ear.heard.lines = lines
    try:
        yield lines
    finally:
        _ear.heard.lines = None
