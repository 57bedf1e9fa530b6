"""Directories for desks, of which no server is left behind."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chatops.storage.server import kill_servers


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A place for a desk, below a directory that is closed to others. No server outlives it."""
    tmp_path.chmod(0o700)
    yield tmp_path / "desk"
    kill_servers(tmp_path)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that everybody may look into."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    kill_servers(path)
    shutil.rmtree(path)
