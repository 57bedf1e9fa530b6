"""How long people on Slack wait for an answer, and for a card to change, beside a bare app of slack_bolt."""

from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.desk import slack_desk, trader
from tests.benchmarks.pairs import Pairs, quantile
from tests.benchmarks.table import table
from tests.benchmarks.workspace import BARE, DESK, Workspace
from tests.benchmarks.workspace_process import PEOPLE
from tests.faults.desk import free_port

#: Runs of each kind, after some that are not counted: everybody has been asked about by then.
RUNS, WARM_UP = 200, PEOPLE
POSITIONS = 5
#: Beyond so many acknowledgements of the slowest kind Slack gives up (contract, limits.ack).
ACK_S = 3.0


async def slack() -> str:
    """Measure; gives the tables."""
    return "\n\n".join([await _by("Socket Mode", None), await _by("signed HTTP", free_port())])


async def _by(way: str, port: int | None) -> str:
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        async with AsyncExitStack() as stack:
            folder = Path(made)
            workspace = await stack.enter_async_context(Workspace.running())
            bot, url = await stack.enter_async_context(trader(folder))
            await stack.enter_async_context(workspace.bare(folder, None if port is None else free_port()))
            await stack.enter_async_context(slack_desk(workspace, folder, url, port))
            await bot.is_heard_to_hold(POSITIONS)
            return await _measured(workspace, way)


async def _measured(workspace: Workspace, way: str) -> str:
    kinds = ("/deck status → acknowledged", "/deck status → answer", "/deck close → question", "click → card changed")
    pairs = {kind: Pairs() for kind in kinds}
    for run in range(WARM_UP + RUNS):
        person = await workspace.turn()
        first = run % 2
        found = {}
        for app in (DESK, BARE)[:: 1 - 2 * first]:
            found[app] = await _one(workspace, app, person)
        if run >= WARM_UP:
            for place, kind in enumerate(kinds):
                pairs[kind].add(found[DESK][place], found[BARE][place])
    rows = [
        (
            kind,
            f"{median(took.subject):.2f}",
            f"{median(took.baseline):.2f}",
            f"{took.ratio:.2f}",
            f"{quantile(took.subject, 0.99):.2f}",
            f"{quantile(took.baseline, 0.99):.2f}",
        )
        for kind, took in pairs.items()
    ]
    return table((f"by {way}", "desk ms", "bolt ms", "ratio", "desk p99 ms", "bolt p99 ms"), rows)


async def _one(workspace: Workspace, app: str, person: int) -> tuple[float, float, float, float]:
    """What one person waits for, of one app."""
    ours = app == DESK
    acked, answered = await workspace.slash(app, person, "/deck status", "alpha is well" if ours else "status")
    _, asked = await workspace.slash(app, person, "/deck close SOL-5", "Close SOL-5?" if ours else "close SOL-5")
    _, changed = await workspace.click(app, person, "Cancel", "Cancelled" if ours else "clicked")
    return acked, answered, asked, changed
