"""Publishes what was kept of a session once more, each snapshot at its moment; nothing can be commanded."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot_integration import Mode, Snapshot
from chatops.history.walking import span_of
from chatops.replay.bot import PastBot
from chatops.replay.clock import ReplayClock
from chatops.replay.tape import Tape
from chatops.storage.errors import StorageError

#: What nothing is known of for longer is leapt over.
_LONGEST_GAP = timedelta(minutes=5)
#: A name that people can type, and that says what it is wherever it shows.
_PREFIX = "replay-"
_LONGEST_NAME = 64


class NothingToReplay(StorageError):
    """There is no snapshot in what was asked for."""


@dataclass(frozen=True, slots=True)
class Played:
    """What was shown so far."""

    first: Snapshot
    last: Snapshot
    snapshots: int = 1
    #: Ids of all positions that were seen.
    held: frozenset[str] = frozenset()
    #: How long nothing was known, and was leapt over.
    leapt: timedelta = timedelta()


class Player:
    """Plays one tape, once."""

    def __init__(
        self,
        tape: Tape,
        clock: ReplayClock,
        *,
        begins: datetime | None = None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._tape = tape
        self._clock = clock
        self._begins = begins
        self._sleep = sleep
        self._bot = PastBot(f"{_PREFIX}{tape.run.bot}"[:_LONGEST_NAME], now=clock)
        self._played: Played | None = None
        self._began = asyncio.Event()
        self._is_over = False

    @property
    def bot(self) -> PastBot:
        """What the views look at."""
        return self._bot

    @property
    def played(self) -> Played | None:
        """What was shown so far; None before the first."""
        return self._played

    @property
    def is_over(self) -> bool:
        """Whether all was shown."""
        return self._is_over

    def expect_something(self) -> None:
        """Before anything is opened for it. Raises `NothingToReplay` where it would begin after the end."""
        if self._begins is not None and self._begins >= span_of(self._tape.run).end:
            raise self._nothing()

    async def began(self) -> None:
        """Wait until something is shown."""
        await self._began.wait()

    async def run(self) -> Played:
        """Play it to its end. Raises `NothingToReplay`, and what reading the tape raises."""
        async for kept in self._tape.kept(self._begins):
            at = kept.snapshot.at
            if self._played is not None and kept.snapshot.seq <= self._played.last.seq:
                # Kept for two reasons.
                continue
            if self._played is None:
                self._clock.run_from(at)
            elif (gap := at - self._played.last.at) > _LONGEST_GAP:
                self._played = replace(self._played, leapt=self._played.leapt + gap)
                self._clock.run_from(at)
            # Also where it is behind: people and what shows it come in between.
            await self._sleep(self._clock.wait_s(at))
            self._show(kept.snapshot)
        self._clock.stop()
        if self._played is None:
            raise self._nothing()
        self._is_over = True
        return self._played

    def _show(self, recorded: Snapshot) -> None:
        session = recorded.session.model_copy(update={"mode": Mode.REPLAY})
        # What a bot's author declared is nothing that could be asked for here.
        shown = recorded.model_copy(update={"bot": self._bot.name, "session": session, "commands": ()})
        self._bot.publish(shown)
        held = frozenset(position.id for position in shown.positions)
        before = self._played
        self._played = (
            Played(shown, shown, held=held)
            if before is None
            else replace(before, last=shown, snapshots=before.snapshots + 1, held=before.held | held)
        )

        self._began.set()

    def _nothing(self) -> NothingToReplay:
        span = span_of(self._tape.run)
        ran = f"{self._tape.run.bot} ran from {span.start:%Y-%m-%d %H:%M:%S} to {span.end:%Y-%m-%d %H:%M:%S} UTC"
        return NothingToReplay(f"{ran}, and nothing is kept of it from there on.")
