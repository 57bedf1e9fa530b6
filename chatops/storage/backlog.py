"""What is asked while PostgreSQL is away: on disk, in its order, until it is carried there."""

import asyncio
import logging
import os
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from chatops.lasting import Lasting
from chatops.messages import Receipt
from chatops.storage.delivery_rows import UNREADABLE
from chatops.storage.entry_rows import Row
from chatops.storage.errors import DatabaseAway, DiskRefuses
from chatops.storage.json_codec import decode_json, encode_json
from chatops.storage.synced_lines import SyncedLines

log = logging.getLogger(__name__)

#: So many updates are remembered at most: more than a platform hands over again.
MOST_UPDATES = 5_000


class Backlog:
    """Rows that wait for the database, and whether that is away, as far as any of us knows.

    Once it has failed nobody asks it, so that nobody waits for a server that hangs; whoever looks after it calls
    `carry`. It is here again when all that waited is there, so that nothing overtakes what was asked before it.
    """

    def __init__(self, path: Path, sync: Callable[[int], None] = os.fsync) -> None:
        """`path` may hold what the last run left: then the database is not here before that is carried."""
        self._lines = SyncedLines(path, sync)
        self._rows: deque[Row] = deque()
        self._is_here = self._was_read = not path.exists() or not path.stat().st_size
        self._is_readable = True
        #: How many are on their way to the disk.
        self._writing = 0
        self._carrying = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._when_lost: list[Callable[[], None]] = []
        self._updates: OrderedDict[tuple[str, str], UUID] = OrderedDict()
        self._away = Lasting(log, "the database is away, and what is asked is kept on disk")

    @property
    def is_here(self) -> bool:
        """Whether the database may be asked."""
        return self._is_here

    @property
    def count(self) -> int:
        """How many rows wait."""
        return len(self._rows)

    def when_lost(self, told: Callable[[], None]) -> None:
        """Have it called each time that the database goes away."""
        self._when_lost.append(told)

    def lost(self, error: object) -> None:
        """The database does not answer somebody, for this reason."""
        self._away.met(error)
        if self._is_here:
            self._is_here = False
            for told in self._when_lost:
                told()

    def is_first(self, receipt: Receipt) -> bool:
        """Whether its update came for the first time, as far as we remember, or is of the same ask as before."""
        arrival = receipt.arrival
        if arrival is None:
            return True
        first = self._updates.setdefault((arrival.platform, arrival.update_id), receipt.command_id)
        while len(self._updates) > MOST_UPDATES:
            self._updates.popitem(last=False)
        return first == receipt.command_id

    async def add(self, row: Row, *, anyhow: bool = False) -> bool:
        """Keep a row behind all others. Raises `DiskRefuses`, unless it is kept `anyhow`: in memory if need be.

        Says whether the disk has it.
        """
        await self._read()
        self._writing += 1
        try:
            await self._lines.append(encode_json(row))
        except OSError as error:
            if not anyhow:
                raise DiskRefuses(
                    f"PostgreSQL is away, and the disk takes nothing ({error.strerror or error}). Make room in "
                    "desk.data_dir, or look at the rights on it."
                ) from error
            log.critical("what is asked is in memory alone, as the disk takes nothing: %s", error)
            self._rows.append(row)
            return False
        except asyncio.CancelledError:
            # The disk may have it.
            self._rows.append(row)
            raise
        else:
            self._rows.append(row)
            return True
        finally:
            self._writing -= 1

    async def carry(self, write: Callable[[Row], Awaitable[bool]]) -> None:
        """Have each row written, in order; then the database is here. `write` says whether it was taken.

        What is not, or breaks, is kept in a file beside (`.bad`) and logged. Raises `DatabaseAway`.
        """
        async with self._carrying:
            if self._is_here:
                return
            await self._read()
            carried = 0
            while True:
                while self._rows:
                    await self._carry(self._rows[0], write)
                    self._rows.popleft()
                    carried += 1
                # What came meanwhile stands behind it, and is not in the database.
                if await self._clear() and not self._rows and not self._writing:
                    break
            self._is_here = True
            self._away.over()
            if carried:
                log.info("carried %s rows of what was asked into the database", carried)

    async def _carry(self, row: Row, write: Callable[[Row], Awaitable[bool]]) -> None:
        try:
            if await write(row):
                return
            log.error("the database refuses what was asked while it was away: kept in %s", self._lines.aside.name)
        except DatabaseAway:
            raise
        except Exception:
            # It must not hold up all the others for ever.
            log.exception("what was asked cannot be carried, and is kept in %s", self._lines.aside.name)
        await self._keep_aside([encode_json(row)])

    async def _read(self) -> None:
        """What the last run left goes before all that comes."""
        async with self._reading:
            if self._was_read:
                return
            try:
                lines = await self._lines.read()
            except OSError as error:
                self._is_readable = False
                log.error("the disk does not give what was asked: %s", error)  # noqa: TRY400 - foreseen
                lines = []
            rows, bad = _decoded(lines)
            if bad:
                log.error("%s lines of what was asked cannot be read: kept in %s", len(bad), self._lines.aside.name)
                await self._keep_aside(bad)
            self._rows.extendleft(reversed(rows))
            self._was_read = True

    async def _keep_aside(self, lines: list[bytes]) -> None:
        try:
            await self._lines.keep_aside(lines)
        except OSError as error:
            log.error("the disk does not take it either: %s: %r", error, lines)  # noqa: TRY400 - foreseen

    async def _clear(self) -> bool:
        """Whether nothing waited then. A file that cannot be cleared is carried again, and changes nothing."""
        if not self._is_readable:
            return True
        try:
            return await self._lines.clear(lambda: not self._rows)
        except OSError as error:
            log.error("the disk keeps what was carried: %s", error)  # noqa: TRY400 - foreseen
            return True


def _decoded(lines: list[bytes]) -> tuple[list[Row], list[bytes]]:
    """The rows, and the lines that are none."""
    rows: list[Row] = []
    bad: list[bytes] = []
    for line in lines:
        try:
            row = decode_json(line)
        except UNREADABLE:
            row = None
        if isinstance(row, dict):
            rows.append(row)
        else:
            bad.append(line)
    return rows, bad
