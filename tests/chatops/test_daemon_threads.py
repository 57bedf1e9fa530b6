import subprocess
import sys
from concurrent.futures import CancelledError
from threading import Event

import pytest

from chatops.daemon_threads import DaemonThreads

_ENDS_MEANWHILE = """
import time
from chatops.daemon_threads import DaemonThreads
DaemonThreads("ours").submit(time.sleep, 600)
"""


def test_what_is_run_gives_what_it_gave_or_raised() -> None:
    threads = DaemonThreads("ours", 1)
    assert threads.submit(sum, [1, 2]).result(60) == 3
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(60)
    threads.shutdown()
    with pytest.raises(RuntimeError, match="take on nothing"):
        threads.submit(sum, [])


def test_what_was_cancelled_before_its_turn_is_not_run() -> None:
    threads, go = DaemonThreads("ours", 1), Event()
    first, second = threads.submit(go.wait, 60), threads.submit(go.clear)
    assert second.cancel()
    go.set()
    assert first.result(60)
    with pytest.raises(CancelledError):
        second.result(60)
    threads.shutdown()
    assert go.is_set()


def test_a_program_ends_though_they_still_wait_for_something() -> None:
    assert subprocess.run([sys.executable, "-c", _ENDS_MEANWHILE], timeout=60, check=False).returncode == 0
