"""Where a private ask goes on, on platforms that can show something to one person alone, and on others."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest

from chatops.adapters.base import Ability
from chatops.adapters.memory import MemoryAdapter
from chatops.asking.privately import BOUND, Privately
from chatops.asking.visit import Visit
from chatops.asks import Status
from chatops.commands.registry import Asking
from chatops.fleet import Fleet
from chatops.messages import Attachment, Message, Wanted
from chatops.outbox import Outbox
from chatops.people import Identity, Principal, Role
from chatops.reach import Reach
from chatops.room import Room

VIC = Identity("memory", "vic")
OPS, OWN = Room("memory", "ops"), Room("memory", "vic")
SAID = Message("it")


class Whispering(MemoryAdapter):
    """Shows something to one person alone."""

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset([Ability.WHISPER])


def privately(kind: type[MemoryAdapter]) -> Privately:
    return Privately(Reach([kind(lambda: datetime.now(UTC))], lambda: cast(Outbox, None)))


def visit(room: Room = OPS, *, rooms: frozenset[Room] | None = None, **more: Any) -> Visit:
    person = Principal("vic", Role.VIEWER, frozenset({VIC}), rooms=rooms)
    asking = Asking(person, VIC, room, datetime.now(UTC), uuid4(), Fleet([]), around=OPS)
    return Visit(person, asking, 0.0, replaces="7", **more)


@pytest.mark.parametrize(
    ("kind", "message", "place"),
    [
        (Whispering, SAID, (OPS, True)),
        (Whispering, Message("it", attachment=Attachment("pnl.png", b"", is_picture=True)), (OWN, False)),
        (Whispering, Message("it", wanted=Wanted(Status(), "bot")), (OWN, False)),
        (MemoryAdapter, SAID, (OWN, False)),
    ],
)
def test_what_reads_is_shown_alone_in_the_room_where_that_can_be(
    kind: type[MemoryAdapter], message: Message, place: tuple[Room, bool]
) -> None:
    told = privately(kind).told(visit(is_private=True), message)
    assert (told.room, told.is_alone) == place
    assert told.asking.room == OPS


def test_what_was_pressed_under_what_they_alone_see_is_theirs_alone_too() -> None:
    told = privately(Whispering).told(visit(is_alone=True), Message("it", attachment=Attachment("a.csv", b"")))
    assert told.room == OWN
    waits = privately(Whispering).told(visit(is_alone=True), Message("it", wanted=Wanted(Status(), "bot")))
    assert (waits.room, waits.is_alone) == (OPS, False)


@pytest.mark.parametrize("kind", [MemoryAdapter, Whispering])
def test_what_acts_goes_on_where_they_alone_read(kind: type[MemoryAdapter]) -> None:
    asked = privately(kind).asked(visit(is_private=True))
    assert isinstance(asked, Visit)
    assert (asked.room, asked.asking.home, asked.replaces) == (OWN, OWN, None)
    assert asked.place == {"asked_in": "ops"}


def test_who_is_bound_to_other_rooms_does_nothing_there() -> None:
    assert privately(MemoryAdapter).asked(visit(is_private=True, rooms=frozenset({OPS}))) is BOUND


@pytest.mark.parametrize("here", [visit(), visit(OWN, is_private=True)])
def test_what_is_not_private_or_asked_there_already_stays(here: Visit) -> None:
    aside = privately(MemoryAdapter)
    assert aside.asked(here) is here
    assert aside.told(here, SAID) == here
