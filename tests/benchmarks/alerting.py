"""From a snapshot that breaks a threshold to the message at the platform, beside Alertmanager (SPEC 13.7)."""

import asyncio
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from tests.benchmarks.alarming import EMERGENCY, LOW, Alarming, subject
from tests.benchmarks.alertmanager import PROGRAM, Alertmanager, alertmanager
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.platform import DESK, ECHO, LIMITED, LIMITED_OTHER, OTHER, Ask, Platform
from tests.benchmarks.platform_process import GROUP, READERS
from tests.benchmarks.table import table

#: Runs of one alert, after some that are not counted; so many stand at once, then all are gone.
RUNS, WARM_UP, STANDING = 200, 40, 10
ECHO_AT_MOST, P99_AT_MOST_MS = 1.0, 10.0
#: So long nothing happens between two runs.
PAUSE_S = 0.02
#: At once into one group of 20 messages a minute.
ALERTS, EMERGENCIES = 1_000, 10
EMERGENCIES_WITHIN_S = 5.0
#: All that the group is told in the first minute is told by then.
FLOOD_S = 30.0
LOOK_EVERY_S = 0.1
ABSENT = "not installed"

_names = count(1)


async def alerting() -> str:
    """Measure; gives the tables."""
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        folder = Path(made)
        async with AsyncExitStack() as stack:
            platform = await stack.enter_async_context(Platform.running())
            url = await stack.enter_async_context(EmbeddedPostgres(folder / "data"))
            database = await stack.enter_async_context(Database.open(url))
            await database.migrate()
            tables = [await _one(platform, database, folder), await _flood(platform, database, folder)]
            for bot in (DESK, ECHO, LIMITED, OTHER):
                await platform.messages(bot)
            return "\n\n".join(tables)


async def _one(platform: Platform, database: Database, folder: Path) -> str:
    """One alert at a time, without a backlog."""
    against_echo, theirs_ms = Pairs(), list[float]()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(platform.echo(folder))
        ours = await stack.enter_async_context(
            Alarming.open(platform, DESK, database, folder, chat=READERS[0], limited=False)
        )
        theirs = await _alertmanager(stack, platform, folder / "one", OTHER, READERS[0])
        standing: list[str] = []
        for run in range(WARM_UP + RUNS):
            name = _name()
            ours.publish(dict.fromkeys(standing, LOW), [name])
            await asyncio.sleep(PAUSE_S)
            standing.append(name)
            began = ours.publish(dict.fromkeys(standing, LOW))
            (taken_at,) = await platform.shown(DESK, [subject(name)])
            assert taken_at is not None, f"the alert of {name} did not arrive"
            (echoed_ms,) = await platform.ask(ECHO, Ask(name, name))
            fired_ms = await _fire_one(platform, theirs, name)
            if run >= WARM_UP:
                against_echo.add((taken_at - began) * 1_000, echoed_ms)
                theirs_ms += fired_ms
            if len(standing) == STANDING:
                standing = []
                ours.publish({})
                await asyncio.sleep(PAUSE_S)
                await ours.all_out()
    took = against_echo.subject
    promise = (
        f"{verdict(against_echo.ratio, ECHO_AT_MOST)}, {verdict(quantile(took, 0.99), P99_AT_MOST_MS, ' ms (p99)')}"
    )
    return table(
        ("snapshot to message, one alert at a time", "p50 ms", "p99 ms", "ratio", "promise"),
        [
            ("the desk: rules, policy, database, Telegram", *_spread(took), f"{against_echo.ratio:.2f}", promise),
            ("a bare library's echo", *_spread(against_echo.baseline), "1.00", ""),
            ("Alertmanager, from its API (stores nothing)", *_spread(theirs_ms), "", ""),
        ],
    )


async def _flood(platform: Platform, database: Database, folder: Path) -> str:
    """A thousand legs in trouble in one snapshot, into one group, within the limits of Telegram."""
    names = [_name() for _ in range(ALERTS)]
    worst = names[-EMERGENCIES:]
    rows = []
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(
            Alarming.open(platform, LIMITED, database, folder, chat=GROUP, limited=True)
        )
        theirs = await _alertmanager(stack, platform, folder / "flood", LIMITED_OTHER, GROUP)
        began = ours.publish({name: EMERGENCY if name in worst else LOW for name in names})
        if theirs is not None:
            await theirs.fire([subject(name) for name in names])
        worst_s = FLOOD_S
        while await platform.named(LIMITED, [subject(name) for name in worst]) < EMERGENCIES:
            # Some are in a file: nobody is told when it comes.
            await asyncio.sleep(LOOK_EVERY_S)
            if (worst_s := monotonic() - began) > FLOOD_S:
                break
        await asyncio.sleep(max(0.0, began + FLOOD_S - monotonic()))
        for what, bot, is_there in (
            ("the desk", LIMITED, True),
            ("Alertmanager", LIMITED_OTHER, theirs is not None),
        ):
            answered = await platform.answered(bot) if is_there else {}
            told = await platform.named(bot, [subject(name) for name in names]) if is_there else 0
            rows.append(
                (
                    what,
                    f"{told}" if is_there else ABSENT,
                    f"{answered.get('200', 0)}",
                    f"{answered.get('429', 0)}",
                    f"{worst_s:.1f}, {verdict(worst_s, EMERGENCIES_WITHIN_S, ' s')}" if bot == LIMITED else "",
                )
            )
    head = f"{ALERTS} at once, one group, {FLOOD_S:.0f} s"
    return table((head, "alerts told", "messages", "refused (429)", f"{EMERGENCIES} emergencies out, s"), rows)


async def _alertmanager(
    stack: AsyncExitStack, platform: Platform, folder: Path, bot: str, chat: int
) -> Alertmanager | None:
    """It, where it is installed."""
    if PROGRAM is None:
        return None
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs in this process
    return await stack.enter_async_context(alertmanager(folder, platform.access(bot), chat))


async def _fire_one(platform: Platform, theirs: Alertmanager | None, name: str) -> list[float]:
    if theirs is None:
        return []
    began = monotonic()
    await theirs.fire([subject(name)])
    (taken_at,) = await platform.shown(OTHER, [subject(name)])
    assert taken_at is not None, f"the alert of {name} did not arrive from Alertmanager"
    return [(taken_at - began) * 1_000]


def _spread(values: list[float]) -> tuple[str, str]:
    return (f"{median(values):.2f}", f"{quantile(values, 0.99):.2f}") if values else (ABSENT, "")


def _name() -> str:
    return f"T{next(_names)}"
