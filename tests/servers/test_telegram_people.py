"""People: what they say and press, where the bot may speak, and the menu they see."""

import pytest
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatMember,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MaybeInaccessibleMessage,
    Message,
    MessageOriginUser,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.servers.telegram import Chat, NotSeen, Person, TelegramServer
from tests.servers.telegram.bare import bare_bot

CONFIRM = InlineKeyboardMarkup([[InlineKeyboardButton("Confirm", callback_data="token-1")]])


async def last(bot: Bot) -> Update:
    return (await bot.get_updates())[-1]


async def heard(bot: Bot) -> Message:
    message = (await last(bot)).effective_message
    assert message is not None
    return message


async def test_a_command_is_marked_in_utf16_units(bot: Bot, ada: Person, chat: Chat) -> None:
    await chat.say(ada, "🚀 /close@deck_bot SOL")
    message = await heard(bot)
    assert message.parse_entities() == {message.entities[0]: "/close@deck_bot"}
    assert (message.from_user and message.from_user.username, message.chat.type) == ("ada", "private")


async def test_an_edited_message_is_another_kind_of_update(bot: Bot, ada: Person, chat: Chat) -> None:
    said = await chat.say(ada, "/statsu")
    await chat.say(ada, "/status", edited=said)
    update = await last(bot)
    assert update.edited_message is not None
    assert (update.edited_message.text, update.edited_message.message_id) == ("/status", said.message_id)
    assert len(chat.messages) == 1


async def test_a_forward_a_bot_and_a_date_come_through(
    telegram: TelegramServer, bot: Bot, chat: Chat, ada: Person
) -> None:
    gif = telegram.person(7, "Gif", "gif", is_bot=True)
    await chat.say(ada, "/stop", forwarded_from=telegram.person(8, "Eve"), via_bot=gif, date=1_700_000_000)
    message = await heard(bot)
    assert isinstance(message.forward_origin, MessageOriginUser)
    assert message.forward_origin.sender_user.id == 8
    assert (message.via_bot and message.via_bot.id, message.date.timestamp()) == (7, 1_700_000_000)


async def test_an_anonymous_admin_and_a_channel_have_no_identity(
    telegram: TelegramServer, bot: Bot, ada: Person
) -> None:
    group = telegram.group(-1001234567890)
    await group.say(ada, "/stop", anonymous=True)
    anonymous = await heard(bot)
    assert (anonymous.from_user and anonymous.from_user.id, anonymous.sender_chat) == (1087968824, anonymous.chat)
    news = telegram.channel(-1009876543210)
    await group.say(ada, "/stop", sender_chat=news)
    posted = await heard(bot)
    assert (posted.from_user and posted.from_user.id, posted.sender_chat and posted.sender_chat.id) == (
        136817688,
        news.id,
    )
    await news.say(ada, "/stop")
    update = await last(bot)
    assert update.channel_post is not None
    assert update.effective_user is None


async def test_a_thread_and_a_reply_come_through(telegram: TelegramServer, bot: Bot, ada: Person) -> None:
    forum = telegram.group(-1001234567890, forum=True)
    topic = telegram.topic(forum, "alerts")
    sent = await bot.send_message(forum.id, "fired", message_thread_id=topic)
    await forum.say(ada, "on it", thread=topic, reply_to=sent.message_id)
    message = await heard(bot)
    assert message.reply_to_message is not None
    assert (message.message_thread_id, message.reply_to_message.text) == (topic, "fired")


async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(
    telegram: TelegramServer, bot: Bot, ada: Person
) -> None:
    group = telegram.group(-500, "Desk")
    for text in ("small talk", "/status@other_bot", "/status", "/status@deck_bot"):
        await group.say(ada, text)
    assert [update.message and update.message.text for update in await bot.get_updates()] == [
        "/status",
        "/status@deck_bot",
    ]
    telegram.set_bot_status(group, ada, "administrator")
    await group.say(ada, "small talk again")
    assert (await heard(bot)).text == "small talk again"


async def test_a_press_carries_the_message_as_it_is_now(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    sent = await bot.send_message(111, "sure?", reply_markup=CONFIRM)
    query_id = await chat.press(ada, sent.message_id, "Confirm")
    query = (await last(bot)).callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (query_id, "token-1", 111)
    assert await query.answer("closing", show_alert=True)
    answer = await telegram.answer_to(query_id)
    assert (answer.text, answer.show_alert) == ("closing", True)
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await query.answer("again")
    with pytest.raises(NotSeen, match=r"no button 'Cancel' on #1(.|\n)*\[Confirm\]"):
        await chat.press(ada, sent.message_id, "Cancel")


async def test_an_answer_that_is_late_or_to_nobody_or_too_long_is_refused() -> None:
    moment = 1_000_000.0
    async with TelegramServer(now=lambda: moment) as server, bare_bot(server) as bot:
        ada = server.person(111, "Ada")
        chat = server.private(ada)
        said = await chat.say(ada, "x")
        query_id = await chat.press_data(ada, said, "forged")
        with pytest.raises(BadRequest, match="Message_too_long"):
            await bot.answer_callback_query(query_id, "x" * 201)
        moment += 31
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query_id)
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query("12345")
        assert server.callback_answers == []


async def test_what_was_pressed_on_may_be_out_of_reach(bot: Bot, ada: Person, chat: Chat) -> None:
    sent = await bot.send_message(111, "old", reply_markup=CONFIRM)
    await chat.press(ada, sent.message_id, "Confirm", inaccessible=True)
    query = (await last(bot)).callback_query
    assert query is not None
    assert isinstance(query.message, MaybeInaccessibleMessage)
    assert not query.message.is_accessible


async def test_who_blocks_the_bot_is_out_of_reach_and_the_bot_is_told(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    telegram.block(ada)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(111, "hello?")
    change = (await last(bot)).my_chat_member
    assert change is not None
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    telegram.unblock(ada)
    await bot.send_message(111, "hello!")
    telegram.deactivate(ada)
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(111, "hello?")


async def test_a_bot_speaks_only_where_it_is(telegram: TelegramServer, bot: Bot, ada: Person) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "anyone?")
    desk, ops = telegram.group(-500, "Desk"), telegram.group(-1001234567890, "Ops", username="ops_room")
    assert (await bot.send_message("@ops_room", "hi")).chat.id == ops.id
    telegram.set_bot_status(desk, ada, "kicked")
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(desk.id, "hello?")
    telegram.set_bot_status(ops, ada, "kicked")
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(ops.id, "hello?")
    telegram.set_bot_status(ops, ada, "left")
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(ops.id, "hello?")


async def test_a_group_that_grew_answers_with_its_new_id(telegram: TelegramServer, bot: Bot, ada: Person) -> None:
    desk = telegram.group(-500, "Desk")
    await desk.say(ada, "/status")
    upgraded = telegram.migrate(desk)
    with pytest.raises(ChatMigrated) as refusal:
        await bot.send_message(desk.id, "hello?")
    assert refusal.value.new_chat_id == upgraded.id == -1000000000500
    assert (await bot.send_message(upgraded.id, "hello!")).chat.type == "supergroup"
    moved, arrived = (update.message for update in (await bot.get_updates())[-2:])
    assert moved is not None and arrived is not None  # noqa: PT018 - one fact: both are messages
    assert (moved.migrate_to_chat_id, arrived.migrate_from_chat_id) == (upgraded.id, desk.id)


async def test_members_are_known_by_their_status(telegram: TelegramServer, bot: Bot, ada: Person) -> None:
    ops = telegram.group(-1001234567890, "Ops")
    assert (await bot.get_chat_member(ops.id, ada.id)).status == "left"
    ops.members[ada.id] = "administrator"
    assert (await bot.get_chat_member(ops.id, ada.id)).status == "administrator"
    with pytest.raises(BadRequest, match="User not found"):
        await bot.get_chat_member(ops.id, 999)
    assert (await bot.get_chat(ops.id)).title == "Ops"


async def test_a_person_sees_the_narrowest_menu(telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat) -> None:
    ops = telegram.group(-1001234567890, "Ops")
    await bot.set_my_commands([("start", "Say hello")])
    await bot.set_my_commands([("status", "How it is")], BotCommandScopeAllPrivateChats())
    await bot.set_my_commands([("stop", "Stop all")], BotCommandScopeChat(111))
    await bot.set_my_commands([("close", "Close one")], BotCommandScopeChatMember(ops.id, 111))
    seen = [telegram.menu(place, ada)[0]["command"] for place in (chat, ops)]
    assert seen == ["stop", "close"]
    await bot.delete_my_commands(BotCommandScopeChat(111))
    assert telegram.menu(chat, ada) == [{"command": "status", "description": "How it is"}]
    assert [command.command for command in await bot.get_my_commands()] == ["start"]


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ([("Start", "Say hello")], "Bot_command_invalid"),
        ([("x" * 33, "Say hello")], "Bot_command_invalid"),
        ([("start", " ")], "Bot_command_description_invalid"),
        ([("start", "x" * 257)], "Bot_command_description_invalid"),
        ([("start", "Say hello")] * 101, "Bot_commands_too_much"),
    ],
)
async def test_a_menu_that_the_platform_does_not_take_is_refused(
    bot: Bot, commands: list[tuple[str, str]], refusal: str
) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.set_my_commands(commands)
