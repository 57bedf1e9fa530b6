"""How late a loop runs what is due while ten charts are drawn for it, and how long a chart takes."""

import asyncio
from statistics import median
from time import perf_counter

from chatops.charts.facts import Facts
from chatops.charts.studio import Studio
from chatops.charts.style import Style
from tests.benchmarks.loop_delay import LoopDelay
from tests.benchmarks.pairs import quantile, verdict
from tests.benchmarks.table import table
from tests.chatops.charts.examples import DARK, FULL, LIGHT

ROUNDS, CHARTS = 6, 10
#: Promised: at the 99th percentile.
AT_MOST_MS = 5.0
#: Nobody waits here for so long as a person would.
PATIENCE_S = 60.0


async def drawing() -> str:
    """Measure; gives the tables."""
    asked: list[tuple[Facts, Style]] = [(facts, style) for style in (LIGHT, DARK) for facts in FULL.values()]
    asked = asked[:CHARTS]
    delay = LoopDelay(asyncio.get_running_loop().time)
    idle: list[float] = []
    busy: list[float] = []
    alone: list[float] = []
    began = perf_counter()
    # Nothing is kept: each is drawn.
    async with Studio(within_s=PATIENCE_S, drawn_within_s=PATIENCE_S, kept_s=0.0) as studio:
        await studio.picture("first", *asked[0])
        first_ms = (perf_counter() - began) * 1_000
        for number in range(ROUNDS):
            delay.start()
            began = perf_counter()
            await asyncio.gather(*(studio.picture((number, place), *one) for place, one in enumerate(asked)))
            took_s = perf_counter() - began
            busy += await delay.stop()
            delay.start()
            await asyncio.sleep(took_s)
            idle += await delay.stop()
            for place, one in enumerate(asked):
                began = perf_counter()
                await studio.picture((number, place, "alone"), *one)
                alone.append((perf_counter() - began) * 1_000)
    rows = [
        (name, f"{len(of)}", *(f"{value:.3f}" for value in (median(of), quantile(of, 0.99), max(of))), promised)
        for name, of, promised in (
            ("idle", idle, ""),
            (f"{CHARTS} charts at once", busy, verdict(quantile(busy, 0.99), AT_MOST_MS, " ms")),
        )
    ]
    times = [
        ("the first, its process started for it", f"{first_ms:.0f}", ""),
        ("each after it", f"{median(alone):.0f}", f"{quantile(alone, 0.99):.0f}"),
    ]
    return "\n\n".join(
        [
            table(("loop delay", "samples", "median ms", "p99", "most", "promise"), rows),
            table(("a chart", "median ms", "p99"), times),
        ]
    )
