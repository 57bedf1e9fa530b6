"""How soon what is owed is at the platform, and how much of it a second (SPEC 13.7)."""

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from telegram import Bot

from alerts.severity import Severity
from chatops.messages import Posting
from chatops.owed import Kind
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from tests.benchmarks.outgoing import Outgoing, alert, room_of
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.platform import DESK, ECHO, LIMITED, Ask, Platform
from tests.benchmarks.platform_process import READERS
from tests.benchmarks.table import table

#: Runs of each kind, after some that are not counted.
RUNS, WARM_UP = 300, 50
ECHO_AT_MOST, P99_AT_MOST_MS = 1.0, 10.0
#: Alerts at once, to as many chats as there are readers; the emergencies among them are owed last.
ALERTS, EMERGENCIES = 1_000, 10
FLOODS = 5
EMERGENCIES_WITHIN_S = 3.0
#: Nothing of the pace is left from before.
PAUSE_S = 5.0
#: Between two looks whether all is out.
LOOK_EVERY_S = 0.05

_names = count(1)


async def delivering() -> str:
    """Measure; gives the tables."""
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        folder = Path(made)
        async with AsyncExitStack() as stack:
            platform = await stack.enter_async_context(Platform.running())
            url = await stack.enter_async_context(EmbeddedPostgres(folder / "data"))
            database = await stack.enter_async_context(Database.open(url))
            await database.migrate()
            tables = [
                await _delay(platform, database, folder),
                await _flood(platform, database, folder),
                await _limits(platform, database, folder),
            ]
            for bot in (DESK, ECHO, LIMITED):
                await platform.messages(bot)
            return "\n\n".join(tables)


async def _delay(platform: Platform, database: Database, folder: Path) -> str:
    """From owing an alert to the message at the platform, one at a time."""
    against = {"send": Pairs(), "library": Pairs(), "echo": Pairs()}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(platform.echo(folder))
        ours = await stack.enter_async_context(Outgoing.open(platform, DESK, database, folder, limited=False))
        access = platform.access(ECHO)
        library = await stack.enter_async_context(Bot(access.token, base_url=access.base_url))
        for run in range(WARM_UP + RUNS):
            reader = READERS[run % len(READERS)]
            name, bare, theirs = _name(), _name(), _name()
            began = monotonic()
            await ours.owe(name, reader, Severity.CRITICAL)
            bare_began = monotonic()
            await ours.adapter.send(room_of(reader), Posting(alert(bare)))
            library_began = monotonic()
            await library.send_message(reader, alert(theirs).text)
            owed_at, bare_at = await platform.taken(DESK, [name, bare])
            (library_at,) = await platform.taken(ECHO, [theirs])
            (echoed_ms,) = await platform.ask(ECHO, Ask(theirs, theirs))
            if run >= WARM_UP:
                took_ms = (owed_at - began) * 1_000
                against["send"].add(took_ms, (bare_at - bare_began) * 1_000)
                against["library"].add(took_ms, (library_at - library_began) * 1_000)
                against["echo"].add(took_ms, echoed_ms)
    return table(
        ("owed to taken, one at a time", "outbox ms", "p99 ms", "baseline ms", "ratio", "promise"),
        [
            _delay_row("against the adapter alone", against["send"], ""),
            _delay_row("against a bare library's send", against["library"], ""),
            _delay_row(
                "against a bare library's echo",
                against["echo"],
                f"{verdict(against['echo'].ratio, ECHO_AT_MOST)}, "
                f"{verdict(quantile(against['echo'].subject, 0.99), P99_AT_MOST_MS, ' ms (p99)')}",
            ),
        ],
    )


def _delay_row(what: str, pairs: Pairs, promise: str) -> tuple[str, ...]:
    return (
        what,
        f"{median(pairs.subject):.2f}",
        f"{quantile(pairs.subject, 0.99):.2f}",
        f"{median(pairs.baseline):.2f}",
        f"{pairs.ratio:.2f}",
        promise,
    )


async def _flood(platform: Platform, database: Database, folder: Path) -> str:
    """A thousand alerts at once, to a platform that takes whatever comes, against sends that store nothing."""
    pairs = Pairs()
    async with Outgoing.open(platform, DESK, database, folder, limited=False) as ours:
        for run in range(1 + FLOODS):
            names, bare = [_name() for _ in range(ALERTS)], [_name() for _ in range(ALERTS)]
            began = monotonic()
            async with asyncio.TaskGroup() as tasks:
                for place, name in enumerate(names):
                    tasks.create_task(ours.owe(name, READERS[place % len(READERS)], Severity.CRITICAL))
            took_s = max(await platform.taken(DESK, names)) - began
            began = monotonic()
            await _send_all(ours, bare)
            bare_s = max(await platform.taken(DESK, bare)) - began
            if run:
                pairs.add(took_s, bare_s)
    return table(
        (f"{ALERTS} at once to {len(READERS)} chats, no limits", "outbox a second", "bare a second", "ratio of time"),
        [
            (
                "owed to taken",
                f"{ALERTS / median(pairs.subject):.0f}",
                f"{ALERTS / median(pairs.baseline):.0f}",
                f"{pairs.ratio:.2f}",
            )
        ],
    )


async def _send_all(ours: Outgoing, names: list[str]) -> None:
    """Each chat's one after the other, all chats at once."""
    by_reader: dict[int, list[str]] = defaultdict(list)
    for place, name in enumerate(names):
        by_reader[READERS[place % len(READERS)]].append(name)

    async def send(reader: int, names: list[str]) -> None:
        for name in names:
            await ours.adapter.send(room_of(reader), Posting(alert(name)))

    async with asyncio.TaskGroup() as tasks:
        for reader, theirs in by_reader.items():
            tasks.create_task(send(reader, theirs))


async def _limits(platform: Platform, database: Database, folder: Path) -> str:
    """The same within the limits of Telegram, with emergencies owed last."""
    severities = [Severity.WARNING] * (ALERTS - EMERGENCIES) + [Severity.EMERGENCY] * EMERGENCIES
    async with Outgoing.open(platform, LIMITED, database, folder, limited=True) as ours:
        await asyncio.sleep(PAUSE_S)
        names = [_name() for _ in range(ALERTS)]
        began = monotonic()
        async with asyncio.TaskGroup() as tasks:
            for place, (name, severity) in enumerate(zip(names, severities, strict=True)):
                owing = ours.outbox.owe(
                    alert(name), room_of(READERS[place % len(READERS)]), kind=Kind.ALERT, severity=severity
                )
                tasks.create_task(owing)
        owed_s = monotonic() - began
        emergencies_s = max(await platform.taken(LIMITED, names[-EMERGENCIES:])) - began
        await _all_out(database)
        all_s = monotonic() - began
        answered = await platform.answered(LIMITED)
    refused = answered.pop("429", 0)
    return table(
        (f"{ALERTS} at once within Telegram's limits", "seconds", "promise"),
        [
            ("all are stored", f"{owed_s:.2f}", ""),
            (
                f"the {EMERGENCIES} emergencies owed last are out",
                f"{emergencies_s:.2f}",
                verdict(emergencies_s, EMERGENCIES_WITHIN_S, " s"),
            ),
            (f"all are out, in {sum(answered.values())} messages", f"{all_s:.2f}", ""),
            (f"refused as too many: {refused}", "", verdict(refused, 0)),
        ],
    )


async def _all_out(database: Database) -> None:
    owed = "SELECT EXISTS (SELECT FROM deliveries WHERE state IN ('pending', 'sending'))"
    while await database.fetchval(owed):  # noqa: ASYNC110 - what is folded is gone without a word
        await asyncio.sleep(LOOK_EVERY_S)


def _name() -> str:
    return f"alert {next(_names)}"
