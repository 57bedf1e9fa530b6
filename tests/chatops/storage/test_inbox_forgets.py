"""What an update said is not kept once it is handled: people type codes and secrets."""

import uuid

from chatops.storage.database import Database
from chatops.storage.inbox import Inbox


async def payloads(database: Database) -> list[object]:
    return [row["payload"] for row in await database.fetch("SELECT payload FROM inbox ORDER BY id")]


async def test_an_update_is_forgotten_once_it_is_handled_but_for_what_could_not_be_read(database: Database) -> None:
    inbox = Inbox(database)
    updates = [(str(number), {"text": f"/code 12345{number}"}) for number in range(4)]
    first, second, third, _ = await inbox.store("telegram", updates)
    assert first is not None
    assert second is not None
    assert third is not None
    await inbox.done(first)
    await inbox.done(second, "it broke, and was answered so")
    await inbox.done(third, "cannot be read: no date")
    assert await payloads(database) == [{}, {}, {"text": "/code 123452"}, {"text": "/code 123453"}]


async def test_one_that_is_stored_with_its_record_says_nothing_from_the_beginning(database: Database) -> None:
    await database.execute(
        "INSERT INTO inbox (platform, update_id, payload, command_id, handled_at) VALUES ($1, $2, $3, $4, now())",
        *("telegram", "7", {"text": "/code 123456"}, uuid.uuid4()),
    )
    assert await payloads(database) == [{}]
