"""What reads as if an admin had asked, and no admin asks now: it asks nothing, and what comes behind it is answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from tests.flows.chats import Chat, TelegramChat
from tests.flows.conftest import ADA, VIC, World, near_alone
from tests.flows.slack_chat import SlackChat
from tests.servers.slack import Post
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


# The platforms differ in what they tell of who speaks.
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


async def by_another_program(chat: SlackChat) -> Post:
    return await chat.server.person("ada", bot=True).mention(chat.place, WORDS)


async def by_a_workflow(chat: SlackChat) -> Post:
    return await chat.person(ADA).mention(chat.place, WORDS, subtype="bot_message", bot_id="B0WORKFLOW1")


async def edited_there(chat: SlackChat) -> Post:
    ada = chat.person(ADA)
    said = await ada.say(chat.place, "good morning")
    return await ada.edit(chat.place, said, f"<@{chat.server.bot.id}> {WORDS}")


async def by_a_guest(chat: SlackChat) -> Post:
    chat.person(ADA).account.is_restricted = True
    return await chat.person(ADA).mention(chat.place, WORDS)


async def to_the_others(chat: SlackChat) -> Post:
    return await chat.person(ADA).say(chat.place, WORDS)


@pytest.mark.parametrize("chat", ["slack", "slack-http"], indirect=True)
@pytest.mark.parametrize(
    "speaking",
    [by_another_program, by_a_workflow, edited_there, by_a_guest, to_the_others],
    ids=lambda one: one.__name__,
)
async def test_what_nobody_who_may_says_to_us_on_slack_asks_nothing(
    world: World, chat: SlackChat, speaking: Callable[[SlackChat], Awaitable[Post]]
) -> None:
    await speaking(chat)
    await chat.say(VIC, "/status")
    assert [row["word"] for row in await world.log()] == ["status"]
    assert [shown.message.title for shown in chat.shown] == ["alpha is well"]


@near_alone
async def test_two_devices_of_one_person_press_at_one_instant_and_both_are_told(telling: World, chat: Chat) -> None:
    await chat.say(ADA, "/close SOL-1")
    question = chat.last
    await asyncio.gather(*(chat.press(ADA, "Confirm", question) for _ in range(2)))
    assert telling.bot.closed == [("SOL-1", 100)]
    # Held up for long, they are answered in their turn.
    await telling.until(lambda: len(chat.shown) == 2 and chat.shown[0].text.startswith("✓"))
    card, told = chat.shown
    assert card.text.startswith("✓ SOL-1 closed")
    assert told.text.startswith("That button was pressed before, and works once.")
