"""What is cried out goes straight to the rooms, before all else that waits there."""

from pathlib import Path

import pytest

from chatops.room import Room
from chatops.second_watch import cry
from chatops.storage.database import Database
from chatops.views.auditing import goes_on, stands_still
from tests.flows.delivery_world import Delivery, StepClock, room, texts
from tests.servers.telegram import TelegramServer


async def test_every_room_hears_that_alerts_stand_still(database: Database, tmp_path: Path) -> None:
    clock = StepClock()
    async with TelegramServer(now=lambda: clock().timestamp()) as server:
        world = Delivery(server, database, clock, tmp_path / "spool")
        ops, desk = server.group(-100), server.group(-200)
        await world.way.request.initialize()
        async with world.running() as outbox:
            await cry(outbox, stands_still("nothing that is due has been looked at for 12s"), [room(ops), room(desk)])
            await world.quiet()
            await cry(outbox, goes_on("20s"), [room(ops)])
            await world.quiet()
        await world.way.request.shutdown()
    assert texts(ops)[0] == texts(desk)[0]
    assert texts(ops)[0].startswith("ALERTS STAND STILL: nothing that goes wrong may be told.")
    assert "Nothing that is due has been looked at for 12s." in texts(ops)[0]
    assert texts(ops)[1] == "Alerts go on: they stood still for 20s. What went wrong meanwhile is told now."
    assert {row["severity"] for row in await world.rows()} == {"emergency"}


class Breaks:
    """An outbox of which one room cannot be owed anything."""

    def __init__(self) -> None:
        self.owed: list[Room] = []

    async def owe(self, message: object, where: Room, **others: object) -> None:
        if where.id == "1":
            raise RuntimeError("it broke")
        self.owed.append(where)


async def test_one_room_that_breaks_keeps_it_from_no_other() -> None:
    outbox = Breaks()
    with pytest.raises(RuntimeError, match="it broke"):
        await cry(outbox, goes_on("20s"), [Room("telegram", "1"), Room("telegram", "2")])  # type: ignore[arg-type]
    assert outbox.owed == [Room("telegram", "2")]
