"""The record written to files, a row at a time: an export of a long one needs no more memory than one of a short."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from chatops.guard.exports import Opening
from chatops.guard.verifying import Chained, Head, Logged, Unreadable
from chatops.storage.database import Database
from chatops.storage.errors import StorageError
from chatops.storage.export_files import ExportFormat, export_files
from chatops.storage.record import reading

RowT = TypeVar("RowT", Chained, Logged)


class BrokenRecord(StorageError):
    """A row cannot be read, so nothing can be exported."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    steps: int
    asks: int
    begins: Head
    head: Head


async def export_record(
    database: Database,
    path: Path,
    form: ExportFormat,
    *,
    at: datetime,
    since: datetime | None = None,
    force: bool = False,
) -> Exported:
    """Write both tables as they are at this moment, or the steps `since` then with their asks.

    Raises `AlreadyThere`, and `BrokenRecord` where a row is not as anything of ours writes it.
    """
    async with reading(database, since) as part:
        if part.head is None:
            raise BrokenRecord("The only row of command_chain is missing: `quarterdeck audit verify` says more.")
        with export_files(path, form, force=force) as files:
            files.open(Opening(at, since, part.begins, part.head))
            steps = asks = 0
            async for step in part.steps:
                files.step(_good(step))
                steps += 1
            async for ask in part.asks:
                files.ask(_good(ask))
                asks += 1
            files.close(steps, asks)
        return Exported(steps, asks, part.begins, part.head)


def _good(row: RowT | Unreadable) -> RowT:
    if isinstance(row, Unreadable):
        raise BrokenRecord(
            f"{row.where} cannot be read ({row.why}), so it was changed, and nothing is exported. "
            "`quarterdeck audit verify` says more; pg_dump copies what there is."
        )
    return row
