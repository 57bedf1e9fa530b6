"""The embedded PostgreSQL as those see it who do not run it: whether there is one, and where."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from chatops.storage.postmaster import SOCKET_NAME
from chatops.storage.short_path import ShortPath

#: Whose the database is.
ROLE = "quarterdeck"


def is_made(data_dir: Path) -> bool:
    """Whether a desk was ever run there."""
    return (data_dir / "postgres").is_dir()


@contextmanager
def visiting(data_dir: Path) -> Iterator[str]:
    """The URL of the database of a desk that lives there now: for a look beside it. It is not ours to stop."""
    short = ShortPath(data_dir.absolute() / "postgres", SOCKET_NAME)
    try:
        yield url_of(short.path)
    finally:
        short.remove()


def url_of(socket: Path) -> str:
    """The URL of the server that listens there."""
    return f"postgresql://{ROLE}@/postgres?host={quote(str(socket), safe='')}"
