"""What is old is forgotten, and nothing that anybody still needs."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from alerts.oncall import Override
from alerts.severity import Severity
from alerts.silence import Silence
from chatops.messages import Receipt
from chatops.owed import Owed, State
from chatops.storage.alerts import AlertTables
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.inbox import Inbox
from chatops.storage.oncall import OnCallTable
from chatops.storage.retention import ALERTS_LAST, FORMER_STATES_LAST, MESSAGES_LAST, forget, forget_for_ever
from chatops.storage.silences import SilenceTable
from chatops.tasks import running
from tests.chatops.storage.alerting import fires, resolves
from tests.chatops.storage.owing import NOON, SECOND, owe

LONG_AFTER = NOON + MESSAGES_LAST + SECOND


async def sent(deliveries: Deliveries, owed: Owed, message_id: str, at: datetime) -> None:
    await deliveries.store([owed])
    await deliveries.sent(owed.id, message_id, at)


async def titles(database: Database) -> list[str]:
    rows = await database.fetch("SELECT payload ->> 'title' AS title FROM deliveries ORDER BY seq")
    return [row["title"] for row in rows]


@pytest.fixture(autouse=True)
async def no_old_partition(database: Database) -> None:
    """Empty ones that another test left are nothing that this one forgets."""
    await forget(database, NOON + max(ALERTS_LAST, MESSAGES_LAST) + SECOND)


async def test_messages_that_are_over_are_forgotten_and_those_that_are_owed_never(database: Database) -> None:
    deliveries = Deliveries(database, uuid4())
    await sent(deliveries, owe("told"), "1", NOON)
    dead = owe("refused")
    await deliveries.store([dead, owe("still owed")])
    await deliveries.end(dead.id, State.DEAD, "the bot was kicked")
    assert await forget(database, NOON + MESSAGES_LAST) == 0
    assert await forget(database, LONG_AFTER) == 2
    assert await titles(database) == ["still owed"]


async def test_of_a_card_the_message_that_shows_it_is_remembered(database: Database) -> None:
    deliveries = Deliveries(database, uuid4())
    for number in range(3):
        at = NOON + timedelta(seconds=15 * number)
        state = owe(f"state {number}", card="status", in_place=True, created_at=at)
        await sent(deliveries, state, "700", at)
    opening = owe("SOL-1 opened", card="position:alpha:SOL-1")
    await sent(deliveries, opening, "701", NOON)
    assert await forget(database, NOON + FORMER_STATES_LAST + timedelta(minutes=1)) == 2
    assert await titles(database) == ["state 2", "SOL-1 opened"]
    assert await deliveries.shown_as(opening.room, "status") == "700"
    # It is to be changed, however old it is.
    await deliveries.store([owe("state 3", card="status", in_place=True, created_at=LONG_AFTER)])
    await forget(database, LONG_AFTER)
    assert await titles(database) == ["state 2", "state 3"]


async def test_of_a_card_of_which_was_told_lately_its_first_message_and_its_last_are_remembered(
    database: Database,
) -> None:
    deliveries = Deliveries(database, uuid4())
    for number in range(4):
        await sent(deliveries, owe(f"alpha {number}", card="alpha"), f"70{number}", NOON + number * SECOND)
        await sent(deliveries, owe(f"beta {number}", card="beta"), f"80{number}", NOON + number * SECOND)
    refused = owe("alpha refused", card="alpha")
    await deliveries.store([refused])
    await deliveries.end(refused.id, State.DEAD, "the bot was kicked")
    lately = owe("alpha lately", card="alpha", created_at=LONG_AFTER)
    await sent(deliveries, lately, "705", LONG_AFTER)
    # All of beta goes, and what is in the middle of alpha.
    await forget(database, LONG_AFTER + 10 * SECOND)
    assert await titles(database) == ["alpha 0", "alpha lately"]
    assert await deliveries.shown_as(lately.room, "alpha") == "705"


async def test_what_goes_wrong_one_day_is_forgotten_the_next(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    deliveries = Deliveries(database, uuid4())
    await sent(deliveries, owe("told"), "1", NOON)
    next_day, day_after = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        if next_day.is_set():
            day_after.set()
            await asyncio.Event().wait()
        next_day.set()
        # What was wrong is put right.
        await database.execute("DROP TRIGGER broken ON deliveries")

    await database.execute(
        """
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER broken BEFORE DELETE ON deliveries EXECUTE FUNCTION broken();
        """
    )
    async with running(forget_for_ever(database, lambda: LONG_AFTER, sleep), "forgetting"), asyncio.timeout(30):
        await day_after.wait()
    assert await titles(database) == []
    assert "what is old could not be forgotten" in caplog.text


async def test_alerts_that_were_resolved_a_year_ago_are_forgotten_and_open_ones_never(database: Database) -> None:
    tables = AlertTables(database)
    old, lately, stands = (fires(str(number), number=number) for number in (1, 2, 3))
    steps = [old, lately, stands, resolves(old.alert, NOON), resolves(lately.alert, NOON + SECOND, tells=())]
    await tables.advance(None, steps)
    for until in (NOON, NOON + 2 * SECOND):
        await SilenceTable(database).add(Silence(0, "ada", NOON, until, Severity.INFO))
        await OnCallTable(database).add(Override("ada", NOON - SECOND, until), "ada", NOON)
    assert await forget(database, NOON + ALERTS_LAST) == 0
    assert await forget(database, NOON + ALERTS_LAST + SECOND) == 3
    assert [one.alert.number for one in await tables.load()] == [2, 3]
    assert await database.fetchval("SELECT count(*) FROM alert_events") == 3


async def test_an_update_that_was_handled_is_forgotten_and_one_that_was_not_never(database: Database) -> None:
    inbox = Inbox(database)
    first, second = await inbox.store("telegram", [("1", {"a": 1}), ("2", {"b": 2})])
    assert isinstance(first, Receipt)
    assert second is not None
    await inbox.done(first)
    await database.execute("UPDATE inbox SET received_at = $1", NOON)
    assert await forget(database, LONG_AFTER) == 1
    assert [left.receipt for left in await inbox.unhandled("telegram")] == [second]
