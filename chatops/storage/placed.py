"""A file of our own that stands in its place once it is whole and on the disk: until then it is made beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatops.storage.errors import StorageError

#: Who asked for what, and what was made, is nobody else's business.
_MODE = 0o600


class AlreadyThere(StorageError):
    """There is something where a file should go."""


class NoFolder(StorageError):
    """There is nothing to put a file into."""


@contextmanager
def placed(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Gives an empty file to fill, which has taken the place of `path` once the block has ended well.

    Else nothing stands there that did not before. Raises `AlreadyThere` where something does; with `force` it is
    replaced. Raises `NoFolder`.
    """
    if not path.parent.is_dir():
        raise NoFolder(f"There is no folder {path.parent}. Make it, or name another place.")
    if not force and path.exists():
        raise AlreadyThere(f"{path} is there already. Name another place, or replace it with --force.")
    beside = path.with_name(f"{path.name}.part")
    # Of one who was killed, or somebody else's: others may read that, or it leads elsewhere.
    beside.unlink(missing_ok=True)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE))
    try:
        yield beside
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
