"""How much the gateway delays a bot that shares its loop (SPEC 13.5)."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from tests.benchmarks.desk import settings_file
from tests.benchmarks.lines import Child
from tests.benchmarks.pairs import quantile, verdict
from tests.benchmarks.platform import DESK, Platform
from tests.benchmarks.table import table

ASKS = ("/status", "/positions", "/events", "/whoami", "/help")
ASKS_A_SECOND = 20
#: Quiet and asked in turn.
TURNS, TURN_S = 4, 3.0
AT_MOST_MS = 5.0


async def shared_loop() -> str:
    """Measure; gives the table."""
    quiet: list[float] = []
    asked: list[float] = []
    answered = 0
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        folder = Path(made)
        async with Platform.running() as platform:
            began = monotonic()
            file = settings_file(folder, platform.access(DESK), "paper")
            async with Child.running("tests.benchmarks.paper_desk_process", str(file)) as gateway:
                await platform.polled(DESK, began)
                await platform.keep_asking(DESK, ASKS, ASKS_A_SECOND, TURN_S)
                for _ in range(TURNS):
                    await gateway.ask("start")
                    await platform.keep_asking(DESK, (), 1, TURN_S)
                    quiet += await gateway.ask("stop")
                    await gateway.ask("start")
                    answered += await platform.keep_asking(DESK, ASKS, ASKS_A_SECOND, TURN_S)
                    asked += await gateway.ask("stop")
    assert answered >= TURNS * TURN_S * ASKS_A_SECOND * 0.95, f"only {answered} asks were answered"
    heads = ("delay of the loop", "p50 ms", "p99 ms", "max ms", "promise of p99")
    rows = [
        ("without asks", *_figures(quiet), ""),
        (f"{ASKS_A_SECOND} asks a second", *_figures(asked), verdict(quantile(asked, 0.99), AT_MOST_MS, " ms")),
        (
            "ratio",
            *(f"{of(asked) / of(quiet):.2f}" for of in (median, lambda delays: quantile(delays, 0.99), max)),
            "",
        ),
    ]
    return table(heads, rows)


def _figures(delays: list[float]) -> tuple[str, str, str]:
    return f"{median(delays):.2f}", f"{quantile(delays, 0.99):.2f}", f"{max(delays):.2f}"
