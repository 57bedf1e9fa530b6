"""What reading every rule costs, ladder and all, by the number of positions (SPEC 13.10: linear at most)."""

import sys
from datetime import timedelta
from time import thread_time

from alerts.ladder import GROUND, Standing, climb
from alerts.model import Key
from alerts.rulebook import Facts
from alerts.rules import RULES, usual
from alerts.terms import DEFAULTS
from alerts.trend import Trend
from bot_integration import BotController, Position, Snapshot
from tests.benchmarks.facts import facts, position
from tests.benchmarks.pairs import verdict
from tests.benchmarks.table import table

SIZES = (5, 50, 500, 5_000)
RUNS, WARM_UP = 15, 3


async def rules() -> str:
    """Measure; gives the tables."""
    desks = [_Desk(positions) for positions in SIZES]
    # One size after another and again, so that a slow moment is in all of them.
    for _ in range(WARM_UP + RUNS):
        for desk in desks:
            desk.turn()
    rows, before = [], 0.0
    for desk in desks:
        read, climbed = min(desk.read_in[WARM_UP:]), min(desk.climbed_in[WARM_UP:])
        each = (read + climbed) / desk.positions
        grown = 10 * each / before if before else 0.0
        rows.append(
            (
                f"{desk.positions}",
                f"{desk.readings}",
                f"{read / desk.positions:.1f}",
                f"{climbed / desk.positions:.1f}",
                f"{(read + climbed) / 1_000:.2f}",
                f"{len(RULES) * 1e6 / each:,.0f}",
                # A little more than ten times, for the caches of a larger one.
                verdict(round(grown, 1), 12, f" × of {desk.positions // 10}: {grown:.1f}") if before else "",
            )
        )
        before = each
    head = ("positions", "readings", "read µs each", "ladder µs each", "ms in all", "rules × positions / s", "grows")
    return "\n\n".join((table(head, rows), _memory()))


class _Desk:
    """A bot of so many positions, read again and again."""

    def __init__(self, positions: int) -> None:
        self.positions = positions
        self.readings = 0
        #: In µs: all rules, and all ladders.
        self.read_in: list[float] = []
        self.climbed_in: list[float] = []
        self._book = usual()
        self._snapshot = _published(positions)
        self._standings: dict[Key, Standing] = {}

    def turn(self) -> None:
        """One snapshot more."""
        last = self._snapshot
        snapshot = self._snapshot = last.model_copy(update={"at": last.at + timedelta(seconds=2), "seq": last.seq + 1})
        terms, standings = DEFAULTS, self._standings
        began = thread_time()
        readings = self._book.read(Facts(snapshot, None, snapshot.at, standings.keys()))
        between = thread_time()
        for reading in readings:
            key = reading.key
            standing = climb(standings.get(key, GROUND), reading, terms[key.rule], snapshot.at)
            if standing is not GROUND:
                standings[key] = standing
        self.climbed_in.append((thread_time() - between) * 1e6)
        self.read_in.append((between - began) * 1e6)
        self.readings = len(readings)


def _memory() -> str:
    """What a leg costs while nothing is wrong with it."""
    trend = Trend.begin(0.5, _published(5).at)
    each = sys.getsizeof(trend) + sum(sys.getsizeof(getattr(trend, name)) for name in trend.__slots__)
    return f"  {each} bytes a leg for its trend {verdict(each, 512, ' B')}; of a subject that is well nothing is kept"


def _published(positions: int) -> Snapshot:
    """One position in fifty has a leg in trouble; the others are well."""
    bot = BotController("alpha")
    whole = facts(0)
    made = (position(number % 50 + 1, whole["session"].started_at) for number in range(positions))
    whole["positions"] = tuple(_one(number, held) for number, held in enumerate(made))
    faults = bot.publish(whole)
    assert not faults, faults
    snapshot = bot.snapshot()
    assert snapshot is not None
    return snapshot


def _one(number: int, held: Position) -> Position:
    borrowed, *others = held.legs
    if number % 50 == 0:
        borrowed = borrowed.model_copy(update={"health_factor": 0.12})
    return held.model_copy(update={"id": f"{held.asset}-{number}", "legs": (borrowed, *others)})
