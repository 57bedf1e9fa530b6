"""The key from which all seeds follow: in a file of its own, so that a copy of the database is worth nothing."""

import contextlib
import os
import secrets
from pathlib import Path

#: In the data directory, where the settings name no other.
TOTP_KEY = "totp.key"
_BYTES = 32


class TotpKey:
    """A key of the settings, or a file that is made when it is first needed. Both methods raise `OSError`."""

    def __init__(self, path: Path, given: str | None = None) -> None:
        """`given` goes before what stands in the file at `path`."""
        self._path = path
        self._key = None if given is None else given.encode()

    @classmethod
    def under(cls, data_dir: Path, given: str | None = None) -> "TotpKey":
        """That of the desk which lives in this directory."""
        return cls(data_dir / TOTP_KEY, given)

    @property
    def path(self) -> Path:
        """Where it is, unless it was given."""
        return self._path

    def read(self) -> bytes | None:
        """The key; None where there is none, or no longer."""
        if self._key is None:
            try:
                found = self._path.read_bytes().strip()
            except FileNotFoundError:
                return None
            self._key = found or None
        return self._key

    def read_or_make(self) -> bytes:
        """The key; a new one where there is none, on disk before it is used."""
        found = self.read()
        if found is not None:
            return found
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            try:
                os.write(file, secrets.token_hex(_BYTES).encode() + b"\n")
                os.fsync(file)
            finally:
                os.close(file)
            # It appears whole, and never in place of another.
            with contextlib.suppress(FileExistsError):
                os.link(beside, self._path)
        finally:
            beside.unlink()
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        made = self.read()
        if made is None:
            raise OSError(f"{self._path} is empty: delete it, and those who have enrolled do so again")
        return made
