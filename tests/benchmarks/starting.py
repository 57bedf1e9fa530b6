"""How soon a desk listens after its start, and how much memory it holds when nobody asks anything (SPEC 13.9)."""

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.desk import desk, trader
from tests.benchmarks.pairs import Pairs, verdict
from tests.benchmarks.platform import ECHO, Platform
from tests.benchmarks.table import table
from tests.benchmarks.workspace import Workspace

#: Starts of each; one more, which makes the database, is not counted.
STARTS = 4
#: Memory is looked at when this much has passed without an ask.
IDLE_S = 2.0
POSITIONS = 50
START_AT_MOST_S = 3.0
MEMORY_AT_MOST_MIB = 120.0


async def starting() -> str:
    """Measure, on Telegram alone and with Slack beside it; gives the table."""
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        folder = Path(made)
        async with Platform.running() as platform, Workspace.running() as slack, trader(folder) as (bot, url):
            bot.hold(POSITIONS)
            async with desk(platform, folder, url):
                pass
            alone = await _rows(platform, folder, url, "on Telegram", None)
            both = await _rows(platform, folder, url, "with Slack too", slack)
    return table(("of the gateway", "", "desk", "echo", "ratio", "promise"), [*alone, *both], left=2)


async def _rows(
    platform: Platform, folder: Path, url: str, where: str, slack: Workspace | None
) -> list[tuple[str, ...]]:
    starts, memory = Pairs(), Pairs()
    for _ in range(STARTS):
        async with platform.echo(folder) as echo, desk(platform, folder, url, slack) as (gateway, took_s):
            starts.add(took_s, await platform.polled(ECHO, echo.started_at) - echo.started_at)
            await asyncio.sleep(IDLE_S)
            memory.add(gateway.rss_mib(), echo.rss_mib())
    heard = "start to first poll, s" if slack is None else "start to first poll and socket, s"
    return [
        (where, *_row(heard, starts, verdict(max(starts.subject), START_AT_MOST_S, " s, each time"))),
        (where, *_row("idle memory (RSS), MiB", memory, verdict(max(memory.subject), MEMORY_AT_MOST_MIB, " MiB"))),
    ]


def _row(what: str, pairs: Pairs, promise: str) -> tuple[str, ...]:
    return what, f"{median(pairs.subject):.2f}", f"{median(pairs.baseline):.2f}", f"{pairs.ratio:.2f}", promise
