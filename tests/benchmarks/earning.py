"""How long people wait for /pnl of 30 days, with its chart and as a table alone, when a year is known."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from chatops.money.facts import Origin, Sample
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.history import PostgresHistory
from tests.benchmarks.desk import desk, settings_file, trader
from tests.benchmarks.pairs import Pairs, quantile, verdict
from tests.benchmarks.platform import DESK, ECHO, Ask, Platform
from tests.benchmarks.program import running
from tests.benchmarks.table import table
from tests.earnings import Earnings, earned, record

BOT, POSITIONS = "alpha", 10
#: What is known: little more than is asked about, and a year, which should cost no more.
SHORT, YEAR = 40, 365
#: As retention leaves samples: minutes of a week, a quarter of an hour before that.
FINE, FINE_FOR, COARSE = timedelta(minutes=1), timedelta(days=7), timedelta(minutes=15)
RUNS, WARM_UP = 60, 10
#: Of those that draw.
RUNS_DRAWN, WARM_UP_DRAWN = 25, 3
TABLE_AT_MOST = 2.0
PNL = Ask("/pnl 30d", "PnL 30d")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which the desk runs."""

    words: str
    #: What `charting_process` makes of its studio; empty is the desk as it is.
    studio: str
    runs: int
    warm_up: int
    days: int = YEAR
    at_most: float | None = None


KINDS = (
    Kind(f"table alone, {SHORT} days known", "none", RUNS, WARM_UP, days=SHORT),
    Kind("table alone", "none", RUNS, WARM_UP, at_most=TABLE_AT_MOST),
    Kind("chart, the first after the start", "", 1, 0),
    Kind("chart, drawn anew", "anew", RUNS_DRAWN, WARM_UP_DRAWN),
    Kind("chart, the same within a minute", "", RUNS, WARM_UP),
)


async def earning() -> str:
    """Measure; gives the table."""
    rows = []
    with TemporaryDirectory(prefix="quarterdeck-bench-") as made:
        folder = Path(made)
        known = {days: await _remember(folder / f"{days}" / "data", days) for days in (SHORT, YEAR)}
        async with AsyncExitStack() as stack:
            platform = await stack.enter_async_context(Platform.running())
            bot, url = await stack.enter_async_context(trader(folder))
            bot.hold(POSITIONS)
            await stack.enter_async_context(platform.echo(folder))
            for kind in KINDS:
                async with _desk(platform, folder / f"{kind.days}", url, kind.studio):
                    rows.append(_row(kind, await _pairs(platform, kind)))
    head = (PNL.text, "runs", "desk ms", "p99", "echo ms", "ratio", "promise")
    return f"  Known: {known[YEAR]}.\n\n" + table(head, rows)


@asynccontextmanager
async def _desk(platform: Platform, folder: Path, bot_url: str, studio: str) -> AsyncIterator[None]:
    if not studio:
        async with desk(platform, folder, bot_url):
            yield
        return
    file = settings_file(folder, platform.access(DESK), bot_url)
    arguments = (studio, "run", "-c", str(file))
    async with running(folder / "desk.log", "tests.benchmarks.charting_process", arguments) as program:
        await platform.polled(DESK, program.started_at)
        yield


async def _pairs(platform: Platform, kind: Kind) -> Pairs:
    pairs = Pairs()
    for run in range(kind.warm_up + kind.runs):
        echoed = Ask(PNL.text, PNL.text)
        (theirs,) = await platform.ask(ECHO, echoed)
        (ours,) = await platform.ask(DESK, PNL)
        if run >= kind.warm_up:
            pairs.add(ours, theirs)
    return pairs


def _row(kind: Kind, pairs: Pairs) -> tuple[str, ...]:
    return (
        kind.words,
        f"{len(pairs.subject)}",
        f"{median(pairs.subject):.1f}",
        f"{quantile(pairs.subject, 0.99):.1f}",
        f"{median(pairs.baseline):.2f}",
        f"{pairs.ratio:.1f}",
        "" if kind.at_most is None else verdict(pairs.ratio, kind.at_most, " × the echo"),
    )


async def _remember(data: Path, days: int) -> str:
    """Give a desk's own database so many days; says what is in it."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    made = _whole(now, days)
    data.parent.mkdir()
    async with EmbeddedPostgres(data) as url, Database.open(url, statement_timeout_s=600.0) as database:
        await database.migrate()
        await record(PostgresHistory(database), [made], now)
        await database.execute("ANALYZE")
    counts = {
        "samples": len(made.samples),
        "bookings": len(made.bookings),
        "payments of funding": len(made.payments),
        "trades": len(made.trades),
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _whole(now: datetime, days: int) -> Earnings:
    """One bot that holds several positions at a time."""
    whole = Earnings(BOT)
    by_moment: dict[datetime, list[Sample]] = defaultdict(list)
    for number in range(POSITIONS):
        one = earned(BOT, now, days=days, luck=number + 1)
        whole.bookings += [replace(each, of=_numbered(each.of, number)) for each in one.bookings]
        whole.payments += [replace(each, of=_numbered(each.of, number)) for each in one.payments]
        whole.trades += [replace(each, id=f"{each.id}-{number}", of=_numbered(each.of, number)) for each in one.trades]
        whole.transfers += one.transfers if number == 0 else []
        for sample in one.samples:
            legs = tuple(replace(leg, of=_numbered(leg.of, number)) for leg in sample.legs)
            by_moment[sample.at].append(replace(sample, legs=legs))
    looks = [_together(at, samples) for at, samples in sorted(by_moment.items())]
    whole.samples = list(_as_kept(looks, now))
    return whole


def _numbered(of: Origin, number: int) -> Origin:
    return replace(of, position=f"{of.position}-{number}", venue=("bybit", "okx", "drift")[number % 3])


def _together(at: datetime, samples: list[Sample]) -> Sample:
    """Of several parts of one bot."""
    deposits = samples[0].deposits
    return Sample(
        at,
        BOT,
        deposits + sum(one.made for one in samples),
        sum((one.unrealized for one in samples), start=samples[0].unrealized * 0),
        deposits,
        tuple(leg for one in samples for leg in one.legs),
    )


def _as_kept(looks: list[Sample], now: datetime) -> Iterable[Sample]:
    """Each as it stood until the next one, as often as samples are kept."""
    for look, after in zip(looks, [*looks[1:], None], strict=True):
        end, at = now if after is None else after.at, look.at
        while at < end:
            yield replace(look, at=at)
            at += FINE if at >= now - FINE_FOR else COARSE
