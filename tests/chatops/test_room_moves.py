"""Whoever runs the desk hears which room of the settings has another id now."""

import pytest

from chatops import room_moves
from chatops.room import Room
from chatops.room_moves import warn_of_move, warn_of_moves
from chatops.settings import RoomSettings

OPS = RoomSettings(name="ops", platform="telegram", id="-7")
QUIET = RoomSettings(name="quiet", platform="telegram", id="-8")


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    ours = [record for record in caplog.records if record.name == room_moves.__name__]
    return [(record.levelname, record.getMessage()) for record in ours]


WARNED = [("WARNING", "the room ops is now -1007: change rooms.id in the settings")]


def test_a_room_whose_group_becomes_a_supergroup_is_told_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    for platform, old in (("telegram", "-9"), ("slack", "-7"), ("telegram", "-7")):
        warn_of_move((OPS, QUIET), platform, old, "-1007")
    assert said(caplog) == WARNED


async def test_it_is_told_again_at_each_start_until_the_settings_know_it(caplog: pytest.LogCaptureFixture) -> None:
    async def where(room: Room) -> Room:
        return Room("telegram", "-1007") if room == OPS.room else room

    await warn_of_moves((OPS, QUIET), where)
    assert said(caplog) == WARNED
