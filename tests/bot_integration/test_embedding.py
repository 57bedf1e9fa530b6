"""The README's ten lines, run as they stand there."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot_integration import BotController, ClosePosition, Custom, Outcome

README = Path(__file__).parents[2] / "README.md"


def ten_lines(runs: str = "runs this.") -> str:
    found = re.search(
        rf"<!-- tests/bot_integration/test_embedding.py {re.escape(runs)} -->\n```python\n(.*?)```",
        README.read_text(),
        re.DOTALL,
    )
    assert found is not None
    return found[1]


async def test_the_ten_lines_of_the_readme_make_a_bot() -> None:
    names: dict[str, Any] = {}
    exec(compile(ten_lines(), str(README), "exec"), names)
    bot = names["bot"]
    assert isinstance(bot, BotController)
    snapshot = bot.snapshot()
    assert snapshot is not None
    assert snapshot.portfolio.equity == 10_000
    result = await bot.execute(
        ClosePosition(id=uuid4(), by="ada", not_after=datetime.now(UTC) + timedelta(seconds=30), position_id="SOL-1")
    )
    assert (result.outcome, result.message) == (Outcome.DONE, "SOL-1 closed, as ada asked")


async def test_a_command_of_your_own_is_ten_lines_more() -> None:
    names: dict[str, Any] = {}
    own = ten_lines("runs this, too.")
    exec(compile(ten_lines() + own, str(README), "exec"), names)
    result = await names["bot"].execute(
        Custom(
            id=uuid4(),
            by="ada",
            not_after=datetime.now(UTC) + timedelta(seconds=30),
            custom="withdraw",
            values={"venue": "okx", "amount": 250},
        )
    )
    assert (result.outcome, result.message) == (Outcome.DONE, "250 USD are on their way from okx, as ada asked")
    assert len([line for line in own.splitlines() if line and not line.startswith("from")]) <= 10


def test_the_gateway_beside_a_bot_is_ten_lines_too(tmp_path: Path) -> None:
    lines = ten_lines("runs this in a process of its own.")
    (tmp_path / "bot.py").write_text(lines)
    # A database that nobody serves: the bot does not notice.
    settings = '[database]\nurl = "postgresql://nobody@127.0.0.1:1/none"\n[http]\nlisten = "127.0.0.1:0"\n'
    (tmp_path / "quarterdeck.toml").write_text(settings)
    command = [sys.executable, "bot.py"]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(README.parent)}, timeout=60, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert len([line for line in lines.splitlines() if line and not line.startswith(("from", "import"))]) <= 10


def test_they_are_ten_lines() -> None:
    lines = [line for line in ten_lines().splitlines() if line and not line.startswith("from")]
    assert len(lines) <= 10
