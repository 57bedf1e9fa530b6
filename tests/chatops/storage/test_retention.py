"""What is old is forgotten, and nothing that anybody still needs."""

from datetime import datetime, timedelta
from uuid import uuid4

from chatops.messages import Receipt
from chatops.owed import Owed, State
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.inbox import Inbox
from chatops.storage.retention import FORMER_STATES_LAST, MESSAGES_LAST, forget
from tests.chatops.storage.owing import NOON, SECOND, owe

LONG_AFTER = NOON + MESSAGES_LAST + SECOND


async def sent(deliveries: Deliveries, owed: Owed, message_id: str, at: datetime) -> None:
    await deliveries.store([owed])
    await deliveries.sent(owed.id, message_id, at)


async def titles(database: Database) -> list[str]:
    rows = await database.fetch("SELECT payload ->> 'title' AS title FROM deliveries ORDER BY seq")
    return [row["title"] for row in rows]


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
    await forget(database, LONG_AFTER)
    assert await titles(database) == ["state 2", "SOL-1 opened"]
    assert await deliveries.shown_as(opening.room, "status") == "700"


async def test_an_update_that_was_handled_is_forgotten_and_one_that_was_not_never(database: Database) -> None:
    inbox = Inbox(database)
    first, second = await inbox.store("telegram", [("1", {"a": 1}), ("2", {"b": 2})])
    assert isinstance(first, Receipt)
    assert second is not None
    await inbox.done(first)
    await database.execute("UPDATE inbox SET received_at = $1", NOON)
    assert await forget(database, LONG_AFTER) == 1
    assert [left.receipt for left in await inbox.unhandled("telegram")] == [second]
