"""People name a room as the settings do, or as the platform does."""

import pytest

from chatops.room import Room
from chatops.room_names import NoSuchRoom, RoomNames

OPS = Room("telegram", "-7")
OPS_MOVED = Room("telegram", "-1007")
ADA = Room("telegram", "111")
ADA_ON_SLACK = Room("slack", "111")
TOPIC = Room("telegram", "-100200", "7")

NAMES = RoomNames({"Ops": [OPS, OPS_MOVED], "risk": [TOPIC, TOPIC]})


def test_a_room_keeps_its_name_when_its_chat_has_moved() -> None:
    assert (NAMES.name(OPS), NAMES.name(OPS_MOVED)) == ("Ops", "Ops")
    assert NAMES.name(ADA) == "telegram:111"


@pytest.mark.parametrize(
    ("typed", "rooms"),
    [
        ("ops", (OPS, OPS_MOVED)),
        (" OPS ", (OPS, OPS_MOVED)),
        ("telegram:-100200/7", (TOPIC,)),
        ("-100200/7", (TOPIC,)),
        ("111", (ADA, ADA_ON_SLACK)),
        ("slack:111", (ADA_ON_SLACK,)),
        ("-1007", (OPS_MOVED,)),
    ],
)
def test_a_room_is_meant_by_its_name_or_by_what_the_platform_calls_it(typed: str, rooms: tuple[Room, ...]) -> None:
    assert NAMES.meant(typed, [ADA, ADA_ON_SLACK, OPS]) == rooms


def test_who_means_no_room_is_told_which_there_are() -> None:
    with pytest.raises(NoSuchRoom, match=r"no room is called opps: there are Ops, risk, telegram:111$"):
        NAMES.meant("opps", [ADA, OPS])
    with pytest.raises(NoSuchRoom, match="telegram:18 and 12 more"):
        NAMES.meant("opps", [Room("telegram", str(number)) for number in range(1, 31)])
    with pytest.raises(NoSuchRoom, match=r"no room is called opps: there is only telegram:111$"):
        RoomNames({}).meant("opps", [ADA])
    with pytest.raises(NoSuchRoom, match="there are no rooms yet"):
        RoomNames({}).meant("ops", [])
