"""What a feed costs: telling what changed, by the number of positions (SPEC 13.10: linear at most)."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import fmean
from time import thread_time

from bot_integration import BotController, Position, Snapshot
from bot_integration.control.codec import Encoding, decode, encode
from bot_integration.deltas import deltas
from bot_integration.frames import Changed, Stamp, Whole
from bot_integration.kept import KEPT, Kept
from bot_integration.replica import Replica
from tests.benchmarks.facts import facts
from tests.benchmarks.pairs import verdict
from tests.benchmarks.table import table

SIZES = (5, 50, 500, 5_000)
#: So often each step is run, and more often with few positions: as many of them in all.
RUNS, WARM_UP = 15, 3
POSITIONS_IN_ALL = 75_000
#: The name of a step, and what is measured of it.
Steps = Mapping[str, Callable[[], object]]


async def feeding() -> str:
    """Measure; gives the tables."""
    rows = []
    before: Mapping[str, Cost] = {}
    for positions in SIZES:
        cost, share = _measure(positions)
        grows = max((cost[step].in_all_us / before[step].in_all_us for step in before), default=0)
        rows.append(
            (
                f"{positions}",
                *(f"{one.own_us / positions:.1f} + {one.collector_us / positions:.1f}" for one in cost.values()),
                f"{share:.0%}",
                # A little more than ten times, for the caches of a larger one.
                verdict(round(grows, 1), 12, f" × of {positions // 10}: {grows:.1f}") if before else "",
            )
        )
        before = cost
    steps = ("deltas", "unchanged", "encode", "decode", "apply", "encode whole")
    head = ("positions", *steps, "delta / whole", "dearest step")
    # A full collection looks at all there is, once a quarter as much again was made: a constant a position, which few
    # positions do not pay because the rest of the process is more than they are.
    said = (
        "In µs a position: the step's own, and what Python's garbage collector took meanwhile; the growth is of both."
    )
    return "\n\n".join((said, table(head, rows), _memory()))


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run of a step."""

    own_us: float
    collector_us: float

    @property
    def in_all_us(self) -> float:
        """What a bot pays."""
        return self.own_us + self.collector_us


def _measure(positions: int) -> tuple[dict[str, Cost], float]:
    """What each step takes, and what a delta's bytes are of a snapshot's."""
    before = _published(positions)
    after = _moved(before)
    again = Snapshot.model_validate(after.model_dump() | {"seq": after.seq + 1})
    found = tuple(deltas(before, after))
    whole = Whole(Stamp(before.session_id, 0, before.seq, before.at), before)
    frame = Changed(Stamp(after.session_id, len(found), after.seq, after.at), found)
    given = encode(frame, Encoding.JSON)
    came = decode(given, Encoding.JSON)

    def apply() -> None:
        replica = Replica()
        replica.apply(whole)
        replica.apply(came)

    steps: Steps = {
        "deltas": lambda: deltas(before, after),
        "unchanged": lambda: deltas(after, again),
        "encode": lambda: encode(frame, Encoding.JSON),
        "decode": lambda: decode(given, Encoding.JSON),
        "apply": apply,
        "encode whole": lambda: encode(whole, Encoding.JSON),
    }
    cost = {step: _timed(act, max(RUNS, POSITIONS_IN_ALL // positions)) for step, act in steps.items()}
    return cost, len(given) / len(encode(whole, Encoding.JSON))


def _memory() -> str:
    kept, snapshot = Kept(), _published(50)
    while len(kept) < KEPT:
        before, snapshot = snapshot, _moved(snapshot)
        kept.add(deltas(before, snapshot))
    mib = kept.bytes / 2**20
    return f"  {KEPT} kept deltas, of two-legged positions that all moved: {mib:.1f} MiB {verdict(mib, 20, ' MiB')}"


def _published(positions: int) -> Snapshot:
    bot = BotController("alpha")
    faults = bot.publish(facts(positions))
    assert not faults, faults
    snapshot = bot.snapshot()
    assert snapshot is not None
    return snapshot


def _moved(snapshot: Snapshot) -> Snapshot:
    """A moment later: all prices moved, and what hangs on them."""
    at = snapshot.at + timedelta(milliseconds=100)
    step = Decimal("0.01")

    def moved(one: Position) -> Position:
        legs = tuple(
            leg.model_copy(
                update={
                    "mark_price": (leg.mark_price or 0) + step,
                    "notional": leg.notional + step,
                    "unrealized": leg.unrealized + step,
                }
            )
            for leg in one.legs
        )
        pnl = one.pnl.model_copy(update={"unrealized": one.pnl.unrealized + step, "total": one.pnl.total + step})
        return one.model_copy(update={"updated_at": at, "delta": one.delta + step, "pnl": pnl, "legs": legs})

    positions = tuple(moved(one) for one in snapshot.positions)
    return snapshot.model_copy(update={"seq": snapshot.seq + 1, "at": at, "positions": positions})


def _timed(act: Callable[[], object], runs: int) -> Cost:
    """Of this thread: what others do meanwhile is not in it.

    The least of the step itself, whose caches others use too; of the collector the mean, as it comes now and then.
    """
    collector_s, began_s = 0.0, 0.0

    def watch(phase: str, _: Mapping[str, int]) -> None:
        nonlocal collector_s, began_s
        if phase == "start":
            began_s = thread_time()
        else:
            collector_s += thread_time() - began_s

    own, collector = [], []
    gc.callbacks.append(watch)
    try:
        for run in range(WARM_UP + runs):
            collector_s, began = 0.0, thread_time()
            act()
            took = thread_time() - began
            if run >= WARM_UP:
                own.append((took - collector_s) * 1e6)
                collector.append(collector_s * 1e6)
    finally:
        gc.callbacks.remove(watch)
    return Cost(min(own), fmean(collector))
