"""Whom PostgreSQL runs as. It refuses to run as root, so root lends it somebody else's rights."""

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from chatops.storage.errors import ServerFailed

#: There on every system, owner of nothing, allowed nothing: no user has to be added.
_UNPRIVILEGED = "nobody"
#: Nothing of our own environment, where tokens may stand, reaches the server.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The ids that the server's processes get, or None for those of this process."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def of(cls, cluster: Path) -> Self:
        """The one for these database files: as root their owner, or `nobody` where there are none.

        Raises `ServerFailed` when there is no such user, or when the files are another user's.
        """
        if os.geteuid() != 0:
            cls._check_owner(cluster)
            return cls()
        if sys.platform != "linux":
            raise ServerFailed(
                "PostgreSQL refuses to run as root. Run the desk as an ordinary user, or set database.url."
            )
        if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
            return cls(owner.st_uid, owner.st_gid)
        try:
            entry = pwd.getpwnam(_UNPRIVILEGED)
        except KeyError as error:
            raise ServerFailed(
                f"PostgreSQL refuses to run as root, and there is no user {_UNPRIVILEGED} to run "
                "it as. Run the desk as an ordinary user, or set database.url."
            ) from error
        return cls(entry.pw_uid, entry.pw_gid)

    @staticmethod
    def _check_owner(cluster: Path) -> None:
        if cluster.exists() and (owner := cluster.stat().st_uid) != os.geteuid():
            raise ServerFailed(
                f"The database files in {cluster} belong to user id {owner}, the desk runs as "
                f"{os.geteuid()}. Run it as their owner or as root, or give the files to this user "
                f"(chown -R {os.geteuid()} {cluster})."
            )

    def own(self, directory: Path) -> None:
        """Give the directory to the server."""
        if self.uid is not None and self.gid is not None:
            os.chown(directory, self.uid, self.gid)

    def launch(self, command: Sequence[str], directory: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program as this user, in `directory`, out of reach of the terminal's Ctrl-C."""
        return subprocess.Popen(  # noqa: S603 - our own programs, told nothing from outside
            command,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else (),
            cwd=directory,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def seen(self, directory: Path) -> str:
        """How a program that was launched in `directory` should name it.

        Root's own directories are closed to the server, but the one that it was launched in is
        open to it under this name, whatever stands above.
        """
        return str(directory) if self.uid is None else "/proc/self/cwd"


def client_name() -> str:
    """The system's name for the user of this process, by which PostgreSQL lets it in."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise ServerFailed(
            f"User id {os.geteuid()} has no name on this system (no entry in /etc/passwd), and "
            "PostgreSQL needs one. Run the desk as a named user, or set database.url."
        ) from error
