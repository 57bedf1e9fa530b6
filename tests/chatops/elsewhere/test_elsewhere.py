"""What a bot has on record itself, taken over once: nothing counts twice, nothing of it is ever locked or written."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot_integration import Pnl, Portfolio, Position, PositionStage, Snapshot
from chatops.elsewhere.shape import SHAPES, Part
from chatops.elsewhere.sqlite import NoHistoryYet, WrongHistory, expect, rows
from chatops.elsewhere.taking import Taking, expect_all, read
from chatops.elsewhere.values import day, moment, money
from chatops.history.figures import Figures
from chatops.history.recorder import Recorder
from chatops.history.rows import Kept, Why
from chatops.money.spans import Span
from chatops.storage.database import Database
from chatops.storage.elsewhere import Elsewhere
from chatops.storage.history import PostgresHistory
from tests.chatops.elsewhere.own import made, of_decisions, of_intents
from tests.chatops.storage.history.telling import NOON, RUN, snapshot

UTC_ZONE = ZoneInfo("UTC")
ALL = Span(NOON - timedelta(days=30), NOON + timedelta(days=1))
#: Noon two days before: the bot was heard here at noon, and runs since an hour before that.
BEFORE = NOON - timedelta(days=2)
STARTED = NOON - timedelta(hours=1)

POSITIONS = (
    ("positions", ("SOL-1", "SOL", "2026-03-11T08:00:00", "2026-03-12T12:00:00Z", "40", "2.5", "1.25", "target")),
    ("positions", ("ETH-1", "ETH", "2026-03-12T08:00:00", "2026-03-13T12:00:00Z", "-10", "0", "1", "stop")),
    # In the run that is streamed: its money is in the sum that the bot says of itself too.
    ("positions", ("BTC-1", "BTC", "2026-03-14T08:00:00", "2026-03-14T11:30:00Z", "5", "0", "0", "target")),
    ("positions", ("SOL-2", "SOL", "2026-03-14T11:00:00", None, None, None, None, None)),
    ("order_intents", (1, "SOL-1", "filled", "2026-03-11T08:00:00")),
)


def standing(seq: int, at: datetime, made: Decimal, since: datetime | None = None) -> Snapshot:
    """It made so much (`since` then), and has 1,026.25 besides."""
    session = snapshot().session.model_copy(update={"started_at": STARTED})
    pnl = Pnl(realized=made, total=made)
    portfolio = Portfolio(equity=Decimal("1026.25") + made, pnl=pnl, pnl_since=since)
    return snapshot(seq, at=at).model_copy(update={"session": session, "portfolio": portfolio})


def later() -> Snapshot:
    """It made 2 more."""
    return standing(3, NOON + timedelta(seconds=4), Decimal(7))


async def heard(database: Database, made: Decimal = Decimal(5), since: datetime | None = None) -> Recorder:
    """The bot is heard here for the first time, and says that it made so much."""
    recorder = Recorder("alpha")
    recorder.take(standing(1, NOON, made, since))
    recorder.take(standing(2, NOON + timedelta(seconds=2), made, since))
    batch = recorder.batch(final=True)
    assert batch is not None
    assert await PostgresHistory(database).keep([batch]) == frozenset()
    return recorder


def taking(database: Database, path: Path, shape: str = "intents") -> Taking:
    return Taking({"alpha": (path, SHAPES[shape])}, Elsewhere(database), lambda: NOON)


async def test_its_trades_and_days_are_told_in_the_same_words_and_nothing_counts_twice(
    database: Database, tmp_path: Path
) -> None:
    path = of_intents(tmp_path / "bot.db", *POSITIONS)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    own = taking(database, path)
    # Nobody has heard it yet.
    await own.look()
    assert await PostgresHistory(database).trades(["alpha"]) == ()
    recorder = await heard(database)
    await own.look()
    # After a restart as well.
    await taking(database, path).look()
    figures = Figures(PostgresHistory(database))
    found = await figures.summary(["alpha"], ALL, UTC_ZONE)
    # 40 + 2.5 - 1.25 - 10 - 1 before its run, and 5 in it.
    assert (found.parts.realized, found.parts.funding, found.parts.fees) == (
        Decimal(35),
        Decimal("2.5"),
        Decimal("2.25"),
    )
    assert found.unexplained == 0
    assert found.performance.trades == 3
    (_, newest, oldest) = await PostgresHistory(database).trades(["alpha"])
    assert (newest.id, oldest.of.asset, oldest.reason) == ("alpha/elsewhere/ETH-1", "SOL", "target")
    # Of the day alone, too.
    one_day = Span(datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC))
    of_day = await figures.summary(["alpha"], one_day, UTC_ZONE)
    assert (of_day.parts.total, of_day.unexplained) == (Decimal("41.25"), Decimal(0))
    # Who records it goes on from what was put right.
    recorder.take(later())
    stale = recorder.batch(final=True)
    assert stale is not None
    history = PostgresHistory(database)
    assert await history.keep([stale]) == {"alpha"}
    recorder = Recorder("alpha", (await history.heads(["alpha"]))["alpha"])
    recorder.take(later())
    batch = recorder.batch(final=True)
    assert batch is not None
    assert await history.keep([batch]) == frozenset()
    found = await figures.summary(["alpha"], ALL, UTC_ZONE)
    assert (found.parts.total, found.unexplained, found.equity.deposits) == (Decimal("37.25"), Decimal(0), Decimal(996))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("said", [0, 35, 1_000])
async def test_whatever_a_bot_says_that_it_has_made_its_record_is_what_counts(
    database: Database, tmp_path: Path, said: int
) -> None:
    await heard(database, Decimal(said))
    await taking(database, of_intents(tmp_path / "bot.db", *POSITIONS)).look()
    found = await Figures(PostgresHistory(database)).summary(["alpha"], ALL, UTC_ZONE)
    assert (found.parts.realized, found.unexplained) == (Decimal(35), Decimal(0))


async def test_what_is_heard_of_a_run_from_its_beginning_on_is_not_told_by_the_record_too(
    database: Database, tmp_path: Path
) -> None:
    in_it = ("positions", ("BTC-2", "BTC", "2026-03-14T11:58:30", "2026-03-14T11:59:00", "9", "0", "0", "target"))
    await heard(database, Decimal(9), since=NOON - timedelta(minutes=2))
    await taking(database, of_intents(tmp_path / "bot.db", *POSITIONS, in_it)).look()
    found = await Figures(PostgresHistory(database)).summary(["alpha"], ALL, UTC_ZONE)
    # 40, -10 and 5 before it began, and 9 in it.
    assert (found.parts.realized, found.unexplained) == (Decimal(44), Decimal(0))


async def test_a_position_that_is_still_shown_when_the_bot_is_heard_is_one_trade_and_its_money_counts(
    database: Database, tmp_path: Path
) -> None:
    closed = Position(
        id="BTC-1", asset="BTC", opened_at=NOON - timedelta(hours=4), updated_at=NOON, stage=PositionStage.CLOSED
    )
    recorder = Recorder("alpha")
    recorder.take(standing(1, NOON, Decimal(5)).model_copy(update={"positions": (closed,)}))
    batch = recorder.batch(final=True)
    assert batch is not None
    assert await PostgresHistory(database).keep([batch]) == frozenset()
    await taking(database, of_intents(tmp_path / "bot.db", *POSITIONS)).look()
    found = await Figures(PostgresHistory(database)).summary(["alpha"], ALL, UTC_ZONE)
    assert (found.performance.trades, found.parts.realized, found.unexplained) == (3, Decimal(35), Decimal(0))


@pytest.mark.parametrize("forgotten", [timedelta(minutes=1), timedelta(days=1)])
async def test_a_bot_whose_first_moment_is_forgotten_is_not_taken_for_one_that_was_heard_later(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, forgotten: timedelta
) -> None:
    recorder = await heard(database)
    history = PostgresHistory(database)
    recorder.take(standing(3, NOON + timedelta(hours=1), Decimal(5)))
    batch = recorder.batch(final=True)
    assert batch is not None
    kept = (Kept(Why.OPEN, batch.head.snapshot),)
    assert await history.keep([replace(batch, kept=kept)]) == frozenset()
    # A year later; samples are kept for ever.
    await database.execute("DELETE FROM snapshots WHERE at < $1", NOON + forgotten)
    own = taking(database, of_intents(tmp_path / "bot.db", *POSITIONS))
    await own.look()
    assert await history.trades(["alpha"]) == ()
    assert "what was first heard of alpha is forgotten" in caplog.text
    # It does not ask again and again.
    await own.run()


def test_a_position_is_a_trade_once_all_that_was_bought_is_sold(tmp_path: Path) -> None:
    at = BEFORE.timestamp()
    path = of_decisions(
        tmp_path / "bot.db",
        ("fills", (1, "SOL-1", "SOL", "okx", "sell", 10.0, 100.0, 0.0, 0.5, at)),
        ("fills", (2, "SOL-1", "SOL", "bybit", "buy", 10.0, 99.0, 0.0, 0.5, at)),
        ("fills", (3, "SOL-1", "SOL", "okx", "buy", 10.0, 98.0, 20.0, 0.5, at + 60)),
        ("fills", (4, "SOL-1", "SOL", "bybit", "sell", 10.0, 98.5, -5.0, 0.5, at + 90)),
        ("fills", (5, "SOL-2", "SOL", "okx", "buy", 10.0, 98.0, 0.0, 0.5, at + 90)),
        ("daily_summaries", ("2026-03-12", "15", "1.5", "2")),
        # Streamed from within it.
        ("daily_summaries", ("2026-03-14", "7", "0", "0")),
        ("decisions", (1, "2026-03-12T11:59:00", "SOL", "funding is high")),
    )
    told = read("alpha", path, SHAPES["decisions"], NOON, RUN)
    (trade,) = told.trades
    assert (trade.realized, trade.fees, trade.held) == (Decimal(15), Decimal(2), timedelta(seconds=90))
    assert {leg.venue: leg.realized for leg in trade.legs} == {"okx": Decimal(20), "bybit": Decimal(-5)}
    # Money is of the days, and of them alone.
    assert [(one.realized, one.fees) for one in told.bookings] == [(Decimal(15), Decimal(2))]
    assert [one.actual for one in told.payments] == [Decimal("1.5")]
    assert [one.message for one in told.happened] == ["funding is high"]


def test_of_what_it_thought_every_second_for_years_the_newest_is_read(tmp_path: Path) -> None:
    path = of_intents(
        tmp_path / "bot.db",
        *(("order_intents", (number, "SOL-1", f"{number}", "2026-03-11T08:00:00")) for number in range(1, 1_201)),
    )
    said = [row["message"] for row in rows(path, SHAPES["intents"][Part.EVENTS], most=700)]
    assert said == [str(number) for number in range(501, 1_201)]
    empty = of_intents(tmp_path / "empty.db")
    assert list(rows(empty, SHAPES["intents"][Part.EVENTS], most=700)) == []


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE order_intents (id TEXT PRIMARY KEY, created_at, status, position_id) WITHOUT ROWID",
        "CREATE VIEW order_intents AS SELECT 1 AS created_at, 'new' AS status, 'SOL-1' AS position_id",
    ],
)
async def test_what_cannot_be_read_in_parts_is_told_at_the_start_and_not_tried_for_ever(
    tmp_path: Path, script: str
) -> None:
    path = made(tmp_path / "bot.db", script, ())
    shape = {Part.EVENTS: SHAPES["intents"][Part.EVENTS]}
    with pytest.raises(WrongHistory, match=r"'order_intents' is a view, or a table WITHOUT ROWID"):
        await expect_all({"alpha": (path, shape)})


async def test_a_wrong_mapping_is_told_at_the_start_with_file_table_and_column(tmp_path: Path) -> None:
    path = of_intents(tmp_path / "bot.db")
    with pytest.raises(WrongHistory, match=r"bot\.db has no table 'fills'.* It has: order_intents, positions\."):
        await expect_all({"alpha": (path, SHAPES["decisions"])})
    shape = {Part.TRADES: SHAPES["intents"][Part.TRADES].amended("", {"fees": "commission"})}
    with pytest.raises(WrongHistory, match=r"the table 'positions' has no column 'commission'.*columns\.fees"):
        await expect_all({"alpha": (path, shape)})
    (tmp_path / "notes").write_text("no database, but long enough to be taken for one" * 9)
    with pytest.raises(WrongHistory, match="notes is no SQLite database"):
        await expect_all({"alpha": (tmp_path / "notes", shape)})
    # A file that is not there yet holds up nobody.
    await expect_all({"alpha": (tmp_path / "later.db", SHAPES["intents"])})
    with pytest.raises(NoHistoryYet):
        expect(tmp_path / "later.db", shape)
    assert not (tmp_path / "later.db").exists()


def test_a_bot_that_writes_meanwhile_never_waits(tmp_path: Path) -> None:
    path = of_intents(
        tmp_path / "bot.db",
        *(("order_intents", (number, "SOL-1", "filled", "2026-03-11T08:00:00")) for number in range(2_000)),
    )
    reading = rows(path, SHAPES["intents"][Part.EVENTS])
    next(reading)
    # Its journal is the old one, in which whoever reads locks out whoever writes; and it does not wait for a moment.
    with closing(sqlite3.connect(path, timeout=0)) as bot, bot:
        bot.execute("INSERT INTO order_intents VALUES (2001, 'SOL-1', 'new', '2026-03-11T08:00:00')")
    assert len(list(reading)) == 2_000


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("2026-03-14T12:00:00Z", NOON),
        ("2026-03-14 12:00:00", NOON),
        ("2026-03-14T13:00:00+01:00", NOON),
        (NOON.timestamp(), NOON),
        (int(NOON.timestamp() * 1_000), NOON),
        (int(NOON.timestamp() * 1_000_000), NOON),
        (None, None),
        (0, None),
    ],
)
def test_moments_are_read_as_bots_write_them(value: object, meant: datetime | None) -> None:
    assert moment(value) == meant


def test_what_is_no_amount_and_no_day_is_refused() -> None:
    assert (money(None), money("1.10"), money(0.1)) == (Decimal(0), Decimal("1.10"), Decimal("0.1"))
    assert day("2026-03-14") == day(NOON.timestamp()) == NOON.date()
    for wrong in ("much", float("nan")):
        with pytest.raises(ValueError, match="no amount"):
            money(wrong)
    with pytest.raises(ValueError, match="isoformat"):
        day("tomorrow!")
    for never in (float("inf"), float("nan")):
        with pytest.raises(ValueError, match="no moment"):
            moment(never)
