"""A batch is stored whole or not at all, whatever breaks meanwhile, and what one bot says holds up no other's."""

from dataclasses import replace
from uuid import uuid4

import pytest

from chatops.history.rows import Head
from chatops.money.facts import Gap
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.history import PostgresHistory
from tests.chatops.storage.history.telling import (
    DAY,
    MINUTE,
    NOON,
    TABLES,
    batch,
    everything,
    head,
    sample,
    snapshot,
    stored,
)

DEADLY = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    RETURN NEW;
END $$;
"""


async def test_whichever_table_the_connection_dies_at_nothing_is_lost_or_doubled(database: Database) -> None:
    history, told = PostgresHistory(database), everything()
    await history.keep([batch(bot="before")])
    as_it_was = await stored(database)
    await database.execute(DEADLY)
    for table in TABLES:
        await database.execute(f"CREATE TRIGGER deadly BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION die()")
        with pytest.raises(DatabaseAway):
            await history.keep([told])
        await database.execute(f"DROP TRIGGER deadly ON {table}")
        assert await stored(database) == as_it_was
    # At the very end of it: the commit itself.
    await database.execute(
        "CREATE CONSTRAINT TRIGGER deadly AFTER INSERT ON trades DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION die()"
    )
    with pytest.raises(DatabaseAway):
        await history.keep([told])
    await database.execute("DROP TRIGGER deadly ON trades")
    assert await stored(database) == as_it_was
    assert await history.keep([told]) == frozenset()
    assert await history.trades(["alpha"]) == told.trades
    assert (await history.books(["alpha"], DAY)).samples == told.samples


async def test_whoever_goes_on_from_an_older_head_is_refused_and_the_other_bots_are_stored(database: Database) -> None:
    history = PostgresHistory(database)
    await history.keep([batch(1), batch(1, "beta")])
    await history.keep([batch(2)])
    assert await history.keep([batch(2), batch(2, "beta"), batch(1, "gamma")]) == {"alpha"}
    assert await history.heads(["alpha", "beta", "gamma"]) == {
        "alpha": head(2),
        "beta": head(2, "beta"),
        "gamma": head(1, "gamma"),
    }


async def test_after_a_restart_of_the_bot_its_numbers_begin_anew(database: Database) -> None:
    history, run = PostgresHistory(database), uuid4()
    await history.keep([batch(1)])
    await history.keep([batch(2)])
    restarted = replace(batch(3), head=Head(run, 1, snapshot(1, run=run), {}))
    assert await history.keep([restarted]) == frozenset()
    assert await history.keep([batch(3)]) == {"alpha"}
    assert (await history.heads(["alpha"]))["alpha"].session_id == run


async def test_what_a_table_does_not_take_holds_up_no_other_bot(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    history = PostgresHistory(database)
    backwards = Gap("alpha", NOON, NOON - MINUTE)
    told = [batch(bot="beta"), replace(everything(), gaps=(backwards,)), batch(bot="gamma")]
    assert await history.keep(told) == {"alpha"}
    assert set(await history.heads(["alpha", "beta", "gamma"])) == {"beta", "gamma"}
    assert "history of alpha is refused" in caplog.text
    assert await history.bookings(["alpha"], DAY) == ()


async def test_texts_that_no_database_takes_are_mended(database: Database) -> None:
    history = PostgresHistory(database)
    odd = replace(everything().happened[0], message="half of a pair \ud83d, and a \x00")
    said = snapshot().model_copy(update={"extra": {"note": "\ud83d", "beyond": float("inf")}})
    await history.keep([replace(batch(happened=(odd,)), head=replace(head(), snapshot=said))])
    assert [one.message for one in await history.happened(["alpha"], DAY)] == ["half of a pair ?, and a "]
    assert (await history.heads(["alpha"]))["alpha"].snapshot.portfolio == said.portfolio


async def test_a_batch_that_goes_nowhere_adds_nothing_that_might_be_added_twice(database: Database) -> None:
    history = PostgresHistory(database)
    await history.keep([batch()])
    still = replace(batch(), before=head())
    told = everything()
    await history.keep([replace(still, runs=told.runs, samples=told.samples, gaps=told.gaps)])
    await history.keep([replace(still, runs=told.runs, samples=told.samples, gaps=told.gaps)])
    assert (await history.books(["alpha"], DAY)).gaps == told.gaps
    with pytest.raises(ValueError, match="needs a head of its own"):
        await history.keep([replace(still, bookings=told.bookings)])
    with pytest.raises(ValueError, match="two batches of alpha"):
        await history.keep([batch(2), batch(3)])


async def test_a_partition_that_was_dropped_meanwhile_is_made_again(database: Database) -> None:
    history = PostgresHistory(database)
    await history.keep([batch(1, samples=(sample(),))])
    await database.execute("DROP TABLE samples_2026_03")
    later = sample(NOON + MINUTE)
    assert await history.keep([batch(2, samples=(later,))]) == frozenset()
    assert (await history.books(["alpha"], DAY)).samples == (later,)


async def test_where_a_head_cannot_be_read_nothing_more_is_stored_of_that_bot(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    history = PostgresHistory(database)
    await history.keep([batch(), batch(bot="beta")])
    await database.execute("UPDATE history_heads SET snapshot = '\\x00' WHERE bot = 'alpha'")
    assert set(await history.heads(["alpha", "beta"])) == {"beta"}
    assert "where the history of alpha stands cannot be read" in caplog.text
    assert await history.keep([batch()]) == {"alpha"}
