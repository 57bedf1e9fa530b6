"""What it costs a bot to publish (SPEC 2: a plain call that never blocks, slows or breaks it)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from bot_integration import BotController, Snapshot
from bot_integration.feed import Feed
from bot_integration.own_loop import OwnLoop
from tests.benchmarks.facts import facts
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.table import table

RUNS, WARM_UP = 200, 20
SIZES = (5, 50, 500)
FOLLOWERS = (0, 10)
#: Of a feed on a thread and loop of its own.
READERS = (0, 100)
NAME = "alpha"

Publish = Callable[[Any], object]


class Holder:
    """The baseline: what somebody writes who has no controller."""

    snapshot: Snapshot | None = None

    def __init__(self) -> None:
        self._session_id = uuid4()
        self._numbers = count()

    def whole(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The facts with what every snapshot needs besides."""
        return {
            "bot": NAME,
            "session_id": self._session_id,
            "seq": next(self._numbers),
            "at": given["timeline"][-1].at,
            **given,
        }

    def assign(self, given: Mapping[str, Any]) -> None:
        """Make a snapshot, and keep it."""
        self.snapshot = Snapshot.model_validate(self.whole(given))


async def publishing() -> str:
    """Measure; gives the table."""
    rows = []
    for followers in FOLLOWERS:
        for kind in ("Snapshot", "mapping"):
            cost: dict[int, float] = {}
            for positions in SIZES:
                pairs = await _measure(kind, positions, followers)
                cost[positions] = median(pairs.subject)
                rows.append(
                    (
                        kind,
                        f"{positions}",
                        f"{followers}",
                        f"{cost[positions]:.1f}",
                        f"{median(pairs.baseline):.1f}",
                        f"{pairs.ratio:.2f}",
                        ""
                        if positions < SIZES[-1]
                        else verdict(cost[SIZES[-1]] / cost[SIZES[-2]], 10, " × that of 50"),
                    )
                )
    head = ("publishing a", "positions", "followers", "publish µs", "construct + assign µs", "ratio", "grows")
    return "\n\n".join((table(head, rows), await _beside_a_feed()))


async def _beside_a_feed() -> str:
    """What a feed on a thread of its own adds to a publish, timed in the bot's thread."""
    rows = []
    for readers in READERS:
        for positions in SIZES:
            pairs = Pairs()
            given = facts(positions)
            holder, controller, alone = Holder(), BotController(NAME), BotController(NAME)
            loop = OwnLoop("a feed")
            loop.start()
            try:
                feed = await loop.run(_fed(controller, readers))
                for run in range(WARM_UP + RUNS):
                    snapshots = [Snapshot.model_validate(holder.whole(given)) for _ in range(2)]
                    # Every position moves, so that there is something to tell.
                    moved = tuple(held.model_copy(update={"divergence": run / 100}) for held in given["positions"])
                    given = {**given, "positions": moved}
                    subject, baseline = (
                        _timed(bot.publish, one) for bot, one in zip((controller, alone), snapshots, strict=True)
                    )
                    await asyncio.sleep(0.002)
                    if run >= WARM_UP:
                        pairs.add(subject, baseline)
                await loop.run(_left(feed))
            finally:
                await loop.stop()
            rows.append(
                (
                    f"{readers}",
                    f"{positions}",
                    f"{median(pairs.subject):.1f}",
                    f"{quantile(pairs.subject, 0.99):.1f}",
                    f"{median(pairs.baseline):.1f}",
                    f"{quantile(pairs.baseline, 0.99):.1f}",
                )
            )
    return table(("readers of a feed", "positions", "publish µs", "p99", "nobody follows µs", "p99"), rows)


async def _fed(controller: BotController, readers: int) -> Feed:
    feed = await Feed(controller).__aenter__()
    for _ in range(readers):
        feed.read(lambda _: None)
    return feed


async def _left(feed: Feed) -> None:
    await feed.__aexit__(None, None, None)


def _growth(cost: Mapping[int, float]) -> str:
    """Whether ten times the positions cost at most ten times as much (SPEC 13.10)."""
    before, after = SIZES[-2:]
    return verdict(cost[after] / cost[before], after / before, f" × that of {before}") if after in cost else ""


async def _measure(kind: str, positions: int, followers: int) -> Pairs:
    """Pairs in µs. Both make a snapshot of the same models; followers take what they are told in between."""
    given = facts(positions)
    holder, controller = Holder(), BotController(NAME)

    def publish(given: Mapping[str, Any]) -> None:
        faults = controller.publish(given if kind == "mapping" else Snapshot.model_validate(holder.whole(given)))
        assert not faults, faults

    pairs = Pairs()
    async with AsyncExitStack() as stack:
        for _ in range(followers):
            await stack.enter_async_context(_following(controller))
        for run in range(WARM_UP + RUNS):
            # A bot makes its positions anew each time. Those before are let go of here, where nobody is timed.
            before, given = given, {**given, "positions": tuple(held.model_copy() for held in given["positions"])}
            published, assigned = _timed(publish, given), _timed(holder.assign, given)
            del before
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            if run >= WARM_UP:
                pairs.add(published, assigned)
    return pairs


def _timed(act: Publish, given: Any) -> float:
    began = perf_counter()
    act(given)
    return (perf_counter() - began) * 1e6


@asynccontextmanager
async def _following(controller: BotController) -> AsyncIterator[None]:
    async def follow() -> None:
        async with controller.follow() as events:
            async for _ in events:
                pass

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
