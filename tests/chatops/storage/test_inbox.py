import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatops.messages import Receipt
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(database)


def updates(*numbers: int) -> list[tuple[str, dict[str, Any]]]:
    return [(str(number), {"update_id": number, "message": {"text": f"/status {number}"}}) for number in numbers]


def certain(receipts: list[Receipt | None]) -> list[Receipt]:
    return [receipt for receipt in receipts if receipt is not None]


async def test_what_is_stored_waits_in_order_until_it_is_done(inbox: Inbox) -> None:
    receipts = certain(await inbox.store("telegram", updates(7, 8, 9)))
    assert [left.receipt for left in await inbox.unhandled("telegram")] == receipts
    await inbox.done(receipts[1])
    left = await inbox.unhandled("telegram")
    assert [one.payload["update_id"] for one in left] == [7, 9]
    assert [one.receipt for one in left] == [receipts[0], receipts[2]]
    assert all(datetime.now(UTC) - one.received_at < timedelta(minutes=1) for one in left)


async def test_an_update_that_comes_again_is_not_new(inbox: Inbox) -> None:
    first = await inbox.store("telegram", updates(7, 8))
    again = await inbox.store("telegram", updates(8, 7, 9))
    assert None not in first
    assert again[:2] == [None, None]
    assert again[2] is not None
    assert len(await inbox.unhandled("telegram")) == 3


async def test_an_update_that_was_handled_stays_so_when_it_comes_again(inbox: Inbox) -> None:
    for receipt in certain(await inbox.store("telegram", updates(7))):
        await inbox.done(receipt)
    assert await inbox.store("telegram", updates(7)) == [None]
    assert await inbox.unhandled("telegram") == []


async def test_an_update_that_was_left_is_not_handled_and_is_new_when_it_comes_again(inbox: Inbox) -> None:
    (left,) = certain(await inbox.store("slack", updates(7)))
    await inbox.leave(left, "not stored in time")
    assert await inbox.unhandled("slack") == []
    (again,) = certain(await inbox.store("slack", updates(7)))
    await inbox.leave(left, "not stored in time")
    assert [one.receipt for one in await inbox.unhandled("slack")] == [again]


async def test_an_update_twice_in_one_batch_is_stored_once(inbox: Inbox) -> None:
    receipts = await inbox.store("telegram", updates(7, 7))
    assert len(certain(receipts)) == 1
    assert len(await inbox.unhandled("telegram")) == 1


async def test_two_readers_of_one_platform_never_both_get_an_update(inbox: Inbox) -> None:
    batch = updates(*range(50))
    one, other = await asyncio.gather(inbox.store("telegram", batch), inbox.store("telegram", batch))
    assert [(a is None) != (b is None) for a, b in zip(one, other, strict=True)] == [True] * 50


async def test_platforms_number_their_updates_for_themselves(inbox: Inbox) -> None:
    assert None not in await inbox.store("telegram", updates(7))
    assert None not in await inbox.store("slack", updates(7))
    assert len(await inbox.unhandled("slack")) == 1


async def test_each_update_has_an_id_of_its_own_for_the_command_log(inbox: Inbox) -> None:
    receipts = certain(await inbox.store("telegram", updates(*range(100))))
    ids = [receipt.command_id for receipt in receipts]
    assert ids == sorted(set(ids))
    assert {one.version for one in ids} == {7}


async def test_what_was_passed_over_says_why(inbox: Inbox, database: Database) -> None:
    (receipt,) = certain(await inbox.store("telegram", updates(7)))
    await inbox.done(receipt, "forwarded")
    await inbox.done(receipt, "and again")
    row = await database.fetchrow("SELECT note, handled_at FROM inbox WHERE id = $1", receipt.inbox_id)
    assert row is not None
    assert row["note"] == "forwarded"
    assert row["handled_at"] is not None


async def test_nothing_is_stored_of_an_empty_batch(inbox: Inbox) -> None:
    assert await inbox.store("telegram", []) == []


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d a pair", "\\u0000", "🚀"])
async def test_no_text_makes_an_update_unstorable(inbox: Inbox, text: str) -> None:
    assert None not in await inbox.store("telegram", [("1", {"text": text}), ("2", {"text": "/status"})])
    assert [left.payload["text"] for left in await inbox.unhandled("telegram")][1] == "/status"


async def test_what_cannot_be_stored_as_it_is_does_not_stop_the_others(inbox: Inbox) -> None:
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"reply_to_message": deep}
    assert None not in await inbox.store("telegram", [("1", deep), ("2", {"text": "/status"})])
    first, second = await inbox.unhandled("telegram")
    assert "reply_to_message" in first.payload["unreadable"]
    assert second.payload == {"text": "/status"}
