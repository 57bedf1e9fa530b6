"""Sessions of a paper bot, recorded as they are stored."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot_integration import Snapshot
from bot_integration.paper import MadeMarket, PaperBot
from chatops.history.rows import Kept, Run, Why
from chatops.storage.sessions.file import writing
from chatops.storage.sessions.lines import VERSION, Opening

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
EVERY = timedelta(seconds=30)


def recorded(count: int, scenario: str = "calm", speed: float = 1.0) -> tuple[Snapshot, ...]:
    """So many snapshots of the bot alpha, 30 seconds apart, from noon on; its market goes so many times as fast."""
    at = NOON
    bot = PaperBot("alpha", MadeMarket(seed=3, scenario=scenario), now=lambda: at, speed=speed)
    found = []
    for _ in range(count):
        bot.tick(EVERY.total_seconds())
        snapshot = bot.controller.snapshot()
        assert snapshot is not None
        found.append(snapshot)
        at += EVERY
    return tuple(found)


def run_of(snapshots: tuple[Snapshot, ...]) -> Run:
    """The run that they are of."""
    first, last = snapshots[0], snapshots[-1]
    return Run(first.session_id, "alpha", "paper", "1", "paper", first.at, last.at, last.at)


def file_of(path: Path, snapshots: tuple[Snapshot, ...]) -> Path:
    """A file of their session."""
    run = run_of(snapshots)
    with writing(path) as write:
        write(Opening(VERSION, "alpha", run.session_id, NOON))
        write(run)
        for number, snapshot in enumerate(snapshots):
            write(Kept(Why.REGULAR if number else Why.START, snapshot))
    return path
