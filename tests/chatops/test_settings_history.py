"""The settings of what a bot has on record itself."""

from pathlib import Path

import pytest

from chatops.elsewhere.shape import Part
from tests.chatops.test_settings import faults, read

BOT = '[[bots]]\nname = "alpha"\nurl = "paper"\n'
FILE = 'history = "sqlite:////var/lib/alpha/bot.db"\n'


def test_a_shape_is_taken_as_it_is_but_for_what_is_said_of_it(tmp_path: Path) -> None:
    said = 'history_shape = "decisions"\n[bots.history_tables.fills]\ntable = "executions"\ncolumns = { at = "ts" }\n'
    (bot,) = read(tmp_path, BOT + FILE + said).bots
    assert bot.own_history is not None
    path, shape = bot.own_history
    fills = shape[Part.FILLS]
    assert path == Path("/var/lib/alpha/bot.db")
    assert (fills.table, fills.columns["at"], fills.columns["fees"]) == ("executions", "ts", "fee")
    assert shape[Part.DAILY].table == "daily_summaries"
    assert read(tmp_path, BOT).bots[0].own_history is None


@pytest.mark.parametrize(
    ("keys", "key", "what"),
    [
        ('history = "postgresql://x"\n', "history", "is no SQLite file"),
        (f'{FILE}history_shape = "ledger"\n', "history_shape", "is no shape"),
        ('history_shape = "intents"\n', "history_tables", "is for a bot that has history"),
        (FILE, "history_tables", "is not whole: there is no table"),
        (f'{FILE}history_tables = {{ daily = {{ table = "d" }} }}\n', "history_tables", "daily.columns has no day"),
        (
            f'{FILE}history_shape = "intents"\nhistory_tables = {{ trades = {{ columns = {{ colour = "c" }} }} }}\n',
            "history_tables",
            "trades.columns knows no colour",
        ),
        (f'{FILE}history_tables = {{ rumours = {{ table = "r" }} }}\n', "history_tables.rumours", ""),
    ],
)
def test_what_is_wrong_with_it_is_named(tmp_path: Path, keys: str, key: str, what: str) -> None:
    found = faults(tmp_path, BOT + keys)
    assert any(where.startswith(f"bots.0.{key}") and what in str(said) for where, said in found.items()), found
