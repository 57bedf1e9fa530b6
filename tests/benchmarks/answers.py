"""How long people wait for /status and /positions, and for a word sent behind the heaviest one (SPEC 13.6)."""

from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.desk import Trader, desk, trader
from tests.benchmarks.pairs import Pairs, verdict
from tests.benchmarks.platform import DESK, ECHO, Ask, Platform
from tests.benchmarks.table import table

#: Runs of each kind, after some that are not counted.
RUNS, WARM_UP = 100, 25
#: Runs of a word behind another one.
RUNS_BEHIND = 60
#: Positions, and how many times an echo's time the answer may take.
PROMISED = {5: 1.0, 50: 1.0, 200: 1.5}
HEAVIEST = 200
BEHIND_AT_MOST = 3.0


async def answers() -> str:
    """Measure; gives the tables."""
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        async with AsyncExitStack() as stack:
            folder = Path(made)
            platform = await stack.enter_async_context(Platform.running())
            bot, url = await stack.enter_async_context(trader(folder))
            await stack.enter_async_context(platform.echo(folder))
            await stack.enter_async_context(desk(platform, folder, url))
            return "\n\n".join([await _words(platform, bot), await _behind(platform, bot)])


async def _words(platform: Platform, bot: Trader) -> str:
    rows = []
    for positions, at_most in PROMISED.items():
        await bot.is_heard_to_hold(positions)
        asks = {
            "/status": Ask("/status", "alpha is well"),
            "/positions": Ask("/positions", f"{positions} open"),
        }
        pairs = {word: Pairs() for word in asks}
        sent = -await platform.messages(DESK)
        for run in range(WARM_UP + RUNS):
            for word, ask in asks.items():
                ours, theirs = await _pair(platform, ask, desk_first=run % 2 == 0)
                if run >= WARM_UP:
                    pairs[word].add(ours, theirs)
        sent += await platform.messages(DESK)
        each = sent / (WARM_UP + RUNS) / len(asks)
        rows += [
            (
                word,
                f"{positions}",
                f"{median(found.subject):.2f}",
                f"{median(found.baseline):.2f}",
                f"{each:g}",
                f"{found.ratio:.2f}",
                verdict(found.ratio, at_most),
            )
            for word, found in pairs.items()
        ]
    return table(("answer", "positions", "desk ms", "echo ms", "messages", "ratio", "promise"), rows)


async def _pair(platform: Platform, ask: Ask, *, desk_first: bool) -> tuple[float, float]:
    echoed = Ask(ask.text, ask.text)
    if desk_first:
        (ours,) = await platform.ask(DESK, ask)
        (theirs,) = await platform.ask(ECHO, echoed)
    else:
        (theirs,) = await platform.ask(ECHO, echoed)
        (ours,) = await platform.ask(DESK, ask)
    return ours, theirs


async def _behind(platform: Platform, bot: Trader) -> str:
    await bot.is_heard_to_hold(HEAVIEST)
    heaviest = Ask("/positions", f"{HEAVIEST} open")
    rows = []
    for word in (Ask("/whoami", "You are"), Ask("/close SOL-5", "Close SOL-5?")):
        for apart_ms in (0, 1):
            pairs = Pairs()
            for _ in range(RUNS_BEHIND):
                _, behind = await platform.ask(DESK, heaviest, word, apart_s=apart_ms / 1_000)
                (alone,) = await platform.ask(DESK, word)
                pairs.add(behind, alone)
            rows.append(
                (
                    word.text,
                    f"{apart_ms}",
                    f"{median(pairs.subject):.2f}",
                    f"{median(pairs.baseline):.2f}",
                    f"{pairs.ratio:.2f}",
                    verdict(pairs.ratio, BEHIND_AT_MOST),
                )
            )
    return table((f"behind /positions ({HEAVIEST})", "ms later", "behind ms", "alone ms", "ratio", "promise"), rows)
