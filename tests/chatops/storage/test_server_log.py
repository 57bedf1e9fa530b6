"""The server's log stays small."""

from pathlib import Path

from chatops.storage.server_log import ServerLog


def test_a_long_log_is_cut_at_the_next_start(tmp_path: Path) -> None:
    log = ServerLog(tmp_path / "postgres.log")
    log.path.write_text("old\n" * 1_000_000 + "last words\n")
    log.open().close()
    assert log.path.stat().st_size < 100_000
    assert log.tail().endswith("last words")
