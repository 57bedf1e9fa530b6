"""What bots made and how they stood is stored once, to the last digit, and read back by span."""

from chatops.history.port import Reading, Recording
from chatops.money.spans import Span
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.chatops.storage.history.telling import DAY, NOON, SECOND, batch, everything, head


async def test_it_is_what_recorders_and_readers_ask_for(database: Database) -> None:
    history = PostgresHistory(database)
    recording: Recording = history
    reading: Reading = history
    assert await recording.heads(["alpha"]) == {}
    assert await reading.known_bots() == frozenset()


async def test_all_that_is_told_is_read_back_to_the_last_digit(database: Database) -> None:
    history, told = PostgresHistory(database), everything()
    assert await history.keep([told]) == frozenset()
    assert await history.known_bots() == {"alpha"}
    assert await history.heads(["alpha", "beta"]) == {"alpha": told.head}
    assert await history.runs(["alpha"]) == told.runs
    assert await history.kept(bot="alpha") == told.kept
    assert await history.kept(session_id=told.head.session_id, span=Span(NOON, NOON + SECOND)) == told.kept[:1]
    assert await history.happened(["alpha"], DAY, position="SOL-1") == told.happened
    assert await history.bookings(["alpha"], DAY) == told.bookings
    assert set(await history.payments(["alpha"], DAY)) == set(told.payments)
    assert await history.trades(["alpha"]) == told.trades
    assert await history.transfers(["alpha"], DAY) == told.transfers
    books = await history.books(["alpha"], DAY)
    assert books.samples == told.samples
    assert books.gaps == told.gaps
    assert books.bookings == told.bookings
    assert set(books.payments) == set(told.payments)
    assert books.trades == told.trades


async def test_a_batch_whose_answer_was_lost_is_refused_when_it_comes_again(database: Database) -> None:
    history = PostgresHistory(database)
    await history.keep([everything()])
    assert await history.keep([everything(), batch(bot="beta")]) == {"alpha"}
    assert len(await history.bookings(["alpha"], DAY)) == 1
    assert await history.heads(["alpha", "beta"]) == {"alpha": head(), "beta": head(bot="beta")}
