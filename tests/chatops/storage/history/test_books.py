"""Whatever was recorded, however often and with whatever mishaps: figures are those of the facts themselves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chatops.history.rows import Batch, Head
from chatops.money.attribution import By, attributed, parts
from chatops.money.books import Books
from chatops.money.daily import bars
from chatops.money.downtime import downtime
from chatops.money.facts import Gap, OpenLeg, Sample, Trade
from chatops.money.funding import funding
from chatops.money.performance import performance
from chatops.money.spans import Calendar, Span, days
from chatops.money.summary import equity
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.history import PostgresHistory
from chatops.storage.history.forgetting import forget_history
from tests.chatops.money.lives import ALL, CAPITAL, LENGTH, START, Life, lives, origin, trades
from tests.chatops.storage.asking import FrailDatabase
from tests.chatops.storage.history.telling import MINUTE, RUN, batch, forget_all, sample, snapshot
from tests.examples import examples

BOTS = tuple(CAPITAL)
QUARTER = timedelta(minutes=15)
#: Its days begin at a half hour of UTC.
KOLKATA = ZoneInfo("Asia/Kolkata")
LONG_AFTER = ALL.end + timedelta(days=20)


class Mishap(Enum):
    NONE = "none"
    #: The same is told again.
    AGAIN = "again"
    #: What the database answered is lost, stored or not.
    LOST = "lost"
    #: Another recorder was first.
    OVERTAKEN = "overtaken"


moments = st.timedeltas(timedelta(0), LENGTH).map(lambda after: START + after)
minutes = moments.map(lambda at: at.replace(second=0, microsecond=0))
quarters = minutes.map(lambda at: at.replace(minute=at.minute // 15 * 15))
gaps = st.builds(
    lambda bot, start, length: Gap(bot, start, start + length),
    st.sampled_from(BOTS),
    moments,
    st.timedeltas(timedelta(0), timedelta(days=1)),
)


def span(ends: st.SearchStrategy[datetime]) -> st.SearchStrategy[Span]:
    return st.tuples(ends, ends).map(lambda both: Span(min(both), max(both)))


def batches(life: Life, closed: Sequence[Trade], unseen: Sequence[Gap], cuts: Iterable[datetime]) -> list[list[Batch]]:
    """What a recorder makes of a life, cut into batches: those of each time together."""
    edges = [START, *sorted(cuts), ALL.end + timedelta(days=6)]
    told = []
    for seq, (start, end) in enumerate(pairwise(edges), start=1):
        own = Span(start, end)
        told.append([
            Batch(
                bot,
                Head(RUN, seq - 1, snapshot(seq - 1, bot), {}) if seq > 1 else None,
                Head(RUN, seq, snapshot(seq, bot), {}),
                bookings=tuple(one for one in life.bookings if one.at in own and one.of.bot == bot),
                payments=tuple(one for one in life.payments if one.at in own and one.of.bot == bot),
                trades=tuple(one for one in closed if one.closed_at in own and one.of.bot == bot),
                samples=tuple(one for one in life.samples if one.at in own and one.bot == bot),
                transfers=tuple(one for one in life.transfers if one.at in own and one.bot == bot),
                gaps=tuple(one for one in unseen if one.start in own and one.bot == bot),
            )
            for bot in BOTS
        ])  # fmt: skip
    return told


async def record(database: Database, told: Sequence[Batch], mishap: Mishap) -> None:
    """As recorders do: what is not known to be stored is told again, where the head says that it is not."""
    frail = FrailDatabase(database)
    history = PostgresHistory(frail)
    match mishap:
        case Mishap.LOST:
            frail.loses = 1
        case Mishap.OVERTAKEN:
            assert await PostgresHistory(database).keep(told[:1]) == frozenset()
            assert await history.keep(told) == {told[0].bot}
        case _:
            pass
    missing = list(told)
    while missing:
        try:
            await history.keep(missing)
        except DatabaseAway:
            continue
        finally:
            heads = await PostgresHistory(database).heads([one.bot for one in told])
            missing = [one for one in missing if one.bot not in heads or heads[one.bot].seq < one.head.seq]
    if mishap is Mishap.AGAIN:
        assert await history.keep(told) == frozenset(BOTS)


def figures(books: Books, of: Span) -> list[object]:
    paid = funding(books.payments, of)
    return [
        parts(books, of),
        [attributed(books, of, by) for by in By],
        equity(books, of),
        (paid.actual, paid.expected, paid.of_expected),
        performance(books.trades, of),
        downtime(books.gaps, of),
    ]


@given(
    life=lives("put in"),
    closed=st.lists(trades().map(lambda one: replace(one, of=replace(one.of, venue=""))), max_size=5),
    unseen=st.lists(gaps, max_size=3, unique_by=lambda one: (one.bot, one.start)),
    cuts=st.lists(moments.filter(lambda at: at > START), max_size=4, unique=True),
    mishaps=st.lists(st.sampled_from(Mishap), min_size=5, max_size=5),
    any_span=span(minutes),
    wide=span(quarters),
)
@settings(
    max_examples=examples(15),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # Each step waits for a real database: to shrink a failure would take minutes.
    phases=[Phase.generate],
)
async def test_figures_are_those_of_the_facts_whatever_went_wrong_and_after_thinning_too(
    database: Database,
    *,
    life: Life,
    closed: list[Trade],
    unseen: list[Gap],
    cuts: list[datetime],
    mishaps: list[Mishap],
    any_span: Span,
    wide: Span,
) -> None:
    await forget_all(database)
    for told, mishap in zip(batches(life, closed, unseen, cuts), mishaps, strict=False):
        await record(database, told, mishap)
    facts = replace(life.books, trades=tuple(closed), gaps=tuple(unseen))
    history = PostgresHistory(database)
    for of in (any_span, wide, ALL):
        assert figures(await history.books(BOTS, of), of) == figures(facts, of)
    assert sorted(one.at for one in await history.bookings(BOTS, ALL)) == sorted(one.at for one in life.bookings)
    await forget_history(database, LONG_AFTER)
    for of in (wide, ALL):
        assert figures(await history.books(BOTS, of), of) == figures(facts, of)
    calendar = Calendar(days(ALL, KOLKATA))
    marks = [one.end for _, one in calendar.named]
    assert bars(await history.books(BOTS, ALL, marks=marks), calendar) == bars(facts, calendar)


async def samples(database: Database, bots: Collection[str], of: Span, step: timedelta) -> list[Sample]:
    books = await PostgresHistory(database).books(bots, of, step=step)
    return sorted(books.samples, key=lambda one: one.at)


async def test_the_last_sample_of_a_minute_takes_the_place_of_the_others(database: Database) -> None:
    history, at = PostgresHistory(database), START
    first, second = sample(at + timedelta(seconds=10), Decimal(1)), sample(at + timedelta(seconds=50), Decimal(2))
    closed = replace(second, at=second.at + timedelta(seconds=5), legs=())
    await history.keep([batch(1, samples=(first, second))])
    await history.keep([batch(2, samples=(closed,))])
    assert (await history.books(["alpha"], ALL)).samples == (closed,)


async def test_samples_are_as_far_apart_as_is_asked_for_and_true_at_the_ends_and_the_marks(database: Database) -> None:
    history = PostgresHistory(database)
    told = [sample(START + n * MINUTE + timedelta(seconds=30), Decimal(n)) for n in range(180)]
    await history.keep([batch(samples=tuple(told))])
    of, mark = Span(START + 10 * MINUTE, START + 130 * MINUTE), START + 75 * MINUTE
    books = await history.books(["alpha"], of, step=timedelta(hours=1), marks=[mark])
    # Before the start, the last of the first hour, before the mark, of the second hour, before the end.
    assert sorted(one.equity for one in books.samples) == [9, 59, 74, 119, 129]
    assert [bool(one.legs) for one in sorted(books.samples, key=lambda one: one.at)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert len(await samples(database, ["alpha"], of, MINUTE)) == 121


async def test_a_bot_that_was_silent_for_months_still_stands_as_it_last_did(database: Database) -> None:
    history = PostgresHistory(database)
    held = replace(sample(START), legs=(OpenLeg(origin("alpha", 0), Decimal(3)),))
    await history.keep([batch(samples=(held,))])
    later = Span(ALL.end + timedelta(days=100), ALL.end + timedelta(days=101))
    assert (await history.books(["alpha"], later)).samples == (held,)
    assert attributed(await history.books(["alpha"], later), later, By.LANE)["carry"].unrealized == 0


async def test_what_is_of_the_very_end_is_of_the_next_span(database: Database) -> None:
    history, end = PostgresHistory(database), START + timedelta(seconds=90)
    told = [sample(START + timedelta(seconds=30), Decimal(1)), sample(end, Decimal(2))]
    await history.keep([batch(samples=tuple(told))])
    assert (await history.books(["alpha"], Span(START, end))).samples == (told[0],)
    assert (await history.books(["alpha"], Span(end, end + MINUTE))).samples == (told[0], told[1])
