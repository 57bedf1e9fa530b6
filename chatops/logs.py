"""Where log lines go, how they look, and that no secret is in them."""

import logging
import sys
import threading
import traceback
from collections.abc import Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor

from chatops.redactor import Redactor

#: They tell every request at INFO, addresses with tokens included.
NOISY = (
    *("aiohttp", "alembic", "apscheduler", "asyncio", "httpcore", "httpx", "matplotlib", "requests", "sqlalchemy"),
    *("telegram", "urllib3"),
)
#: They tell over and over, with a traceback, that PostgreSQL is away; we say so ourselves, once.
REPEATING = ("asyncpg.pool",)
#: Of a log file; as much again is kept of the one before.
FILE_BYTES = 5_000_000

#: What moves a cursor or forges a line on a terminal.
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")


def configure(
    level: str = "INFO",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    file: Path | None = None,
    as_json: bool | None = None,
) -> None:
    """Send what every module logs to `stream` (left out, standard error), or to a `file` that is kept small.

    `as_json` is one object a line; left out, it is that anywhere but on a terminal. Called again
    (when the settings have told the secrets), it replaces what it did before.
    """
    stream = stream or sys.stderr
    handler = _File(file, maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8") if file else _Stream(stream)
    if as_json is None:
        as_json = file is not None or not stream.isatty()
    handler.redact = Redactor(secrets)
    handler.setFormatter(_formatter(handler.redact, as_json=as_json))
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, _Stream | _File)]:
        root.removeHandler(former)
        former.close()
    root.addHandler(handler)
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in REPEATING:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)


def redactor() -> Redactor:
    """What takes secrets out of log lines: with those that `configure` was told."""
    return next((one.redact for one in logging.getLogger().handlers if isinstance(one, _Told)), Redactor())


def take_last_words() -> None:
    """Have whatever nobody catches, in any thread, told on standard error without secrets."""

    def broke(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if sys.stderr is not None:
            sys.stderr.write(redactor()("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = broke
    threading.excepthook = lambda said: broke(said.exc_type, said.exc_value, said.exc_traceback)
    sys.unraisablehook = lambda said: broke(said.exc_type, said.exc_value, said.exc_traceback)


class _Told(logging.Handler):
    """A line that cannot be written is told of without what it says: logging itself would print it whole."""

    redact = Redactor()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        fault = sys.exc_info()[0]
        name = fault.__name__ if fault is not None else "?"
        if sys.stderr is not None:
            sys.stderr.write(f"a log line of {record.name}, line {record.lineno}, could not be written: {name}\n")


class _Stream(_Told, logging.StreamHandler[TextIO]):
    pass


class _File(_Told, RotatingFileHandler):
    pass


def _formatter(redact: Redactor, *, as_json: bool) -> logging.Formatter:
    # What is bound to the context (a correlation id) is on every line that is logged in it.
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Into text, so that what follows sees it.
        structlog.processors.format_exc_info,
    ]
    renderer: list[Processor] = [structlog.processors.JSONRenderer()]
    if not as_json:
        console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        renderer = [_without_control, console]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _Redaction(redact), *renderer],
    )


class _Redaction:
    """The processor that takes secrets out of all that a line holds, whatever its type."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        return {self._redact(key): self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {self._redact(str(key)): self._clean(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(inner) for inner in value]
        # Half a surrogate pair, as strangers may send, cannot be written to a file.
        return self._redact(str(value)).encode(errors="replace").decode()


def _without_control(logger: Any, method: str, event: EventDict) -> EventDict:
    return {key: value.translate(_CONTROL) if isinstance(value, str) else value for key, value in event.items()}
