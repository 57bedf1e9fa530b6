"""A real crash, told to a room and three people: all that anybody hears of it is in a file to be read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, groupby
from pathlib import Path
from uuid import UUID

import pytest

from alerts.answer import Taken
from alerts.in_memory import InMemoryAlerts
from alerts.model import Alert, Ended, Form, Telling
from alerts.rules import usual
from alerts.severity import Severity
from alerts.terms import DEFAULTS
from alerts.watch import Watch
from alerts.why import Why
from tests.alerts.crash import LASTS_S, Crash
from tests.alerts.roster import MovableRoster
from tests.transcripts import differs

TRANSCRIPT = Path(__file__).parent / "transcripts" / "eth_crash.txt"
STARTED = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TITLE = """\
What everybody hears of the crash of ETH on 17 and 18 August 2023 on a 3.5x borrowed leg on Bybit: two days of the
market in 48 minutes of ours. ops is a room; ada is on call, bob after her, cyn is an operator too; pager is no chat.

First our time, the market's, the health factor, then what the alert is; below it who is told, in which form, why, and
for which reason in words. Figures on a card that change at every evaluation stand in one line. A number that is missing
is the distance to liquidation of the same leg: it is followed, and not told while the health factor says as much.
"""
WORSE = (Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY)
ADA_HAS_IT, BOB_HAS_IT, BOB_CLOSES = 26 * 60, 31 * 60 + 20, 43 * 60


@dataclass(frozen=True)
class Heard:
    """One telling."""

    at_s: int
    market_at: datetime
    health_factor: float | None
    alert: Alert
    telling: Telling


class Replay:
    """One watch over the crash, with its usual rules, terms and policies, and a clock that is handed in."""

    def __init__(self) -> None:
        self.elapsed_s = 0
        self.heard: list[Heard] = []
        self.answers: list[Taken] = []
        #: By our seconds.
        self.factors: dict[int, float] = {}
        self.store = InMemoryAlerts()
        self.crash = Crash("carry", self._wall)
        numbers = count(1)
        self.watch = Watch(
            [self.crash.bot],
            usual(),
            self.store,
            MovableRoster(),
            terms=lambda: DEFAULTS,
            ids=lambda: UUID(int=next(numbers)),
            wall=self._wall,
            elapsed=lambda: self.elapsed_s,
            # A busy machine is no part of the story.
            within_s=60,
        )

    async def run(self, acts: Mapping[int, Callable[[], Awaitable[None]]]) -> None:
        """The whole of it, a snapshot each second; `acts` is what people do, by our seconds."""
        await self.watch.begin()
        try:
            while True:
                await self._look()
                if (act := acts.get(self.elapsed_s)) is not None:
                    await act()
                    self._collect()
                self.elapsed_s += 1
                if self.elapsed_s == LASTS_S:
                    return
                self.crash.tick(1)
        finally:
            self.watch.close()

    async def acknowledge(self, by: str) -> None:
        alert = self.watch.alerts()[0].alert
        self.answers.append((await self.watch.acknowledge(alert.id, alert.epoch, by)).taken)

    @property
    def health(self) -> list[Heard]:
        """What was told of the health factor."""
        return [one for one in self.heard if one.alert.key.rule == "health_factor"]

    def aloud(self) -> list[Heard]:
        """What of it made a sound."""
        return [one for one in self.health if one.telling.form in {Form.CARD, Form.PING}]

    def news(self, severity: Severity) -> list[Heard]:
        """What of it the room was told because it fired or rose to this."""
        room = [one for one in self.aloud() if str(one.telling.target) == "room:ops"]
        return [one for one in room if one.alert.severity is severity and one.telling.why in {Why.FIRED, Why.ROSE}]

    @property
    def text(self) -> str:
        """As a person reads it."""
        told = [list(group) for _, group in groupby(self.heard, key=_line_of)]
        lines, last = [TITLE], None
        for group in told:
            first = group[0]
            if (first.at_s, first.alert.number) != last:
                lines.append(_heading(first))
            last = first.at_s, first.alert.number
            lines.append(_line(group))
        return "\n".join([*lines, ""])

    async def _look(self) -> None:
        snapshot = self.crash.bot.snapshot()
        assert snapshot is not None
        if (factor := self.crash.health_factor) is not None:
            self.factors[self.elapsed_s] = factor
        await self.watch.hear("carry", snapshot)
        await self.watch.tick()
        self._collect()

    def _collect(self) -> None:
        now = (self.elapsed_s, self.crash.market_at, self.crash.health_factor)
        self.heard += [Heard(*now, alert, telling) for alert, telling in self.store.tellings]
        self.store.tellings.clear()

    def _wall(self) -> datetime:
        return STARTED + timedelta(seconds=self.elapsed_s)


def _line_of(one: Heard) -> object:
    """Neighbours of the same kind share a line: figures that change."""
    changes = one.telling.why == Why.FIGURES
    return (one.alert.number, one.telling.target) if changes else id(one)


def _heading(one: Heard) -> str:
    at, alert = STARTED + timedelta(seconds=one.at_s), one.alert
    factor = "  -  " if one.health_factor is None else f"{one.health_factor:.3f}"
    what = f"#{alert.number} {alert.severity if alert.is_open else alert.ended}: {alert.reading.says}"
    return f"\n{at:%H:%M:%S}  {one.market_at:%d %H:%M}  {factor}  {what} ({alert.key}, epoch {alert.epoch})"


def _line(group: Sequence[Heard]) -> str:
    first, last = group[0], group[-1]
    telling = first.telling
    times = f"{len(group)} times until {STARTED + timedelta(seconds=last.at_s):%H:%M:%S}, the last: "
    words = telling.reason if len(group) == 1 else times + last.telling.reason
    return f"    {telling.target!s:<14}{telling.form!s:<12}{telling.why!s:<16}{words}"


@pytest.fixture(scope="module")
def replay() -> Replay:
    made = Replay()

    async def close() -> None:
        await made.crash.close("bob")

    acts = {
        ADA_HAS_IT: lambda: made.acknowledge("ada"),
        BOB_HAS_IT: lambda: made.acknowledge("bob"),
        BOB_CLOSES: close,
    }
    asyncio.run(made.run(acts))
    return made


def test_the_crash_of_august_2023_is_told_as_it_stands_in_the_file(replay: Replay) -> None:
    assert not (difference := differs(TRANSCRIPT, replay.text)), difference


@pytest.mark.parametrize(("severity", "at"), list(zip(WORSE, (0.20, 0.15, 0.10), strict=True)))
def test_each_severity_is_told_to_the_room_once_and_at_the_first_snapshot_beyond_it(
    replay: Replay, severity: Severity, at: float
) -> None:
    (told,) = replay.news(severity)
    crossed = next(second for second, factor in replay.factors.items() if factor < at)
    assert told.at_s == crossed


def test_from_an_acknowledgement_to_the_rise_nobody_hears_a_sound(replay: Replay) -> None:
    rose = replay.news(Severity.CRITICAL)[0].at_s
    assert rose > ADA_HAS_IT
    assert not [one for one in replay.aloud() if ADA_HAS_IT <= one.at_s < rose]
    assert replay.news(Severity.CRITICAL)[0].alert.in_hand is None
    assert replay.answers == [Taken.YES, Taken.YES]


def test_all_who_were_told_hear_that_it_is_over_and_for_how_long(replay: Replay) -> None:
    ends = [one for one in replay.health if one.telling.form is Form.RESOLVED]
    assert {str(one.telling.target) for one in ends} == {str(one.telling.target) for one in replay.health}
    assert {(one.alert.ended, one.telling.reason) for one in ends} == {(Ended.GONE, "resolved after 22 min 59 s")}
