"""How soon a desk listens after its start, and how much memory it holds when nobody asks anything (SPEC 13.9)."""

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.desk import desk, trader
from tests.benchmarks.pairs import Pairs, verdict
from tests.benchmarks.platform import ECHO, Platform
from tests.benchmarks.table import table

#: Starts of each; one more, which makes the database, is not counted.
STARTS = 4
#: Memory is looked at when this much has passed without an ask.
IDLE_S = 2.0
POSITIONS = 50
START_AT_MOST_S = 3.0
MEMORY_AT_MOST_MIB = 120.0


async def starting() -> str:
    """Measure; gives the table."""
    starts, memory = Pairs(), Pairs()
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        folder = Path(made)
        async with Platform.running() as platform, trader(folder) as (bot, url):
            bot.hold(POSITIONS)
            async with desk(platform, folder, url):
                pass
            for _ in range(STARTS):
                async with platform.echo(folder) as echo, desk(platform, folder, url) as (gateway, took_s):
                    starts.add(took_s, await platform.polled(ECHO, echo.started_at) - echo.started_at)
                    await asyncio.sleep(IDLE_S)
                    memory.add(gateway.rss_mib(), echo.rss_mib())
    return table(
        ("of the gateway", "desk", "echo", "ratio", "promise"),
        [
            _row("start to first poll, s", starts, verdict(max(starts.subject), START_AT_MOST_S, " s, each time")),
            _row("idle memory (RSS), MiB", memory, verdict(max(memory.subject), MEMORY_AT_MOST_MIB, " MiB")),
        ],
    )


def _row(what: str, pairs: Pairs, promise: str) -> tuple[str, ...]:
    return what, f"{median(pairs.subject):.2f}", f"{median(pairs.baseline):.2f}", f"{pairs.ratio:.2f}", promise
