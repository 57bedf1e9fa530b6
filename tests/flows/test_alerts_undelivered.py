"""Alerts where what is said does not arrive, or not at once: many of them, a platform away, a person who is gone."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.oncall import Rotation
from alerts.policy import Policy, Rung, Whom
from alerts.severity import Severity
from chatops.adapters.base import Fault, Pace, SendError
from chatops.adapters.memory import MemoryAdapter, Shown
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.messages import Posting
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.room import Room
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.conftest import ADA, BOB, Clock, Trader, World, near_alone, people
from tests.flows.nights import TERMS
from tests.flows.ways import MemoryChat
from tests.folders import new_folder

pytestmark = near_alone
NUMBER = re.compile(r"#(\d+)")


@asynccontextmanager
async def watching(
    database: Database,
    clock: Clock,
    trader: Trader,
    chat: MemoryChat,
    *others: MemoryAdapter,
    places: tuple[Place, ...],
    on_call: tuple[str, ...] = (),
) -> AsyncIterator[World]:
    """A desk on these platforms that watches the trader. With somebody `on_call`, nobody else is told at first."""
    alerts = AlertTerms(places=places, terms=TERMS)
    if on_call:
        first = Rung(timedelta(), (Whom.ONCALL,))
        policy = Policy("night", (first,), repeat=None, ack_lapse=timedelta(minutes=30))
        rotation = Rotation(on_call, clock().date(), clock().weekday(), clock().time(), ZoneInfo("UTC"))
        alerts = replace(alerts, policies=dict.fromkeys(Severity, policy), rotation=rotation)
    desk: Desk = build_desk(
        name="main",
        version="1.2.3",
        database=database,
        fleet=Fleet([trader.held]),
        directory=people(),
        adapters=[chat, *others],
        now=clock,
        patience=Patience(),
        monotonic=lambda: clock().timestamp(),
        sleep=clock.wait,
        spool=new_folder() / "spool",
        alerts=alerts,
    )
    world = World(clock, trader, chat, desk, database)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(desk.outbox.open())
        await stack.enter_async_context(running(desk.alerting.run(), "alerts"))
        await world.until(lambda: desk.alerting.watch.pulse.evaluated_at is not None)
        yield world


def numbers(shown: list[Shown]) -> set[int]:
    """The alerts that are named in messages and in the files that go with them."""
    files = [one.message.attachment.content.decode() for one in shown if one.message.attachment is not None]
    return {int(number) for text in (*(one.text for one in shown), *files) for number in NUMBER.findall(text)}


async def test_many_at_once_are_folded_emergencies_first_and_none_is_lost(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat = MemoryChat(clock, trader.way)
    slow = Pace(per_chat_per_s=1.0, burst=3, per_group_per_min=20)
    chat._pace, chat._groups = slow, frozenset({chat.room.id})
    trader.open = [f"P{number}-1" for number in range(200)]
    trader.publish()
    async with watching(database, clock, trader, chat, places=(Place("ops", chat.room),)) as world:
        trader.health = dict.fromkeys(trader.open, 0.14) | {f"P{number}-1": 0.05 for number in (7, 77, 177)}
        trader.publish()
        await world.until(lambda: len(world.desk.alerting.open()) == 200)
        await world.in_time(lambda: numbers(chat.in_room(chat.room)) >= set(range(1, 201)))
        told = chat.in_room(chat.room)
        assert ["EMERGENCY" in one.message.title for one in told[:4]] == [True, True, True, False]
        assert len(told) < 20
        folded = next(one for one in told if "in one" in one.message.title)
        assert re.search(r"Alerts #1–#\d+", folded.text)


async def test_with_a_platform_away_the_rooms_of_another_are_told_at_once(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat, other = MemoryChat(clock, trader.way), MemoryAdapter(clock, platform="other")
    spare = Room("other", "spare")
    places = (Place("ops", chat.room), Place("spare", spare, receives=False))
    async with watching(database, clock, trader, chat, other, places=places) as world:
        chat.broken = SendError("no route to host", Fault.BACKOFF)
        trader.health["SOL-1"] = 0.14
        trader.publish()
        await world.in_time(lambda: bool(other.in_room(spare)))
        (told,) = other.in_room(spare)
        assert told.message.title == "🔴 CRITICAL SOL-1/bybit HF 0.140 · #1"
        assert "In place of room:ops, which is not reached." in told.text
        # What was owed goes out when the platform is back, and the end is told in both.
        chat.broken = None
        await world.in_time(lambda: bool(chat.in_room(chat.room)))


async def test_taken_in_hand_on_one_platform_it_shows_on_the_cards_of_all(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat, other = MemoryChat(clock, trader.way), MemoryAdapter(clock, platform="other")
    spare = Room("other", "spare")
    places = (Place("ops", chat.room), Place("spare", spare))
    async with watching(database, clock, trader, chat, other, places=places) as world:
        chat.connect(world.desk.gateway.receive)
        trader.health["SOL-1"] = 0.14
        trader.publish()
        await world.in_time(lambda: bool(other.in_room(spare) and chat.in_room(chat.room)))
        await chat.press(ADA, "Ack")
        await world.in_time(lambda: "ada has it in hand" in other.in_room(spare)[0].text)
        (card,) = other.in_room(spare)
        assert "Ack" not in card.labels


async def test_a_ping_that_the_limits_held_back_does_not_come_once_somebody_has_it_in_hand(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat = MemoryChat(clock, trader.way)
    chat._pace, chat._groups = Pace(per_group_per_min=1), frozenset({chat.room.id})
    async with watching(database, clock, trader, chat, places=(Place("ops", chat.room),)) as world:
        alerting = world.desk.alerting
        trader.health["SOL-1"] = 0.19
        trader.publish()
        await world.until(lambda: len(chat.shown) == 1)
        trader.health["SOL-1"] = 0.14
        trader.publish()
        await world.until(lambda: [one.epoch for one in alerting.open()] == [2])
        clock.pass_by(seconds=1)
        await alerting.acknowledge(1, "ada", 2)
        await world.in_time(lambda: "ada has it in hand" in chat.shown[0].text)
        (row,) = await database.fetch("SELECT state FROM deliveries WHERE card LIKE 'alert:%#%' AND NOT in_place")
        assert row["state"] == "folded"
        assert [one.message.title for one in chat.shown] == ["🔴 CRITICAL SOL-1/bybit HF 0.140 · #1"]


class Blocked(MemoryChat):
    """A platform on which ada has blocked us."""

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        if room.id == ADA:
            raise SendError("blocked by the user", Fault.DEAD_RECIPIENT)
        return await super().send(room, posting, reply_to=reply_to, plain=plain)


async def test_where_the_person_on_call_is_not_reached_the_next_one_is_told_at_once(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat = Blocked(clock, trader.way)
    async with watching(database, clock, trader, chat, places=(), on_call=("ada", "bob")) as world:
        trader.health["SOL-1"] = 0.14
        trader.publish()
        await world.in_time(lambda: bool(chat.in_room(Room("memory", BOB))))
        assert "In place of person:ada, which is not reached." in chat.in_room(Room("memory", BOB))[0].text
