"""From a snapshot that breaks a threshold to the message at the platform, beside Alertmanager (SPEC 13.7)."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from bot_integration.feed import BATCH_S
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from tests.benchmarks.alarming import EMERGENCY, LOW, Alarming, alarm_bot, subject
from tests.benchmarks.alertmanager import PROGRAM, Alertmanager, alertmanager
from tests.benchmarks.desk import settings_file
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.platform import DESK, ECHO, LIMITED, LIMITED_OTHER, OTHER, Ask, Platform
from tests.benchmarks.platform_process import GROUP, READERS
from tests.benchmarks.program import running
from tests.benchmarks.table import table

#: Runs of one alert, after some that are not counted; so many stand at once, then all are gone.
RUNS, WARM_UP, STANDING = 150, 30, 60
ECHO_AT_MOST, P99_AT_MOST_MS = 1.0, 10.0
#: So long nothing happens between two runs.
PAUSE_S = 0.02
#: At once into one group of 20 messages a minute.
ALERTS, EMERGENCIES = 1_000, 10
#: A chat takes one a second.
EMERGENCIES_WITHIN_S = EMERGENCIES + 2.0
#: While the platform is away, and so long it takes at most until they are stored.
IN_OUTAGE, STORED_WITHIN_S = 10, 3.0
#: All that the group is told in the first minute is told by then.
FLOOD_S = 30.0
LOOK_EVERY_S = 0.1
ABSENT = "not installed"
_ROOM = """
[[rooms]]
name = "ops"
platform = "telegram"
id = "{chat}"
receives = ["alerts"]
"""

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
            tables = [
                await _one(platform, database, folder),
                await _flood(platform, database, folder),
                await _killed(platform, folder / "killed"),
            ]
            for bot in (DESK, ECHO, LIMITED, OTHER):
                await platform.messages(bot)
            return "\n\n".join(tables)


async def _one(platform: Platform, database: Database, folder: Path) -> str:
    """One alert at a time, without a backlog."""
    near, far, theirs_ms = Pairs(), Pairs(), list[float]()
    chat = READERS[0]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(platform.echo(folder))
        theirs = await _alertmanager(stack, platform, folder / "one", OTHER, chat)
        for pairs, is_far in ((near, False), (far, True)):
            async with Alarming.open(platform, DESK, database, folder, chat=chat, limited=False, far=is_far) as ours:
                standing: list[str] = []
                for run in range(WARM_UP + RUNS):
                    name = _name()
                    took_ms = await _tell_one(platform, ours, standing, name)
                    (echoed_ms,) = await platform.ask(ECHO, Ask(name, name))
                    fired_ms = await _fire_one(platform, theirs, name)
                    if run >= WARM_UP:
                        pairs.add(took_ms, echoed_ms)
                        theirs_ms += fired_ms
    return table(
        ("snapshot to message, one alert at a time", "p50 ms", "p99 ms", "ratio", "promise"),
        [
            _row("the desk: rules, policy, database, Telegram", near),
            _row("the same by a bot behind its control API", far),
            ("a bare library's echo", *_spread(near.baseline + far.baseline), "1.00", ""),
            ("Alertmanager, from its API (stores nothing)", *_spread(theirs_ms), "", ""),
        ],
    )


async def _tell_one(platform: Platform, ours: Alarming, standing: list[str], name: str) -> float:
    """The milliseconds from the snapshot in which this one is in trouble too to the message that says so."""
    if len(standing) == STANDING:
        standing.clear()
        await ours.all_over()
    ours.publish(dict.fromkeys(standing, LOW), [name])
    # A bot's stream tells no more often.
    await asyncio.sleep(BATCH_S + PAUSE_S)
    standing.append(name)
    began = ours.publish(dict.fromkeys(standing, LOW))
    (taken_at,) = await platform.shown(DESK, [subject(name)])
    assert taken_at is not None, f"the alert of {name} did not arrive"
    return (taken_at - began) * 1_000


def _row(what: str, pairs: Pairs) -> tuple[str, ...]:
    late_ms = quantile(pairs.subject, 0.99)
    promise = f"{verdict(pairs.ratio, ECHO_AT_MOST)}, {verdict(late_ms, P99_AT_MOST_MS, ' ms (p99)')}"
    return what, *_spread(pairs.subject), f"{pairs.ratio:.2f}", promise


async def _flood(platform: Platform, database: Database, folder: Path) -> str:
    """A thousand legs in trouble in one snapshot, into one group, within the limits of Telegram."""
    names = [_name() for _ in range(ALERTS)]
    all_of_them, worst = list(map(subject, names)), list(map(subject, names[-EMERGENCIES:]))
    health = dict.fromkeys(names, LOW) | dict.fromkeys(names[-EMERGENCIES:], EMERGENCY)
    async with Alarming.open(platform, LIMITED, database, folder, chat=GROUP, limited=True) as ours:
        began = ours.publish(health)
        worst_s = await _until_named(platform, LIMITED, worst, began)
        all_s = await _until_named(platform, LIMITED, all_of_them, began)
    promise = verdict(worst_s, EMERGENCIES_WITHIN_S, f" s for the {EMERGENCIES} emergencies: {worst_s:.1f}")
    rows = [("the desk", *await _said(platform, LIMITED, all_of_them), f"{all_s:.1f}", promise)]
    async with AsyncExitStack() as stack:
        theirs = await _alertmanager(stack, platform, folder / "flood", LIMITED_OTHER, GROUP)
        if theirs is not None:
            began = monotonic()
            await theirs.fire(all_of_them)
            all_s = await _until_named(platform, LIMITED_OTHER, all_of_them, began)
            rows.append(("Alertmanager", *await _said(platform, LIMITED_OTHER, all_of_them), f"{all_s:.1f}", ""))
    head = f"{ALERTS} at once into one group of 20 a minute, {FLOOD_S:.0f} s"
    return table((head, "told", "messages", "refused (429)", "seconds", "promise"), rows)


async def _until_named(platform: Platform, bot: str, subjects: Sequence[str], began: float) -> float:
    """The seconds from then until all of them have been told of, no more than `FLOOD_S`."""
    while await platform.named(bot, subjects) < len(subjects) and monotonic() - began < FLOOD_S:  # noqa: ASYNC110 - some are in a file, of which nobody is told
        await asyncio.sleep(LOOK_EVERY_S)
    return monotonic() - began


async def _said(platform: Platform, bot: str, subjects: Sequence[str]) -> tuple[str, str, str]:
    """How many were told of, in how many messages, and how many were refused."""
    answered = await platform.answered(bot)
    return f"{await platform.named(bot, subjects)}", f"{answered.get('200', 0)}", f"{answered.get('429', 0)}"


async def _killed(platform: Platform, folder: Path) -> str:
    """Ten alerts while the platform is away, `kill -9`, and a start once it is back."""
    names = [_name() for _ in range(IN_OUTAGE)]
    wanted = list(map(subject, names))
    rows = []
    # A desk of its own: its database is stopped with it.
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs in this process
    async with alarm_bot(folder) as (publish, url):
        file = settings_file(folder, platform.access(DESK), url)
        file.write_text(file.read_text() + _ROOM.format(chat=READERS[1]))
        async with running(folder / "killed.log", "chatops", ("run", "-c", str(file))) as program:
            await platform.polled(DESK, program.started_at)
            await platform.is_away(DESK, True)
            publish(dict.fromkeys(names, LOW))
            await asyncio.sleep(STORED_WITHIN_S)
            program.process.kill()
            await program.process.wait()
        await platform.is_away(DESK, False)
        began = monotonic()
        async with running(folder / "started.log", "chatops", ("run", "-c", str(file))):
            took_s = await _until_named(platform, DESK, wanted, began)
        lost = IN_OUTAGE - await platform.named(DESK, wanted)
        rows.append(("the desk", f"{lost}", f"{took_s:.1f}", verdict(lost, 0)))
    async with AsyncExitStack() as stack:
        theirs = await _alertmanager(stack, platform, folder, OTHER, READERS[1])
        if theirs is not None:
            await platform.is_away(OTHER, True)
            await theirs.fire(wanted)
            await asyncio.sleep(STORED_WITHIN_S)
            await theirs.kill()
            await platform.is_away(OTHER, False)
            await stack.enter_async_context(alertmanager(folder, platform.access(OTHER), READERS[1]))
            took_s = await _until_named(platform, OTHER, wanted, monotonic())
            rows.append(("Alertmanager", f"{IN_OUTAGE - await platform.named(OTHER, wanted)}", f"{took_s:.1f}", ""))
    return table((f"{IN_OUTAGE} alerts in an outage, killed, started again", "lost", "seconds", "promise"), rows)


async def _alertmanager(
    stack: AsyncExitStack, platform: Platform, folder: Path, bot: str, chat: int
) -> Alertmanager | None:
    """It, where it is installed."""
    if PROGRAM is None:
        return None
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - nothing else runs in this process
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
