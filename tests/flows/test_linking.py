"""The same person elsewhere: a code shown on one platform, typed on another."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatops.adapters.memory import Shown
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.patience import Patience
from chatops.people import Identity
from chatops.storage.database import Database
from tests.codes import code_in
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, people
from tests.flows.newcomers import alone
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.ways import MemoryChat, Way

pytestmark = near_alone

DAN = "777"


class TwoPlaces:
    """A desk on two platforms, whose people are known on one of them."""

    def __init__(self, database: Database, clock: Clock, trader: Trader, way: Way, spool: Path) -> None:
        self.database = database
        self.here, self.there = MemoryChat(clock, way), MemoryChat(clock, way, platform="other")
        self.desk = build_desk(
            name="main",
            version="1.2.3",
            database=database,
            fleet=Fleet([trader.held]),
            directory=people(),
            adapters=[self.here, self.there],
            now=clock,
            patience=Patience(),
            sleep=clock.wait,
            spool=spool,
        )
        self.here.connect(self.desk.gateway.receive)
        self.there.connect(self.desk.gateway.receive)

    @property
    def answer(self) -> Shown:
        """The newest in the room: in private people are told what nobody asked for, at any moment."""
        return self.here.in_room(self.here.room)[-1]

    async def link(self, who: str) -> str:
        """The code that somebody gets in private where they are known."""
        await self.here.say(who, "/link", room=self.here.direct(self.here.identity(who)))
        return code_in(self.here.last.text)


@pytest.fixture
async def two(database: Database, clock: Clock, trader: Trader, way: Way, tmp_path: Path) -> AsyncIterator[TwoPlaces]:
    two = TwoPlaces(database, clock, trader, way, tmp_path / "spool")
    async with two.desk.outbox.open():
        yield two


async def test_the_code_shown_on_one_platform_makes_the_account_on_the_other_the_same_person(two: TwoPlaces) -> None:
    await two.there.say(DAN, f"/link {await two.link(BOB)}")
    assert two.there.last.message.title == ("Welcome back, bob: this account is you too, operator on the desk “main”.")
    await two.there.say(DAN, "/whoami")
    assert two.there.last.message.title == "You are bob, operator."
    bob = two.desk.roster.directory.named("bob")
    assert bob is not None
    assert Identity("other", DAN) in bob.identities


async def test_the_person_is_told_of_a_new_account_where_they_were(two: TwoPlaces) -> None:
    code = await two.link(BOB)
    await two.there.say(DAN, f"/link {code}")
    async with asyncio.timeout(PATIENCE_S):
        while "Another account is you now, bob: other 777" not in two.here.last.text:  # noqa: ASYNC110 - a list sets no event
            await asyncio.sleep(0.002)
    assert two.here.last.room.id == BOB


async def test_one_linked_account_is_taken_away_and_the_others_stay(two: TwoPlaces) -> None:
    await two.there.say(DAN, f"/link {await two.link(BOB)}")
    await two.there.say(DAN, "/close SOL-1")
    question = two.there.last
    await two.here.say(ADA, "/revoke bob other")
    assert two.answer.message.title == "Take other 777 from bob?"
    assert f"{BOB}." in two.answer.text
    await two.here.press(ADA, "Confirm")
    assert two.answer.message.title.startswith("bob is heard no more as other 777, and is as memory 2")
    assert "1 of their questions is void." in two.answer.text
    async with asyncio.timeout(PATIENCE_S):
        while "ada took other 777 from bob: it is heard no more." not in two.there.last.text:  # noqa: ASYNC110 - a list sets no event
            await asyncio.sleep(0.002)
    shown = len(two.there.shown)
    await two.there.press(DAN, "Confirm", question)
    await two.there.say(DAN, "/whoami")
    assert len(two.there.shown) == shown
    await two.here.say(BOB, "/whoami")
    assert two.answer.message.title == "You are bob, operator."
    rows = await two.database.fetch("SELECT arguments, outcome FROM command_log WHERE word = 'revoke'")
    assert [dict(row) for row in rows] == [{"arguments": {"who": "bob", "account": f"other:{DAN}"}, "outcome": "done"}]
    steps = await two.database.fetch("SELECT data FROM command_events WHERE step = 'cancelled'")
    assert [row["data"]["answer"] for row in steps] == [f"other:{DAN} was taken from bob. Nothing was done."]


async def test_what_is_none_of_theirs_or_stands_in_the_settings_is_not_taken(two: TwoPlaces) -> None:
    await two.there.say(DAN, f"/link {await two.link(BOB)}")
    await two.here.say(ADA, "/revoke bob memory")
    assert two.answer.message.title.endswith("is in the settings file: take it out of it, and start again.")
    await two.here.say(ADA, "/revoke bob 4711")
    assert two.answer.message.title == f"bob has no account “4711”. Linked is: other:{DAN}."
    await two.here.say(BOB, "/revoke bob other")
    assert "/revoke is for admins" in two.answer.message.title


async def test_typed_by_somebody_known_it_does_nothing(two: TwoPlaces) -> None:
    code = await two.link(BOB)
    await two.here.say(VIC, f"/link {code}")
    assert two.here.last.message.title.startswith("You are vic here already, viewer")
    await two.here.say(BOB, f"/link {code}")
    assert two.here.last.message.title.startswith("You are bob here already, operator")
    await two.there.say(DAN, f"/start {code}")
    assert "Welcome back, bob" in two.there.last.text


async def test_in_a_room_a_link_is_not_shown(telling: World) -> None:
    await alone(telling, BOB, "/whoami")
    await telling.chat.say(BOB, "/link")
    here = telling.chat.in_room(telling.chat.room)[-1]
    assert here.message.title == "I sent you the code in private: here anybody could take it."
    bob = telling.chat.direct(telling.chat.identity(BOB))
    await telling.until(lambda: "link " in telling.chat.in_room(bob)[-1].text)
