"""A room that an admin has muted is not told of outages either."""

import asyncio
from datetime import UTC, datetime

from chatops.delivery.outages import Outages
from chatops.messages import Message
from chatops.room import Room

OPS, MUTED = Room("telegram", "-1"), Room("telegram", "-2")


async def test_a_muted_room_is_not_told_of_an_outage() -> None:
    told: asyncio.Queue[Room] = asyncio.Queue()

    async def owe(message: Message, room: Room) -> None:
        told.put_nowait(room)

    outages = Outages([MUTED, OPS], lambda: datetime(2026, 5, 4, tzinfo=UTC), owe, muted=lambda room: room == MUTED)
    outages.database(is_here=False)
    outages.database(is_here=True)
    assert [await told.get(), await told.get()] == [OPS, OPS]
    await outages.stop()
    assert told.empty()
