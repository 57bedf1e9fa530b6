"""What reads as if an admin had asked, and no admin asks now: it asks nothing, and what comes behind it is answered."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from tests.flows.chats import TelegramChat
from tests.flows.conftest import ADA, VIC, World
from tests.servers.telegram import Message as Said

Speaking: TypeAlias = Callable[[TelegramChat], Awaitable[object]]
WORDS = "/pause all"


async def as_the_group(chat: TelegramChat) -> Said:
    return await chat.place.say(chat.person(ADA), WORDS, anonymous=True)


async def as_a_channel_in_the_group(chat: TelegramChat) -> Said:
    return await chat.place.say(chat.person(ADA), WORDS, sender_chat=chat.server.channel(-1009999999999))


async def in_a_channel(chat: TelegramChat) -> Said:
    return await chat.server.channel(-1009999999999).say(chat.person(ADA), WORDS)


async def forwarded(chat: TelegramChat) -> Said:
    return await chat.place.say(chat.person(ADA), WORDS, forwarded_from=chat.person(ADA))


async def by_way_of_a_bot(chat: TelegramChat) -> Said:
    robot = chat.server.person(999, "Robot", "robot", is_bot=True)
    return await chat.place.say(chat.person(ADA), WORDS, via_bot=robot)


async def by_a_bot(chat: TelegramChat) -> Said:
    return await chat.place.say(chat.server.person(999, "ada", "ada", is_bot=True), WORDS)


async def edited(chat: TelegramChat) -> Said:
    said = await chat.place.say(chat.person(ADA), "good morning")
    return await chat.place.say(chat.person(ADA), WORDS, edited=said)


@pytest.mark.parametrize("chat", ["telegram"], indirect=True)
@pytest.mark.parametrize(
    "speaking",
    [as_the_group, as_a_channel_in_the_group, in_a_channel, forwarded, by_way_of_a_bot, by_a_bot, edited],
)
async def test_what_no_person_says_to_us_now_asks_nothing(world: World, chat: TelegramChat, speaking: Speaking) -> None:
    await speaking(chat)
    await chat.say(VIC, "/status")
    assert [row["word"] for row in await world.log()] == ["status"]
    assert [shown.message.title for shown in chat.shown] == ["alpha is well"]


@pytest.mark.parametrize("chat", ["telegram"], indirect=True)
async def test_two_devices_of_one_person_press_at_one_instant_and_both_are_told(
    world: World, chat: TelegramChat
) -> None:
    ada = chat.person(ADA)
    await chat.say(ADA, "/close SOL-1")
    (question,) = chat.place.from_bot
    # Both are in one batch of updates, and are handled side by side.
    for _ in range(2):
        await chat.place.press(ada, question, "Confirm")
    await chat.until_handled(3)
    assert world.bot.closed == [("SOL-1", 100)]
    card, told = chat.place.from_bot
    assert card.text.startswith("✓ SOL-1 closed")
    assert told.text.startswith("That button was pressed before, and works once.")
    assert len(chat.server.callback_answers) == 2
