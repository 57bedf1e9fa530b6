"""How much a gateway and stream clients delay the loop of the bot that they run beside (SPEC 13.5)."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from tests.benchmarks.desk import settings_file
from tests.benchmarks.lines import Child
from tests.benchmarks.pairs import quantile, verdict
from tests.benchmarks.platform import DESK, Platform
from tests.benchmarks.table import table

ASKS = ("/status", "/positions")
ASKS_A_SECOND = 20
POSITIONS = 50
CLIENTS = 100
#: Each is measured in turn, so that a slow moment of the machine is in all.
TURNS, TURN_S = 4, 3.0
AT_MOST_MS = 5.0

Idle = Callable[[], Awaitable[object]]


async def isolation() -> str:
    """Measure; gives the table."""
    delays: dict[str, list[float]] = {}
    bot = "tests.benchmarks.isolated_bot_process"
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        async with (
            Platform.running() as platform,
            Child.running(bot, str(POSITIONS)) as alone,
            Child.running(bot, str(POSITIONS)) as beside,
            Child.running(bot, str(POSITIONS)) as listening,
            Child.running("tests.benchmarks.stream_clients_process") as clients,
        ):

            async def idle() -> int:
                return await platform.keep_asking(DESK, (), 1, TURN_S)

            async def asks() -> int:
                return await platform.keep_asking(DESK, ASKS, ASKS_A_SECOND, TURN_S)

            file = settings_file(Path(made), platform.access(DESK), None)
            began = monotonic()
            await beside.ask("attach", settings=str(file))
            await platform.polled(DESK, began)
            await asks()
            url = await listening.ask("listen")
            await clients.ask("connect", url=url, count=CLIENTS)
            rows: tuple[tuple[str, Child, Idle], ...] = (
                ("alone", alone, idle),
                ("with the gateway beside it", beside, idle),
                (f"… asked {ASKS_A_SECOND} times a second", beside, asks),
                (f"with {CLIENTS} clients of its stream", listening, idle),
            )
            for _ in range(TURNS):
                for name, child, meanwhile in rows:
                    await child.ask("start")
                    await meanwhile()
                    delays.setdefault(name, []).extend(await child.ask("stop"))
            await clients.ask("leave")
            await beside.ask("close")
            await listening.ask("close")
    heads = (f"a bot, {POSITIONS} positions, 10 snapshots/s", "p50 ms", "p99 ms", "max ms", "promise of p99")
    return table(heads, [(name, *_figures(found)) for name, found in delays.items()])


def _figures(delays: list[float]) -> tuple[str, str, str, str]:
    p99 = quantile(delays, 0.99)
    return f"{median(delays):.2f}", f"{p99:.2f}", f"{max(delays):.2f}", verdict(p99, AT_MOST_MS, " ms")
