"""The benchmarks from the command line: `python -m tests.benchmarks [name …]`."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from tests.benchmarks.alerting import alerting
from tests.benchmarks.answers import answers
from tests.benchmarks.claiming import claiming
from tests.benchmarks.delivering import delivering
from tests.benchmarks.drawing import drawing
from tests.benchmarks.earning import earning
from tests.benchmarks.feeding import feeding
from tests.benchmarks.guarding import guarding
from tests.benchmarks.history import history
from tests.benchmarks.isolation import isolation
from tests.benchmarks.publishing import publishing
from tests.benchmarks.recording import recording
from tests.benchmarks.rules import rules
from tests.benchmarks.slack import slack
from tests.benchmarks.starting import starting
from tests.benchmarks.streaming import streaming

BENCHMARKS: Mapping[str, tuple[str, Callable[[], Awaitable[str]]]] = {
    "alerting": ("From a snapshot that breaks a threshold to the message, beside Prometheus Alertmanager", alerting),
    "answers": ("From an update at the platform to its answer there, against a bare python-telegram-bot echo", answers),
    "claiming": ("What it costs to find the messages that may go out, behind a million that have gone", claiming),
    "delivering": ("From owing an alert to the message at the platform, against bare sends and an echo", delivering),
    "drawing": ("How late a loop runs while ten charts are drawn for it, and how long a chart takes", drawing),
    "earning": ("From /pnl 30d to its answer, with its chart and without, against an echo; a year is known", earning),
    "feeding": ("What it costs to tell what changed, from 5 to 5,000 positions", feeding),
    "guarding": ("What the guard costs an ask, and its share of the whole answer", guarding),
    "history": ("A year of metrics of 20 bots: a chart's query, rolling up, size", history),
    "isolation": ("How late a bot's own loop runs that has the gateway or stream clients beside it", isolation),
    "publishing": ("What publishing a snapshot costs a bot, against making and keeping one", publishing),
    "recording": ("What it costs to record a bot, from 5 to 500 positions", recording),
    "rules": ("What it costs to read every rule of alerts, from 5 to 5,000 positions", rules),
    "slack": ("From a command or a click on Slack to its answer there, against a bare app of slack_bolt", slack),
    "starting": ("Start with an existing database, and memory, against a bare python-telegram-bot echo", starting),
    "streaming": ("From publishing to 500 clients of a bot's stream, against bare WebSockets", streaming),
}


def main(names: list[str]) -> int:
    """Run those that are named, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}; there is: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    # Ended by a time limit it still puts its servers away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for name in names or BENCHMARKS:
        title, benchmark = BENCHMARKS[name]
        began = monotonic()
        measured = asyncio.run(_measure(benchmark))
        print(f"{name}: {title} ({monotonic() - began:.0f} s)\n\n{measured}\n", flush=True)
    return 0


async def _measure(benchmark: Callable[[], Awaitable[str]]) -> str:
    return await benchmark()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
