"""What the server has said, in a file that stays small."""

from pathlib import Path
from typing import IO

#: Of a longer file only the end is kept.
_LONGEST = 1024 * 1024
_KEPT = 64 * 1024


class ServerLog:
    """A file that the server appends to. It is cut at every start, and little is said in between."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> IO[bytes]:
        """The file, to be handed to the server."""
        if self.path.exists() and self.path.stat().st_size > _LONGEST:
            self.path.write_bytes(self._end(_KEPT))
        stream = self.path.open("ab")
        self.path.chmod(0o600)
        return stream

    def tail(self) -> str:
        """The last few lines, for an error's text."""
        if not self.path.exists():
            return ""
        return "\n".join(self._end(4096).decode(errors="replace").splitlines()[-5:])

    def _end(self, size: int) -> bytes:
        with self.path.open("rb") as stream:
            stream.seek(max(0, self.path.stat().st_size - size))
            return stream.read()
