"""A platform that is away is told in the time of each room."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chatops.delivery.outages import Outages
from chatops.link import Away, Connected
from chatops.messages import Message
from chatops.room import Room

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OPS, DESK = Room("telegram", "-1"), Room("telegram", "-2")
ZONES = {OPS: ZoneInfo("Europe/Berlin"), DESK: ZoneInfo("Asia/Tokyo")}


async def test_since_when_a_platform_is_away_and_back_is_told_as_each_room_reads() -> None:
    told: asyncio.Queue[tuple[Room, str]] = asyncio.Queue()

    async def owe(message: Message, room: Room) -> None:
        told.put_nowait((room, message.title))

    outages = Outages([OPS, DESK], lambda: NOON + timedelta(hours=4), owe, zone_of=ZONES.__getitem__)
    outages.heard("slack", Away(NOON, "no answer"), for_a_person=False)
    assert {await told.get(), await told.get()} == {
        (OPS, "Slack is away since 14:00 CEST."),
        # There it is the next day.
        (DESK, "Slack is away since 2026-05-04 21:00 JST."),
    }
    outages.heard("slack", Connected(NOON + timedelta(hours=4)), for_a_person=False)
    assert {await told.get(), await told.get()} == {
        (OPS, "Slack is back since 18:00 CEST: what was owed goes out."),
        (DESK, "Slack is back since 01:00 JST: what was owed goes out."),
    }
    await outages.stop()
