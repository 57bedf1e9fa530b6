"""A session in a file of JSON lines: written whole or not at all, and read back line by line."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chatops.history.rows import Run
from chatops.history.walking import span_of, walked
from chatops.money.facts import Gap
from chatops.storage.database import Database
from chatops.storage.errors import StorageError
from chatops.storage.history import PostgresHistory
from chatops.storage.history.rows import sample_of
from chatops.storage.placed import placed
from chatops.storage.sessions.lines import (
    VERSION,
    Closing,
    Fact,
    Line,
    NotUnderstood,
    Opening,
    line_of,
    said_in,
)

#: A snapshot with 200 positions takes half a megabyte.
_LONGEST_LINE = 64 * 2**20

_SAMPLES = """
SELECT bot, at, equity, unrealized, deposits, legs FROM samples LEFT JOIN sample_legs USING (bot, minute)
WHERE bot = $1 AND minute >= date_trunc('minute', $2::timestamptz) AND at >= $2 AND at < $3 ORDER BY minute
"""
_GAPS = "SELECT bot, starts_at, ends_at FROM gaps WHERE bot = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY 2"


class NotASession(StorageError):
    """The file is no session, or not a whole one; the text names the line."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is in a file."""

    run: Run
    #: How many lines there are of each kind, by the name of the class.
    counts: Counter[str]


async def write_session(database: Database, run: Run, path: Path, *, at: datetime, force: bool = False) -> Written:
    """Write all that is stored of a run. Raises `AlreadyThere`, `DatabaseAway`, `OSError`."""
    counts: Counter[str] = Counter()
    with writing(path, force) as write:
        write(Opening(VERSION, run.bot, run.session_id, at))
        async for fact in _facts(database, run):
            write(fact)
            counts[type(fact).__name__] += 1
    return Written(run, counts)


def read_session(path: Path) -> Iterator[Opening | Fact]:
    """The head, then all facts, each as it is read. Raises `NotASession` at the line that is wrong, and `OSError`.

    That nothing is missing is known at the end alone.
    """
    digest, number, said = hashlib.sha256(), 0, None
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if isinstance(said, Closing):
                raise NotASession(f"{path} line {number}: it stands after the end.")
            said = _read(path, number, line)
            if isinstance(said, Opening) is not (number == 1):
                raise NotASession(f"{path} line {number}: a file of a session has one head, and that first.")
            if isinstance(said, Closing):
                if (said.lines, said.sha256) != (number - 1, digest.hexdigest()):
                    raise NotASession(f"{path} line {number}: what stands before it was changed, or is not all.")
                continue
            digest.update(line)
            yield said
    if not isinstance(said, Closing):
        raise NotASession(f"{path} line {number}: it ends here, and its last line is missing.")


def _read(path: Path, number: int, line: bytes) -> Line:
    try:
        said = said_in(line)
    except NotUnderstood as error:
        raise NotASession(f"{path} line {number}: {error}.") from error
    if isinstance(said, Opening) and said.version != VERSION:
        raise NotASession(
            f"{path} line {number}: it is of version {said.version}; this program reads {VERSION}. "
            "A newer Quarterdeck wrote it: read it with that one."
        )
    return said


async def _facts(database: Database, run: Run) -> AsyncIterator[Fact]:
    history = PostgresHistory(database)
    bots, span = [run.bot], span_of(run)
    yield run
    async for kept in walked(history, run.session_id, span):
        yield kept
    # One that is told again and again stands there each time.
    for event in await history.happened(bots, span, most=1_000_000):
        if event.session_id == run.session_id:
            yield event
    for trade in reversed(await history.trades(bots, span)):
        yield trade
    for booking in await history.bookings(bots, span):
        yield booking
    for payment in await history.payments(bots, span):
        yield payment
    for transfer in await history.transfers(bots, span):
        yield transfer
    for row in await database.fetch(_SAMPLES, run.bot, span.start, span.end):
        yield sample_of(row)
    for row in await database.fetch(_GAPS, run.bot, span.start, span.end):
        yield Gap(row["bot"], row["starts_at"], row["ends_at"])


class _Write:
    """Writes lines, and the last one over them."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put
        self._lines = 0
        self._digest = hashlib.sha256()

    def __call__(self, said: Line) -> None:
        line = line_of(said)
        self._digest.update(line)
        self._lines += 1
        self._put(line)

    def end(self) -> None:
        """That was all."""
        self._put(line_of(Closing(self._lines, self._digest.hexdigest())))


@contextmanager
def writing(path: Path, force: bool = False) -> Iterator[Callable[[Line], None]]:
    """Takes line after line; with the last one over them they stand at `path` once the block has ended well.

    Raises `AlreadyThere`; with `force` what is there is replaced.
    """
    with placed(path, force=force) as beside, beside.open("wb") as file:
        write = _Write(file.write)
        yield write
        write.end()
