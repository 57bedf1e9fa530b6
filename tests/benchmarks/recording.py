"""What recording a bot costs, by the number of positions: a snapshot of which prices are others, and a batch."""

from datetime import timedelta
from decimal import Decimal
from time import thread_time

from bot_integration import BotController, Leg, Position, Snapshot
from bot_integration.retouch import retouched
from chatops.history.recorder import Recorder
from tests.benchmarks.facts import facts
from tests.benchmarks.pairs import verdict
from tests.benchmarks.table import table

SIZES = (5, 50, 500)
RUNS, WARM_UP = 40, 5
#: A snapshot each second, two of them a batch: what `Following` does with a bot near it.
A_BATCH = 2
#: The loop of a bot with 50 positions is held up no longer at one go.
AT_MOST_MS = 5.0


async def recording() -> str:
    """Measure; gives the table."""
    bots = [_Bot(size) for size in SIZES]
    for _ in range(WARM_UP + RUNS):
        for bot in bots:
            bot.turn()
    rows, before = [], 0.0
    for bot in bots:
        take, batch = min(bot.taken_in[WARM_UP:]), min(bot.batched_in[WARM_UP:])
        each = take / bot.positions
        grown = 10 * each / before if before else 0.0
        said = verdict(round(grown, 1), 12, f" × of {bot.positions // 10}: {grown:.1f}") if before else ""
        if bot.positions == 50:
            said = f"{verdict(take / 1_000, AT_MOST_MS, ' ms')}, {said}"
        rows.append((f"{bot.positions}", f"{take:.0f}", f"{each:.1f}", f"{batch:.0f}", said))
        before = each
    return table(("positions", "µs a snapshot", "a position", "µs a batch", ""), rows)


class _Bot:
    """One whose prices move, recorded."""

    def __init__(self, positions: int) -> None:
        self.positions = positions
        #: In µs.
        self.taken_in: list[float] = []
        self.batched_in: list[float] = []
        bot = BotController("alpha")
        assert not bot.publish(facts(positions))
        snapshot = bot.snapshot()
        assert snapshot is not None
        self._snapshot = snapshot
        self._recorder = Recorder("alpha")
        self._recorder.take(snapshot)
        self._recorder.batch()

    def turn(self) -> None:
        """As many snapshots as a batch is of, and the batch."""
        for _ in range(A_BATCH):
            self._snapshot = _moved(self._snapshot)
            began = thread_time()
            self._recorder.take(self._snapshot)
            self.taken_in.append((thread_time() - began) * 1e6)
        began = thread_time()
        self._recorder.batch()
        self.batched_in.append((thread_time() - began) * 1e6)


def _moved(last: Snapshot) -> Snapshot:
    """A second later; every price is another."""
    positions = tuple(_repriced(one, Decimal(last.seq)) for one in last.positions)
    return retouched(last, {"seq": last.seq + 1, "at": last.at + timedelta(seconds=1), "positions": positions})


def _repriced(position: Position, unrealized: Decimal) -> Position:
    legs: tuple[Leg, ...] = tuple(retouched(leg, {"unrealized": unrealized}) for leg in position.legs)
    return retouched(position, {"legs": legs, "pnl": retouched(position.pnl, {"unrealized": unrealized})})
