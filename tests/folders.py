"""Folders for stories that are no fixtures: all are gone when the tests are over."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def new_folder() -> Path:
    """One of its own."""
    return Path(tempfile.mkdtemp(dir=_root()))


@cache
def _root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="qd-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root
