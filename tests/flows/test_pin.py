"""The status that a room keeps in sight."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter
from chatops.messages import Posting
from chatops.room import Room
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.conftest import BOB, VIC, Clock, Trader, World, settle_in, world_of


@pytest.fixture
async def sending(world: World) -> AsyncIterator[World]:
    """A desk that sends what it owes and keeps its cards up to date."""
    async with world.desk.outbox.open(), running(world.desk.status.run(), "the pinned status"):
        yield world


async def test_the_status_is_pinned_and_kept_up_to_date(sending: World) -> None:
    await sending.chat.say(BOB, "/pin")
    card, answer = sending.chat.shown
    assert answer.message.title == "The status is pinned here."
    assert card.message.title == "alpha is well"
    assert sending.chat.kept_in_sight == [card.id]
    sending.clock.pass_by(seconds=15)
    sending.bot.open.remove("SOL-1")
    sending.bot.publish()
    sending.clock.pass_by(seconds=15)
    await sending.until(lambda: "As of 2026-05-04 12:00:30 UTC" in sending.chat.shown[0].text)
    assert len(sending.chat.shown) == 2
    assert sending.chat.kept_in_sight == [card.id]


async def test_it_goes_on_after_a_restart_and_ends_when_it_is_told_to(world: World) -> None:
    async with world.desk.outbox.open():
        await world.chat.say(BOB, "/pin")
    world.clock.pass_by(seconds=20)
    world.bot.publish()
    again = settle_in(world.database, world.clock, world.bot, world.chat)
    await again.desk.preferences.load()
    async with again.desk.outbox.open(), running(again.desk.status.run(), "the pinned status"):
        await again.until(lambda: "As of 2026-05-04 12:00:20 UTC" in again.chat.shown[0].text)
        again.clock.pass_by(seconds=2)
        await again.chat.say(BOB, "/pin off")
        assert again.chat.last.message.title == "The status is no longer pinned here, nor kept up to date."
        assert again.chat.kept_in_sight == []
        await again.chat.say(BOB, "/pin off")
        assert again.chat.last.message.title == "No status is pinned here. /pin pins one."


async def test_a_card_that_somebody_deleted_is_posted_and_pinned_anew(sending: World) -> None:
    chat = sending.chat
    await chat.say(BOB, "/pin")
    await sending.shows(2)
    chat.take_away(chat.shown[0])
    sending.bot.open.remove("SOL-1")
    sending.bot.publish()
    await sending.in_time(lambda: len(chat.shown) == 2)
    assert chat.last.message.title == "alpha is well"
    await sending.in_time(lambda: chat.last.id in sending.chat.kept_in_sight)


async def test_pinning_is_for_operators(sending: World) -> None:
    await sending.chat.say(VIC, "/pin")
    assert "/pin is for operators and above" in sending.chat.last.message.title
    await sending.chat.say(BOB, "/pin here")
    assert "it should be 'on' or 'off'" in sending.chat.last.message.title
    assert sending.chat.kept_in_sight == []


class Upgraded(MemoryAdapter):
    """A platform on which the room gets another id."""

    new: Room | None = None

    def _check(self, room: Room, posting: Posting) -> None:
        if self.new is not None and room == self.room:
            raise SendError("it has another id now", Fault.REROUTE, moved_to=self.new.id)
        super()._check(room, posting)


async def test_in_a_room_that_got_another_id_it_stays_in_sight(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat = Upgraded(clock)
    world = world_of(database, clock, trader, chat)
    chat.connect(world.desk.gateway.receive)
    async with world.desk.outbox.open(), running(world.desk.status.run(), "the pinned status"):
        await chat.say(BOB, "/pin")
        chat.new = new = replace(chat.room, id="-200")
        world.bot.open.remove("SOL-1")
        world.bot.publish()
        await world.in_time(lambda: bool(chat.pinned.get(new)))
        (card,) = (shown for shown in chat.shown if shown.room == new)
        assert chat.pinned[new] == {card.id}
        assert world.desk.preferences.choices("pin").keys() == {new}
