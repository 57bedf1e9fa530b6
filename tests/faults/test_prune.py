"""`quarterdeck db prune` says what went, and how large the database is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatops.storage.database import Database
from chatops.storage.history.forgetting import forget_history
from tests.faults.program import outcome

SILENCE = """
INSERT INTO silences (by, made_at, until, up_to, rule, bot, subject, reason, known)
VALUES ('ada', $1, $1, 'warning', '', '', '', '', '{}')
"""


async def test_what_is_old_is_said_to_be_gone_and_then_there_is_nothing_more(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    # Empty partitions that another test left are nothing that this one tells of.
    await forget_history(database, datetime.now(UTC))
    await database.execute(SILENCE, datetime.now(UTC) - timedelta(days=400))
    settings = tmp_path / "quarterdeck.toml"
    settings.write_text(f'[database]\nurl = "{database_url}"\n')
    code, said = await outcome("db", "prune", "-c", str(settings))
    assert re.fullmatch(r"Silences: 1 gone\.\nThe database has \d+\.\d MB; it had \d+\.\d MB\.\n", said), said
    assert code == 0
    code, said = await outcome("db", "prune", "-c", str(settings))
    assert (code, said.startswith("Nothing is old enough to go.\nThe database has")) == (0, True), said
