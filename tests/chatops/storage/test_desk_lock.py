import subprocess
import sys
from pathlib import Path

import pytest

from chatops.storage.desk_lock import LOCK, DeskLock
from chatops.storage.errors import DataDirInUse

#: Its child lives until its standard input ends.
_KILLED_WITH_A_CHILD = """
import os, sys
from pathlib import Path
from chatops.storage.desk_lock import DeskLock
lock = DeskLock(Path(sys.argv[1]))
lock.acquire()
if os.fork() == 0:
    print("forked", flush=True)
    sys.stdin.read()
os._exit(0)
"""


def test_one_desk_has_it_and_the_next_is_told_which(tmp_path: Path) -> None:
    first, second = DeskLock(tmp_path / LOCK), DeskLock(tmp_path / LOCK)
    first.acquire()
    assert DeskLock(tmp_path / LOCK).is_ours
    with pytest.raises(DataDirInUse, match=r"Another desk \(process \d+\)"):
        second.acquire()
    first.release()
    assert not DeskLock(tmp_path / LOCK).is_ours
    second.acquire()
    second.release()


def test_a_process_that_was_forked_off_does_not_keep_it_when_its_owner_is_killed(tmp_path: Path) -> None:
    command = (sys.executable, "-c", _KILLED_WITH_A_CHILD, str(tmp_path / LOCK))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"forked\n"
        assert owner.wait() == 0
        lock = DeskLock(tmp_path / LOCK)
        lock.acquire()
        lock.release()
