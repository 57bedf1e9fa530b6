"""PostgreSQL's programs run wherever they are installed."""

import os
import shutil
from pathlib import Path

import pytest

from chatops.storage.binaries import find_binaries
from chatops.storage.errors import ServerFailed
from chatops.storage.server_user import ServerUser
from tests.chatops.storage.server import as_root, nobody


@as_root
def test_programs_that_are_closed_to_the_server_are_copied_to_where_it_can_run_them(
    open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = find_binaries(ServerUser()).parent.parent
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, closed / source.name)
    monkeypatch.syspath_prepend(str(closed))
    user = ServerUser(*nobody())
    shelves = (closed / "shelf", open_dir / "shelf")
    found = find_binaries(user, shelves)
    assert found.is_relative_to(open_dir / "shelf")
    assert find_binaries(user, shelves) == found
    with Path(os.devnull).open("wb") as nowhere:
        for program in ("initdb", "postgres"):
            command = (str(found / program), "--version")
            assert user.launch(command, Path("/"), nowhere).wait(60) == 0
    with pytest.raises(ServerFailed, match="chmod o\\+x"):
        find_binaries(user, shelves[:1])
