"""A tape that is played: each snapshot at its moment, as what it is, and deaf to every command."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot_integration import Mode, Outcome, Refused, Snapshot, SnapshotTaken
from bot_integration.commands import CloseAll, ClosePosition, Command, KillSwitch, Pause, Ping
from bot_integration.feed import Feed
from chatops.history.rows import Kept, Run, Why
from chatops.ids import uuid7
from chatops.replay.clock import ReplayClock
from chatops.replay.player import NothingToReplay, Player
from chatops.replay.tape import FileTape
from chatops.replay.words import lines
from chatops.storage.sessions.file import NotASession
from tests.chatops.replay.recording import EVERY, NOON, file_of, recorded, run_of


class Wall:
    """Seconds that pass while somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        #: The replay's clock, and what its bot said, whenever somebody woke up.
        self.woke: list[float] = []

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.woke.append(round(self.at, 3))


class Tape:
    """Snapshots in memory."""

    def __init__(self, snapshots: tuple[Snapshot, ...]) -> None:
        self.snapshots = snapshots

    @property
    def run(self) -> Run:
        return run_of(self.snapshots)

    async def kept(self, begins: datetime | None) -> AsyncIterator[Kept]:
        for one in self.snapshots:
            if begins is None or one.at >= begins:
                yield Kept(Why.REGULAR, one)


def player(snapshots: tuple[Snapshot, ...], wall: Wall, speed: float = 60.0, begins: datetime | None = None) -> Player:
    return Player(Tape(snapshots), ReplayClock(NOON, speed, wall), begins=begins, sleep=wall.sleep)


async def test_each_snapshot_is_told_at_its_moment_and_marked_as_a_replay() -> None:
    snapshots, wall = recorded(4), Wall()
    playing = player(snapshots, wall)
    async with playing.bot.follow() as events:
        played = await playing.run()
        taken = [event async for event, _ in _some(events, 4)]
    assert wall.woke == [0, 0.5, 1.0, 1.5]
    assert [one.snapshot.at for one in taken] == [one.at for one in snapshots]
    assert {(one.snapshot.bot, one.snapshot.session.mode) for one in taken} == {("replay-alpha", Mode.REPLAY)}
    assert taken[-1].snapshot.positions == snapshots[-1].positions
    assert (played.snapshots, playing.is_over) == (4, True)


async def _some(events: AsyncIterator[object], count: int) -> AsyncIterator[tuple[SnapshotTaken, int]]:
    seen = 0
    async for event in events:
        if isinstance(event, SnapshotTaken):
            seen += 1
            yield event, seen
            if seen == count:
                return


async def test_it_goes_through_the_same_feed_as_a_living_bot() -> None:
    snapshots, wall = recorded(3), Wall()
    playing = player(snapshots, wall)
    async with Feed(playing.bot) as feed:
        await playing.run()
        feed.look()
        whole = feed.whole
    assert whole is not None
    assert (whole.stamp.at, whole.stamp.bot_seq) == (snapshots[-1].at, snapshots[-1].seq)


async def test_it_begins_where_it_is_told_to_and_leaps_over_what_nobody_recorded() -> None:
    first, second, third = recorded(3)
    third = third.model_copy(update={"at": third.at + timedelta(hours=9)})
    wall = Wall()
    played = await player((first, second, third), wall, begins=second.at).run()
    assert (played.first.at, played.last.at, played.snapshots) == (second.at, third.at, 2)
    assert wall.woke == [0, 0]
    assert played.leapt == third.at - second.at
    assert any("9 h" in line and "leapt over" in line for line in lines(played))


async def test_after_its_end_there_is_nothing_and_it_says_when_it_was() -> None:
    snapshots = recorded(2)
    with pytest.raises(NothingToReplay, match="alpha ran from 2026-03-14 12:00:00 to 2026-03-14 12:00:30 UTC"):
        await player(snapshots, Wall(), begins=NOON + timedelta(days=1)).run()
    with pytest.raises(NothingToReplay):
        player(snapshots, Wall(), begins=NOON + timedelta(days=1)).expect_something()
    player(snapshots, Wall(), begins=snapshots[-1].at).expect_something()


@pytest.mark.parametrize("kind", [Pause, CloseAll, KillSwitch, ClosePosition])
async def test_nothing_can_be_commanded_however_the_clock_runs(kind: type[Command]) -> None:
    arguments: dict[type[Command], dict[str, Any]] = {
        KillSwitch: {"active": True},
        ClosePosition: {"position_id": "SOL-1"},
        Pause: {"scope": "all"},
    }
    playing = player(recorded(1), Wall())
    await playing.run()
    # Long over, by the time of then.
    command = kind(id=uuid7(), by="ada", not_after=NOON - EVERY, **arguments.get(kind, {}))
    assert (await playing.bot.execute(command)).outcome is Outcome.REFUSED
    with pytest.raises(Refused, match="replay-alpha is a replay"):
        await playing.bot.preview(command)
    assert (await playing.bot.execute(Ping(id=uuid7(), by="ada", not_after=NOON + EVERY))).outcome is Outcome.DONE


async def test_a_file_plays_what_was_recorded(tmp_path: Path) -> None:
    snapshots, wall = recorded(3), Wall()
    tape = FileTape(file_of(tmp_path / "a.jsonl", snapshots))
    played = await Player(tape, ReplayClock(NOON, 60, wall), sleep=wall.sleep).run()
    assert (played.snapshots, played.last.positions) == (3, snapshots[-1].positions)
    (tmp_path / "b.txt").write_text("hello\n")
    with pytest.raises(NotASession, match=r"b\.txt line 1: it is no JSON"):
        FileTape(tmp_path / "b.txt")
