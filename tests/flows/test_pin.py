"""The status that a room keeps in sight."""

from collections.abc import AsyncIterator

import pytest

from chatops.adapters.memory import MemoryAdapter
from chatops.tasks import running
from tests.flows.chats import TelegramChat
from tests.flows.conftest import BOB, VIC, World, settle_in


@pytest.fixture
async def sending(world: World) -> AsyncIterator[World]:
    """A desk that sends what it owes and keeps its cards up to date."""
    async with world.desk.outbox.open(), running(world.desk.status.run(), "the pinned status"):
        yield world


def pinned(world: World) -> list[str]:
    """The ids of what the platform keeps in sight in this room."""
    chat = world.chat
    if isinstance(chat, TelegramChat):
        return [str(message_id) for message_id in chat.place.pinned]
    assert isinstance(chat, MemoryAdapter)
    return sorted(chat.pinned.get(chat.room, ()))


async def test_the_status_is_pinned_and_kept_up_to_date(sending: World) -> None:
    await sending.chat.say(BOB, "/pin")
    card, answer = sending.chat.shown
    assert answer.message.title == "The status is pinned here."
    assert card.message.title == "alpha is well"
    assert pinned(sending) == [card.id]
    sending.clock.pass_by(seconds=15)
    sending.bot.open.remove("SOL-1")
    sending.bot.publish()
    sending.clock.pass_by(seconds=15)
    await sending.until(lambda: "As of 2026-05-04 12:00:30 UTC" in sending.chat.shown[0].text)
    assert len(sending.chat.shown) == 2
    assert pinned(sending) == [card.id]


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
        assert pinned(again) == []
        await again.chat.say(BOB, "/pin off")
        assert again.chat.last.message.title == "No status is pinned here. /pin pins one."


async def test_pinning_is_for_operators(sending: World) -> None:
    await sending.chat.say(VIC, "/pin")
    assert "/pin is for operators and above" in sending.chat.last.message.title
    await sending.chat.say(BOB, "/pin here")
    assert "it should be 'on' or 'off'" in sending.chat.last.message.title
    assert pinned(sending) == []
