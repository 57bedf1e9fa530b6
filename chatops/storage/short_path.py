"""A name for a directory that is short enough for the sockets in it."""

import tempfile
from pathlib import Path

from chatops.storage.errors import ServerFailed

#: What the kernel takes as the path of a socket: 107 bytes and a zero on Linux, 103 on macOS.
LONGEST = 103


class ShortPath:
    """The directory itself where that is short enough, else a symbolic link in a private directory.

    `remove` what was made for it when nobody uses the name any more.
    """

    def __init__(self, directory: Path, socket_name: str) -> None:
        self._holder: Path | None = None
        if len(bytes(directory / socket_name)) <= LONGEST:
            self.path = directory
            return
        self._holder = Path(tempfile.mkdtemp(prefix="quarterdeck-"))
        self.path = self._holder / "s"
        if len(bytes(self.path / socket_name)) > LONGEST:
            self._holder.rmdir()
            raise ServerFailed(
                f"Both {directory} and {self._holder.parent} are too long to hold a socket. "
                "Set desk.data_dir, or TMPDIR, to a shorter path."
            )
        self.path.symlink_to(directory)

    def remove(self) -> None:
        """Remove the link, if there was one."""
        if self._holder is not None:
            self.path.unlink(missing_ok=True)
            self._holder.rmdir()
            self._holder = None
