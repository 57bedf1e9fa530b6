"""`python -m tests.faults.forks SETTINGS`: a desk for each line that comes in, begun in no time, to be killed again.

Everything is imported once, and each desk is a process forked from there. It says "begun PID", and "ended PID" once
somebody has killed that.
"""

import asyncio
import gc
import os
import sys
from pathlib import Path

from chatops import logs
from chatops.app import run
from chatops.settings import Settings, read_settings


def main() -> None:
    """Until the input is closed."""
    settings = read_settings(Path(sys.argv[1]), os.environ)
    logs.configure(secrets=settings.secrets())
    # What is shared with the children is not written to by the collector.
    gc.freeze()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_a_desk(settings)
        sys.stdout.write(f"begun {child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write(f"ended {child}\n")
        sys.stdout.flush()


def _be_a_desk(settings: Settings) -> None:
    try:
        asyncio.run(run(settings))
    finally:
        # Whatever happens, it must not go on as its parent.
        os._exit(1)


if __name__ == "__main__":
    main()
