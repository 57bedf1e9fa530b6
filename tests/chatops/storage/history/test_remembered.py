"""What was read before is good until somebody writes in that time, whoever that is: figures are never of yesterday."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chatops.history.figures import Figures
from chatops.money.attribution import By
from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, Sample, Trade
from chatops.money.spans import Calendar, Span, days, last
from chatops.money.summary import Summary
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.history import PostgresHistory
from chatops.storage.history.forgetting import forget_history
from chatops.storage.history.remembered import Remembered, Stretch
from tests.chatops.storage.asking import FrailDatabase
from tests.chatops.storage.history.telling import MINUTE, SOL, batch, forget_all, sample
from tests.examples import examples

NOW = datetime(2026, 4, 20, 9, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Its days begin at a quarter of an hour of UTC.
KATHMANDU, BERLIN = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Berlin")
BOTS = ("alpha", "beta")
RANGES = (DAY, 7 * DAY, 30 * DAY, 90 * DAY)


class Desk:
    """One that reads and writes a database of several."""

    def __init__(self, database: Database) -> None:
        self.history = PostgresHistory(database)
        self.figures = Figures(self.history)

    async def write(self, bot: str, **facts: object) -> None:
        heads = await self.history.heads([bot])
        seq = heads[bot].seq + 1 if heads else 1
        assert await self.history.keep([batch(seq, bot, **facts)]) == frozenset()

    async def tells(self, length: timedelta, zone: ZoneInfo, *, apart: bool, now: datetime = NOW) -> list[object]:
        """All figures, as words and charts have them."""
        span = last(length, now)
        calendar = Calendar(days(span, zone)) if length > 7 * DAY else None
        books = await self.figures.books(BOTS, span, calendar=calendar, apart=apart)
        summary = await self.figures.summary(BOTS, span, zone, books=books)
        shares = [await self.figures.attributed(BOTS, span, by, books=books) for by in (By if apart else [By.BOT])]
        drawn = await self.figures.bars(BOTS, calendar, books=books) if calendar else ()
        return [ordered(books), summary, judged(summary), shares, drawn]


def ordered(books: Books) -> list[list[Any]]:
    kinds: tuple[tuple[Any, ...], ...] = (books.bookings, books.payments, books.trades, books.samples, books.gaps)
    return [sorted(kind, key=repr) for kind in kinds]


def judged(summary: Summary) -> tuple[object, ...]:
    return summary.performance, summary.sharpe, summary.points


def of_bot(bot: str) -> Any:
    return replace(SOL, bot=bot)


def trade(bot: str, at: datetime, amount: int) -> Trade:
    of = replace(of_bot(bot), venue="")
    return Trade(f"{bot}/{at}/{amount}", of, at - HOUR, at, Decimal(amount), Decimal(1), Decimal(2), Decimal(500))


bots, amounts = st.sampled_from(BOTS), st.integers(-50, 50)
moments = st.timedeltas(timedelta(0), 95 * DAY).map(lambda ago: NOW - ago)
#: Near the ends of hours, of days and of what is asked about.
edges = st.builds(
    lambda ago, off: NOW - ago - off,
    st.sampled_from([timedelta(0), 17 * MINUTE, HOUR, DAY, 9 * HOUR, 7 * DAY, 30 * DAY]),
    st.sampled_from([timedelta(0), timedelta(microseconds=1), MINUTE, 17 * MINUTE]),
)
writes = st.tuples(st.sampled_from(["sample", "booking", "payment", "trade"]), bots, moments | edges, amounts)
mishaps = st.sampled_from(["none", "restart", "shifted", "deleted", "thinned"])
steps = st.tuples(st.lists(writes, min_size=1, max_size=4), mishaps, st.sampled_from(RANGES), st.booleans())
FACTS: dict[str, Callable[[str, datetime, int], dict[str, object]]] = {
    "sample": lambda bot, at, amount: {"samples": (sample(at, Decimal(1000 + amount), bot),)},
    "booking": lambda bot, at, amount: {"bookings": (Booking(at, of_bot(bot), Decimal(amount), Decimal(1)),)},
    "payment": lambda bot, at, amount: {"payments": (FundingPayment(at, of_bot(bot), Decimal(amount), Decimal(3)),)},
    "trade": lambda bot, at, amount: {"trades": (trade(bot, at, amount),)},
}
MISHAPS = {
    "shifted": "UPDATE samples SET deposits = deposits + 7 WHERE bot = 'alpha'",
    "deleted": "DELETE FROM funding_payments WHERE bot = 'beta'",
}


@given(
    told=st.lists(steps, min_size=2, max_size=5),
    zone=st.sampled_from([KATHMANDU, BERLIN]),
)
@settings(
    max_examples=examples(8),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
async def test_who_remembers_tells_what_who_reads_it_for_the_first_time_does(
    database: Database, *, told: list[Any], zone: ZoneInfo
) -> None:
    await forget_all(database)
    reader, writer = Desk(database), Desk(database)
    for bot in BOTS:
        await writer.write(bot, samples=tuple(sample(NOW - n * 31 * HOUR, Decimal(1000 + n), bot) for n in range(60)))
    for written, mishap, length, apart in told:
        before = await reader.tells(length, zone, apart=apart)
        assert before == await Desk(database).tells(length, zone, apart=apart)
        for kind, bot, at, amount in written:
            await writer.write(bot, **FACTS[kind](bot, at, amount))
        await database.execute(MISHAPS.get(mishap, "SELECT 1"))
        reader, writer = (Desk(database), reader) if mishap == "restart" else (reader, writer)
        await forget_history(database, NOW if mishap == "thinned" else NOW - 365 * DAY)
        for asked in dict.fromkeys((length, *RANGES[:2])):
            found = await reader.tells(asked, zone, apart=apart)
            assert found == await Desk(database).tells(asked, zone, apart=apart)


async def begun(database: Database) -> Desk:
    """A desk that has answered, of a bot that stood for a month."""
    desk = Desk(database)
    for bot in BOTS:
        told = tuple(sample(NOW - n * 50 * MINUTE, Decimal(1000 + n % 7), bot) for n in range(40 * 24))
        await desk.write(bot, samples=told)
    for length in RANGES:
        await desk.tells(length, BERLIN, apart=False)
    return desk


async def parts(desk: Desk) -> tuple[tuple[Books, ...], ...]:
    span = last(30 * DAY, NOW)
    books = await desk.figures.books(BOTS, span, calendar=Calendar(days(span, BERLIN)), apart=False)
    return books.parts


async def total(desk: Desk, length: timedelta) -> Decimal:
    books = await desk.figures.books(BOTS, last(length, NOW), apart=False)
    return (await desk.figures.summary(BOTS, last(length, NOW), BERLIN, books=books)).parts.total


async def test_what_is_over_is_read_once_and_again_where_somebody_wrote_in_it(database: Database) -> None:
    desk = await begun(database)
    first, again = await parts(desk), await parts(desk)
    changed = [n for n, (one, other) in enumerate(zip(first, again, strict=True)) if one[0] is not other[0]]
    assert changed == [len(first) - 1]
    # Another desk hears late of what was ten days ago.
    await Desk(database).write("alpha", bookings=(Booking(NOW - 10 * DAY, of_bot("alpha"), Decimal(5)),))
    late = await parts(desk)
    moved = [n for n, (one, other) in enumerate(zip(again, late, strict=True)) if one[0] is not other[0]]
    assert moved == [len(late) - 11, len(late) - 1]
    # The other bot's stays as it was.
    assert late[-11][1] is again[-11][1]


async def test_what_is_written_counts_from_the_moment_on_at_which_it_is_there(database: Database) -> None:
    desk, other = await begun(database), Desk(database)
    for length in RANGES:
        for ago in (timedelta(0), 5 * HOUR, length - HOUR):
            was = await total(desk, length)
            await other.write("beta", payments=(FundingPayment(NOW - ago, of_bot("beta"), Decimal(2)),))
            assert await total(desk, length) == was + 2


async def test_a_late_sample_of_before_the_time_changes_what_the_time_began_with(database: Database) -> None:
    desk, span = await begun(database), last(30 * DAY, NOW)
    before = await desk.tells(30 * DAY, BERLIN, apart=False)
    await Desk(database).write("alpha", samples=(sample(span.start - MINUTE, Decimal(50)),))
    after = await desk.tells(30 * DAY, BERLIN, apart=False)
    assert after != before
    assert after == await Desk(database).tells(30 * DAY, BERLIN, apart=False)


async def test_while_the_database_is_away_nothing_is_told_from_memory(database: Database) -> None:
    frail = FrailDatabase(database)
    desk = await begun(frail)
    frail.is_away = True
    with pytest.raises(DatabaseAway):
        await desk.tells(30 * DAY, BERLIN, apart=False)
    frail.is_away = False
    assert await desk.tells(30 * DAY, BERLIN, apart=False) == await Desk(database).tells(30 * DAY, BERLIN, apart=False)


async def test_what_is_not_committed_yet_is_in_no_answer_and_then_in_all(database: Database) -> None:
    desk = await begun(database)
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE samples SET deposits = deposits - 3, equity = equity - 3 WHERE bot = 'alpha' AND minute < $1",
            NOW - 40 * MINUTE,
        )
        before = await desk.tells(30 * DAY, BERLIN, apart=False)
        assert before == await Desk(database).tells(30 * DAY, BERLIN, apart=False)
    after = await desk.tells(30 * DAY, BERLIN, apart=False)
    assert after != before
    assert after == await Desk(database).tells(30 * DAY, BERLIN, apart=False)


def stretch(number: int) -> Stretch:
    return Stretch("alpha", NOW + number * HOUR, NOW + (number + 1) * HOUR, MINUTE, False, False)


def test_no_more_is_kept_than_there_is_room_for_and_what_is_asked_for_stays() -> None:
    kept, one = Remembered(most=6), Books(samples=(Sample(NOW, "alpha", Decimal(1)),))
    for number in range(3):
        kept.keep(stretch(number), number, one)
    assert kept.of(stretch(0), 0) is one
    kept.keep(stretch(3), 3, one)
    assert [kept.of(stretch(number), number) for number in range(4)] == [one, None, one, one]
    assert kept.of(stretch(0), 7) is None
    kept.keep(stretch(0), 7, one)
    assert [kept.of(stretch(number), version) for number, version in ((0, 7), (2, 2), (3, 3))] == [one, one, one]


async def test_an_empty_span_and_no_bots_are_no_error(database: Database) -> None:
    desk = await begun(database)
    assert await desk.history.books((), Span(NOW, NOW)) == Books()
    assert (await desk.history.books(BOTS, Span(NOW, NOW))).bookings == ()
