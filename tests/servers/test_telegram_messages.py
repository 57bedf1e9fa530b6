"""Messages: what the platform shows, keeps, changes and refuses."""

import struct

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest

from tests.servers.telegram import Button, Chat, Person, TelegramServer


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


async def test_a_message_shows_as_it_was_sent(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    sent = await bot.send_message(
        111,
        "HF 0.28",
        entities=[MessageEntity("bold", 0, 2)],
        reply_markup=keyboard([("Ack", "t1"), ("Close", "t2")], [("More", "t3")]),
        disable_notification=True,
        protect_content=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    (shown,) = chat.messages
    assert (shown.text, shown.silent, shown.protected) == ("HF 0.28", True, True)
    assert shown.entities == ({"type": "bold", "offset": 0, "length": 2},)
    assert shown.buttons == ((Button("Ack", "t1"), Button("Close", "t2")), (Button("More", "t3"),))
    assert (sent.message_id, sent.text, sent.has_protected_content) == (1, "HF 0.28", True)
    assert telegram.violations == []


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (" \n\t ", "Text must be non-empty"),
        ("\u200b", "Text must be non-empty"),
        ("x" * 4097, "Message is too long"),
        ("🚀" * 4097, "Message is too long"),
        ("one\r\ntwo", r"strips \\r"),
    ],
)
async def test_a_text_that_shows_nothing_or_too_much_is_refused(bot: Bot, chat: Chat, text: str, refusal: str) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_message(111, text)


async def test_a_text_is_counted_in_code_points_after_trimming(bot: Bot, chat: Chat) -> None:
    await bot.send_message(111, "  " + "🚀" * 4096 + "\n")
    assert chat.messages[0].text == "🚀" * 4096


async def test_entities_move_when_a_text_is_trimmed(bot: Bot, chat: Chat) -> None:
    await bot.send_message(111, " \n🚀 up ", entities=[MessageEntity("bold", 2, 5), MessageEntity("code", 0, 1)])
    assert chat.messages[0].text == "🚀 up"
    assert chat.messages[0].entities == ({"type": "bold", "offset": 0, "length": 5},)


@pytest.mark.parametrize(
    ("entities", "refusal"),
    [
        ([("bold", 1, 1)], "begins in a middle of a utf-16 symbol"),
        ([("bold", 0, 1)], "ends in a middle of a utf-16 symbol"),
        ([("bold", 0, 6)], "ends after the end of the text"),
        ([("bold", 0, 0)], "length 0"),
        ([("loud", 0, 2)], "no entity of type 'loud'"),
        ([("text_link", 0, 2)], "needs url"),
        ([("bold", 0, 3), ("italic", 2, 3)], "cross each other"),
        ([("bold", 0, 5), ("code", 2, 3)], "cannot hold"),
        ([("bold", 0, 2)] * 101, "more than 100 entities"),
    ],
)
async def test_an_entity_that_does_not_fit_its_text_is_refused(
    bot: Bot, chat: Chat, entities: list[tuple[str, int, int]], refusal: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){refusal}"):
        await bot.send_message(111, "🚀 up", entities=[MessageEntity(*entity) for entity in entities])
    assert chat.messages == []


@pytest.mark.parametrize(
    ("buttons", "refusal"),
    [
        ([[InlineKeyboardButton("A", callback_data="x" * 65)]], "Button_data_invalid"),
        ([[InlineKeyboardButton("A", callback_data="é" * 33)]], "Button_data_invalid"),
        ([[InlineKeyboardButton("A", callback_data="x", url="https://example.org")]], "more than one thing"),
        ([[InlineKeyboardButton("A")]], "Text buttons are unallowed"),
        ([[InlineKeyboardButton(" ", callback_data="x")]], "text must be non-empty"),
        ([[InlineKeyboardButton("A", callback_data="x")]] * 101, "Reply markup is too long"),
        ([[InlineKeyboardButton("A", callback_data="x")] * 9], "more than 8 buttons in a row"),
    ],
)
async def test_a_button_that_would_not_work_is_refused(
    bot: Bot, chat: Chat, buttons: list[list[InlineKeyboardButton]], refusal: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){refusal}"):
        await bot.send_message(111, "press", reply_markup=InlineKeyboardMarkup(buttons))


async def test_a_hundred_buttons_with_64_bytes_each_are_shown(bot: Bot, chat: Chat) -> None:
    await bot.send_message(111, "press", reply_markup=keyboard(*[[("A", "x" * 64)] * 4] * 25))
    assert sum(len(row) for row in chat.messages[0].buttons) == 100


async def test_an_edit_replaces_text_and_buttons_and_remembers(bot: Bot, chat: Chat) -> None:
    sent = await bot.send_message(111, "one", reply_markup=keyboard([("A", "a")]))
    edited = await bot.edit_message_text("two", 111, sent.message_id)
    assert isinstance(edited, type(sent))
    assert edited.edit_date is not None
    (shown,) = chat.messages
    assert (shown.text, shown.buttons, [earlier.text for earlier in shown.edits]) == ("two", (), ["one"])
    await bot.edit_message_reply_markup(111, sent.message_id, reply_markup=keyboard([("B", "b")]))
    assert chat.messages[0].labels == ("B",)


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, chat: Chat) -> None:
    sent = await bot.send_message(111, "one", reply_markup=keyboard([("A", "a")]))
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content"):
        await bot.edit_message_text(" one ", 111, sent.message_id, reply_markup=keyboard([("A", "a")]))
    await bot.edit_message_text("one", 111, sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(111, sent.message_id)


async def test_what_is_gone_or_another_s_cannot_be_edited(bot: Bot, ada: Person, chat: Chat) -> None:
    said = await chat.say(ada, "mine")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("yours", 111, said.message_id)
    sent = await bot.send_message(111, "one")
    assert await bot.delete_message(111, sent.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("two", 111, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(111, sent.message_id)
    assert [message.text for message in chat.deleted] == ["one"]


async def test_a_reply_needs_its_target_unless_told_otherwise(bot: Bot, ada: Person, chat: Chat) -> None:
    said = await chat.say(ada, "question")
    sent = await bot.send_message(111, "answer", reply_parameters=ReplyParameters(said.message_id))
    assert sent.reply_to_message is not None
    assert (sent.reply_to_message.text, chat.messages[-1].reply_to) == ("question", said.message_id)
    chat.remove(said)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(111, "late", reply_parameters=ReplyParameters(said.message_id))
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_photo(111, png(8, 6), reply_parameters=ReplyParameters(said.message_id))
    lenient = ReplyParameters(said.message_id, allow_sending_without_reply=True)
    assert (await bot.send_message(111, "late", reply_parameters=lenient)).reply_to_message is None


async def test_a_photo_comes_with_its_bytes_and_can_be_sent_again(
    telegram: TelegramServer, bot: Bot, chat: Chat
) -> None:
    sent = await bot.send_photo(111, png(800, 600), caption=" equity ")
    again = await bot.send_photo(111, sent.photo[-1].file_id)
    assert (sent.photo[-1].width, sent.caption, again.photo[-1].height) == (800, "equity", 600)
    assert [message.photo and message.photo.content for message in chat.messages] == [png(800, 600)] * 2
    await bot.edit_message_caption(111, sent.message_id, caption="equity, 7 days")
    assert chat.messages[0].text == "equity, 7 days"
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("text", 111, sent.message_id)
    assert telegram.violations == []


@pytest.mark.parametrize(
    ("photo", "caption", "refusal"),
    [
        (png(9000, 1001), "", "Photo_invalid_dimensions"),
        (png(2100, 100), "", "Photo_invalid_dimensions"),
        (b"no picture at all", "", "Image_process_failed"),
        (png(10, 10) + b"\0" * 10_485_760, "", "File is too big"),
        (png(10, 10), "x" * 1025, "Message caption is too long"),
        ("file-99", "", "Invalid file_id"),
    ],
)
async def test_a_photo_that_the_platform_cannot_show_is_refused(
    bot: Bot, chat: Chat, photo: bytes | str, caption: str, refusal: str
) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_photo(111, photo, caption=caption)


async def test_a_picture_takes_the_place_of_another_with_its_caption_and_its_buttons(
    telegram: TelegramServer, bot: Bot, chat: Chat
) -> None:
    week, month = png(800, 600), png(800, 601)
    sent = await bot.send_photo(111, week, caption="7 days", reply_markup=keyboard([("30d", "m")]))
    newer = InputMediaPhoto(month, caption=" 30 days ", caption_entities=[MessageEntity("bold", 1, 2)])
    edited = await bot.edit_message_media(newer, 111, sent.message_id, reply_markup=keyboard([("7d", "w")]))
    assert isinstance(edited, Message)
    assert (edited.photo[-1].height, edited.caption) == (601, "30 days")
    back = InputMediaPhoto(sent.photo[-1].file_id, caption="7 days")
    await bot.edit_message_media(back, 111, sent.message_id)
    (shown,) = chat.messages
    assert [one.photo and one.photo.content for one in (*shown.edits, shown)] == [week, month, week]
    assert [one.labels for one in (*shown.edits, shown)] == [("30d",), ("7d",), ()]
    assert shown.edits[1].entities == ({"type": "bold", "offset": 0, "length": 2},)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_media(back, 111, sent.message_id)
    assert telegram.violations == []


async def test_a_text_gets_a_picture_and_a_picture_becomes_a_document_but_neither_a_text(bot: Bot, chat: Chat) -> None:
    sent = await bot.send_message(111, "no chart yet", entities=[MessageEntity("bold", 0, 2)])
    await bot.edit_message_media(InputMediaPhoto(png(8, 6)), 111, sent.message_id)
    assert (chat.messages[0].photo is not None, chat.messages[0].text, chat.messages[0].entities) == (True, "", ())
    rows = InputMediaDocument(b"a,b\n", filename="rows.csv", caption="all of them")
    await bot.edit_message_media(rows, 111, sent.message_id)
    shown = chat.messages[0]
    assert (shown.photo, shown.document and shown.document.name, shown.text) == (None, "rows.csv", "all of them")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("text", 111, sent.message_id)


@pytest.mark.parametrize(
    ("media", "refusal"),
    [
        (InputMediaPhoto(png(9000, 1001)), "Photo_invalid_dimensions"),
        (InputMediaPhoto(png(2100, 100)), "Photo_invalid_dimensions"),
        (InputMediaPhoto(b"no picture at all"), "Image_process_failed"),
        (InputMediaPhoto(png(10, 10), caption="x" * 1025), "Message caption is too long"),
        (InputMediaPhoto("file-99"), "Invalid file_id"),
        (InputMediaDocument("file-1"), "as another kind of file"),
    ],
)
async def test_a_picture_that_the_platform_cannot_show_takes_no_place(
    bot: Bot, chat: Chat, media: InputMediaPhoto | InputMediaDocument, refusal: str
) -> None:
    sent = await bot.send_photo(111, png(8, 6), caption="equity")
    with pytest.raises(BadRequest, match=refusal):
        await bot.edit_message_media(media, 111, sent.message_id)
    assert (chat.messages[0].text, chat.messages[0].edits) == ("equity", ())


async def test_what_is_gone_or_another_s_gets_no_picture(
    telegram: TelegramServer, bot: Bot, ada: Person, chat: Chat
) -> None:
    said = await chat.say(ada, "mine")
    sent = await bot.send_photo(111, png(8, 6))
    chat.remove(sent.message_id)
    for message_id, refusal in ((said.message_id, "can't be edited"), (sent.message_id, "to edit not found")):
        with pytest.raises(BadRequest, match=refusal):
            await bot.edit_message_media(InputMediaPhoto(png(8, 6)), 111, message_id)
    kept = await bot.send_photo(111, png(8, 6))
    telegram.forget_files()
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.send_photo(111, kept.photo[-1].file_id)


async def test_a_document_keeps_its_name(bot: Bot, chat: Chat) -> None:
    sent = await bot.send_document(111, b"a,b\n1,2\n", filename="trades.csv", reply_markup=keyboard([("A", "a")]))
    assert sent.document is not None
    assert sent.document.file_name == "trades.csv"
    shown = chat.messages[0].document
    assert shown is not None
    assert (shown.name, shown.content) == ("trades.csv", b"a,b\n1,2\n")
    with pytest.raises(BadRequest, match="There is no caption"):
        await bot.edit_message_caption(111, (await bot.send_message(111, "text")).message_id, caption="x")


async def test_topics_are_written_to_by_their_thread_and_the_general_one_without(
    telegram: TelegramServer, bot: Bot
) -> None:
    forum = telegram.group(-1001234567890, "Ops", forum=True)
    alerts = telegram.topic(forum, "alerts")
    sent = await bot.send_message(forum.id, "fired", message_thread_id=alerts)
    assert (sent.message_thread_id, sent.is_topic_message) == (alerts, True)
    for thread in (1, alerts + 1):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(forum.id, "lost", message_thread_id=thread)
    telegram.close_topic(forum, alerts)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(forum.id, "lost", message_thread_id=alerts)
    telegram.delete_topic(forum, alerts)
    assert forum.messages == []
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(forum.id, "lost", message_thread_id=alerts)
    await bot.send_message(forum.id, "to all")
    assert [message.thread_id for message in forum.messages] == [None]


async def test_a_card_can_be_pinned_and_reacted_to(telegram: TelegramServer, bot: Bot, chat: Chat) -> None:
    sent = await bot.send_message(111, "card")
    await bot.pin_chat_message(111, sent.message_id, disable_notification=True)
    pinned = (await bot.get_chat(111)).pinned_message
    assert pinned is not None
    assert (pinned.message_id, chat.pinned) == (sent.message_id, [sent.message_id])
    await bot.unpin_chat_message(111)
    assert chat.pinned == []
    await bot.set_message_reaction(111, sent.message_id, "👀")
    assert chat.messages[0].reactions == ("👀",)
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(111, sent.message_id, "🚀")
    await bot.send_chat_action(111, "typing")
    assert telegram.chat_actions == [(111, "typing")]
    with pytest.raises(BadRequest, match="Wrong parameter action"):
        await bot.send_chat_action(111, "thinking")
