import asyncio
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chatops.adapters.base import Fault, Pace, Part, SendError
from chatops.adapters.telegram.adapter import PACE
from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.outbound import Outbound
from chatops.adapters.telegram.request import AiohttpRequest
from chatops.messages import Attachment, Key, Message, Paragraph, Posting
from chatops.room import Room
from tests.chatops.adapters.telegram.patient import PATIENT
from tests.servers.telegram import (
    ApiError,
    Chat,
    DropAfterAccept,
    DropBeforeAccept,
    StallAfterAccept,
    Status,
    TelegramServer,
    TooManyRequests,
    limits,
)
from tests.servers.telegram.texts import Text as Refusal

ADA = Room("telegram", "111")
FORUM = -1001234567890
PICTURE = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 800, 600)
CHART = Attachment("equity.png", PICTURE, is_picture=True)
NEWER = Attachment("equity.png", PICTURE[:-2] + b"\2\0", is_picture=True)
ROWS = Attachment("trades.csv", b"a,b\n1,2\n")


def note(title: str, *keys: Key, silent: bool = False, file: Attachment | None = None) -> Posting:
    return Posting(Message(title, (Paragraph("Really?"),), silent=silent, attachment=file), (keys,) if keys else ())


@pytest.fixture
async def out(server: TelegramServer) -> AsyncIterator[Outbound]:
    """The way out, over one connection, to the strict server."""
    async with AiohttpRequest(PATIENT) as request:
        yield Outbound(BotApi(request, server.base_url, server.token))


@pytest.fixture
def chat(server: TelegramServer) -> Chat:
    return server.private(server.person(111, "Ada"))


@pytest.fixture
def forum(server: TelegramServer) -> Chat:
    return server.group(FORUM, forum=True)


# What people are shown.


async def test_a_message_comes_with_its_styles_its_keys_and_no_preview(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("card", Key("Press", "t")))
    (message,) = chat.from_bot
    assert (str(message.message_id), message.text, message.labels) == (shown, "card\n\nReally?", ("Press",))
    assert [(entity["type"], entity["length"]) for entity in message.entities] == [("bold", 4)]
    assert message.link_preview == {"is_disabled": True}
    assert not message.silent


async def test_a_silent_message_makes_no_sound(out: Outbound, chat: Chat) -> None:
    await out.send(ADA, note("hush", silent=True))
    assert chat.from_bot[-1].silent


async def test_plain_is_without_any_styles(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("card"), plain=True)
    assert (chat.from_bot[-1].text, chat.from_bot[-1].entities) == ("card\n\nReally?", ())
    await out.edit(ADA, shown, note("newer"), plain=True)
    assert (chat.from_bot[-1].text, chat.from_bot[-1].entities) == ("newer\n\nReally?", ())


async def test_a_topic_is_written_to_by_its_id_and_the_general_one_without(
    server: TelegramServer, out: Outbound, forum: Chat
) -> None:
    alerts = server.topic(forum, "alerts")
    await out.send(Room("telegram", str(FORUM), str(alerts)), note("fired"))
    await out.send(Room("telegram", str(FORUM), "1"), note("to all"))
    assert [message.thread_id for message in forum.from_bot] == [alerts, None]


@pytest.mark.parametrize("file", [None, CHART, ROWS])
async def test_a_message_hangs_on_another_with_a_file_or_without(
    out: Outbound, chat: Chat, file: Attachment | None
) -> None:
    opened = await out.send(ADA, note("opened"))
    await out.send(ADA, note("closed", file=file), reply_to=opened)
    assert [message.reply_to for message in chat.from_bot] == [None, int(opened)]


async def test_another_picture_takes_the_place_of_the_one_that_is_shown(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("7 days", Key("30d", "t"), file=CHART))
    assert await out.edit(ADA, shown, note("30 days", Key("7d", "t"), file=NEWER)) == shown
    (message,) = chat.from_bot
    assert message.photo is not None
    assert message.photo.content == NEWER.content
    assert (message.text, message.labels) == ("30 days\n\nReally?", ("7d",))
    assert [(entity["type"], entity["length"]) for entity in message.entities] == [("bold", 7)]
    await out.edit(ADA, shown, note("30 days", file=NEWER), plain=True)
    assert (chat.from_bot[-1].entities, chat.from_bot[-1].labels) == ((), ())


async def test_a_text_gets_a_picture_in_its_place_and_a_picture_becomes_a_file(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("no chart yet"))
    assert await out.edit(ADA, shown, note("equity", file=CHART)) == shown
    assert chat.from_bot[-1].photo is not None
    assert await out.edit(ADA, shown, note("trades", file=ROWS)) == shown
    (message,) = chat.from_bot
    assert message.document is not None
    assert (message.photo, message.document.name, message.text) == (None, "trades.csv", "trades\n\nReally?")


async def test_a_picture_that_telegram_has_is_not_sent_to_it_again(
    server: TelegramServer, out: Outbound, chat: Chat
) -> None:
    shown = await out.send(ADA, note("7 days", file=CHART))
    answered = await out.send(ADA, note("again", silent=True, file=replace(CHART, name="same.png")), reply_to=shown)
    await out.edit(ADA, shown, note("30 days", file=NEWER))
    await out.edit(ADA, shown, note("7 days", file=CHART))
    await out.edit(ADA, answered, note("30 days", file=NEWER))
    first, again = chat.from_bot
    assert [one.photo and one.photo.content for one in (first, again)] == [PICTURE, NEWER.content]
    assert (again.edits[0].photo and again.edits[0].photo.content, again.reply_to, again.silent) == (
        PICTURE,
        first.message_id,
        True,
    )
    given = [call.parameters.get("photo") or call.parameters["media"] for call in server.calls]
    assert [isinstance(one, str) or "file-" in str(one) for one in given] == [False, True, False, True, True]


async def test_a_picture_whose_id_is_not_taken_any_more_is_sent_whole_at_once(
    server: TelegramServer, out: Outbound, chat: Chat
) -> None:
    shown = await out.send(ADA, note("7 days", file=CHART))
    server.forget_files()
    await out.send(ADA, note("again", file=CHART))
    server.forget_files()
    await out.edit(ADA, shown, note("30 days", file=CHART))
    await out.send(ADA, note("and again", file=CHART))
    assert [one.photo and one.photo.content for one in chat.from_bot] == [PICTURE] * 3
    assert [call.status for call in server.calls] == [200, 400, 200, 400, 200, 200]


async def test_what_is_refused_for_another_reason_is_not_tried_with_the_bytes(
    server: TelegramServer, out: Outbound, chat: Chat
) -> None:
    shown = await out.send(ADA, note("7 days", file=CHART))
    chat.remove(int(shown))
    with pytest.raises(SendError) as refused:
        await out.edit(ADA, shown, note("30 days", file=CHART))
    assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.CARD)
    assert len(server.calls) == 2


async def test_a_picture_that_is_to_become_a_text_loses_its_buttons_and_the_text_comes_anew(
    server: TelegramServer, out: Outbound, chat: Chat
) -> None:
    shown = await out.send(ADA, note("7 days", Key("30d", "t"), file=CHART))
    for _ in range(2):
        with pytest.raises(SendError) as refused:
            await out.edit(ADA, shown, note("no chart", Key("7d", "t")))
        assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.CARD)
    (message,) = chat.from_bot
    assert (message.text, message.labels, message.photo is not None) == ("7 days\n\nReally?", (), True)
    server.fail(TooManyRequests(7), method="editMessageReplyMarkup")
    with pytest.raises(SendError) as paused:
        await out.edit(ADA, shown, note("no chart"))
    assert paused.value.fault is Fault.RETRY_AFTER


async def test_a_picture_is_shown_and_its_caption_is_edited(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("equity", Key("Again", "t"), file=CHART))
    assert await out.edit(ADA, shown, note("equity, newer", file=CHART)) == shown
    (message,) = chat.from_bot
    assert message.photo is not None
    assert (message.photo.content, message.photo.name) == (PICTURE, "equity.png")
    assert (message.text, message.labels) == ("equity, newer\n\nReally?", ())
    assert [entity["type"] for entity in message.entities] == ["bold"]


async def test_any_other_file_is_offered_under_its_name(server: TelegramServer, out: Outbound, forum: Chat) -> None:
    topic = server.topic(forum, "reports")
    await out.send(Room("telegram", str(FORUM), str(topic)), note("trades", silent=True, file=ROWS))
    (message,) = forum.from_bot
    assert message.document is not None
    assert (message.document.content, message.document.name) == (b"a,b\n1,2\n", "trades.csv")
    assert (message.text, message.silent, message.thread_id) == ("trades\n\nReally?", True, topic)


async def test_an_edit_that_changes_nothing_is_fine(out: Outbound, chat: Chat) -> None:
    for file in (None, CHART):
        shown = await out.send(ADA, note("card", Key("Press", "t"), file=file))
        assert await out.edit(ADA, shown, note("card", Key("Press", "t"), file=file)) == shown
    assert len(chat.from_bot) == 2


async def test_an_edit_without_keys_takes_them_away(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("card", Key("Press", "t")))
    await out.edit(ADA, shown, note("card"))
    assert chat.from_bot[-1].labels == ()


async def test_a_card_is_pinned_and_let_go_and_twice_is_no_error(out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("card"))
    await out.pin(ADA, shown)
    await out.pin(ADA, shown)
    assert chat.pinned == [int(shown)]
    await out.unpin(ADA, shown)
    await out.unpin(ADA, shown)
    assert chat.pinned == []


async def test_a_message_is_taken_away_with_its_picture_and_twice_is_no_error(out: Outbound, chat: Chat) -> None:
    kept = await out.send(ADA, note("kept"))
    shown = await out.send(ADA, note("secret", file=CHART))
    await out.delete(ADA, shown)
    await out.delete(ADA, shown)
    assert [message.message_id for message in chat.from_bot] == [int(kept)]


async def test_a_message_that_is_too_old_to_be_taken_away_is_said_so(server: TelegramServer, out: Outbound) -> None:
    chat = server.private(server.person(111, "Ada"))
    shown = await out.send(ADA, note("secret"))
    chat.put(replace(chat.now(int(shown)), date=0))
    with pytest.raises(SendError, match="can't be deleted") as refused:
        await out.delete(ADA, shown)
    assert refused.value.fault is Fault.REFUSED


async def test_asking_whether_we_are_taken_shows_nobody_anything(
    server: TelegramServer, out: Outbound, chat: Chat
) -> None:
    await out.probe()
    server.revoke_token()
    with pytest.raises(SendError, match=r"telegram\.token") as refused:
        await out.probe()
    assert refused.value.fault is Fault.DEAD_CREDENTIAL
    assert chat.from_bot == []


def test_the_pace_is_what_the_platform_takes() -> None:
    assert (
        Pace(
            overall_per_s=limits.RATE_OVERALL_PER_S,
            per_chat_per_s=limits.RATE_PER_CHAT_PER_S,
            burst=limits.RATE_PER_CHAT_BURST,
            per_group_per_min=limits.RATE_PER_GROUP_PER_MINUTE,
        )
        == PACE
    )


# What goes wrong.


@pytest.mark.parametrize(
    ("trouble", "fault", "reason"),
    [
        (TooManyRequests(7), Fault.RETRY_AFTER, "Telegram wants a pause of 7 s"),
        (ApiError(403, Refusal.BLOCKED), Fault.DEAD_RECIPIENT, "bot was blocked by the user"),
        (ApiError(400, Refusal.CHAT_NOT_FOUND), Fault.DEAD_RECIPIENT, "chat not found"),
        (ApiError(400, Refusal.UPGRADED, {"migrate_to_chat_id": -1007}), Fault.REROUTE, "its id is -1007 now"),
        (ApiError(400, Refusal.MARKUP_TOO_LONG), Fault.REFUSED, "reply markup is too long"),
        (ApiError(401, Refusal.UNAUTHORIZED), Fault.DEAD_CREDENTIAL, r"look at telegram\.token"),
        (ApiError(404, Refusal.METHOD_NOT_FOUND), Fault.REFUSED, r"look at telegram\.base_url"),
        (ApiError(409, Refusal.OTHER_POLL), Fault.BACKOFF, "another program uses this bot"),
        (Status(502), Fault.AMBIGUOUS, "Telegram cannot be reached"),
        (DropBeforeAccept(), Fault.AMBIGUOUS, "Telegram cannot be reached"),
        (DropAfterAccept(), Fault.AMBIGUOUS, "Telegram cannot be reached"),
    ],
)
@pytest.mark.usefixtures("chat")
async def test_a_failure_says_what_it_means(
    server: TelegramServer, out: Outbound, trouble: Any, fault: Fault, reason: str
) -> None:
    shown = await out.send(ADA, note("card"))
    server.fail(trouble, times=6)
    for acting in every_way(out, shown):
        with pytest.raises(SendError, match=f"(?i){reason}") as failed:
            await acting
        assert failed.value.fault is fault


@pytest.mark.usefixtures("chat")
async def test_where_the_answer_stays_away_nobody_knows(server: TelegramServer, out: Outbound) -> None:
    shown = await out.send(ADA, note("card"))
    server.fail(StallAfterAccept(asyncio.Event()), times=6)
    async with AiohttpRequest(replace(PATIENT, read=0.1)) as hasty:
        for acting in every_way(Outbound(BotApi(hasty, server.base_url, server.token)), shown):
            with pytest.raises(SendError, match="Telegram cannot be reached") as failed:
                await acting
            assert failed.value.fault is Fault.AMBIGUOUS


def every_way(out: Outbound, shown: str) -> tuple[Coroutine[Any, Any, object], ...]:
    return (
        out.send(ADA, note("hello")),
        out.send(ADA, note("hello", file=CHART)),
        out.edit(ADA, shown, note("newer")),
        out.pin(ADA, shown),
        out.unpin(ADA, shown),
        out.delete(ADA, shown),
    )


async def test_where_nobody_listens_nothing_was_sent(server: TelegramServer, out: Outbound, chat: Chat) -> None:
    await out.send(ADA, note("hello"))
    await server.stop_listening()
    # The first may still go over the kept connection, whose end we have not seen yet: of that nobody knows.
    with pytest.raises(SendError):
        await out.send(ADA, note("hello again"))
    with pytest.raises(SendError) as refused:
        await out.send(ADA, note("and again"))
    assert refused.value.fault is Fault.BACKOFF
    assert len(chat.from_bot) == 1


async def test_after_closing_nothing_is_sent(server: TelegramServer) -> None:
    closed = Outbound(BotApi(AiohttpRequest(), server.base_url, server.token))
    with pytest.raises(SendError, match="is closed") as refused:
        await closed.send(ADA, note("hello"))
    assert refused.value.fault is Fault.BACKOFF


async def test_a_card_that_is_gone_not_ours_or_of_another_kind_is_shown_anew(
    server: TelegramServer, out: Outbound, chat: Chat
) -> None:
    picture, gone = [await out.send(ADA, note("card", file=file)) for file in (CHART, None)]
    chat.remove(int(gone))
    theirs = str((await chat.say(server.person(111, "Ada"), "mine")).message_id)
    for acting in (
        out.edit(ADA, gone, note("newer")),
        out.edit(ADA, theirs, note("newer")),
        out.edit(ADA, picture, note("newer")),
        out.edit(ADA, gone, note("newer", file=CHART)),
        out.pin(ADA, gone),
    ):
        with pytest.raises(SendError) as refused:
            await acting
        assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.CARD)


async def test_what_hangs_on_a_message_that_is_gone_may_stand_alone(out: Outbound, chat: Chat) -> None:
    opened = await out.send(ADA, note("opened"))
    chat.remove(int(opened))
    for file in (None, CHART):
        with pytest.raises(SendError) as refused:
            await out.send(ADA, note("closed", file=file), reply_to=opened)
        assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.REPLY)
    await out.send(ADA, note("closed"))


async def test_a_topic_that_is_closed_or_gone_can_be_left_out(
    server: TelegramServer, out: Outbound, forum: Chat
) -> None:
    topic = server.topic(forum, "alerts")
    room = Room("telegram", str(FORUM), str(topic))
    for ending in (server.close_topic, server.delete_topic):
        ending(forum, topic)
        with pytest.raises(SendError) as refused:
            await out.send(room, note("fired"))
        assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.TOPIC)
    await out.send(Room("telegram", str(FORUM)), note("fired"))


async def test_nothing_is_to_be_left_out_that_was_not_there(server: TelegramServer, out: Outbound, chat: Chat) -> None:
    shown = await out.send(ADA, note("card"))
    for code, said, acting, fault, without in (
        (400, "TOPIC_CLOSED", out.send(ADA, note("hello")), Fault.DEAD_RECIPIENT, None),
        (400, "TOPIC_CLOSED", out.edit(ADA, shown, note("hello")), Fault.DEGRADE, Part.CARD),
        (400, "can't parse entities: x", out.send(ADA, note("hello"), plain=True), Fault.REFUSED, None),
        (400, "can't parse entities: x", out.send(ADA, note("hello")), Fault.DEGRADE, Part.FORMATTING),
        (400, "can't parse entities: x", out.edit(ADA, shown, note("hello")), Fault.DEGRADE, Part.FORMATTING),
        (400, Refusal.REPLY_NOT_FOUND, out.send(ADA, note("hello")), Fault.REFUSED, None),
        (400, "MESSAGE_ID_INVALID", out.send(ADA, note("hello"), reply_to=shown), Fault.REFUSED, None),
    ):
        server.fail(ApiError(code, said))
        with pytest.raises(SendError) as refused:
            await acting
        assert (refused.value.fault, refused.value.without) == (fault, without)
    assert len(chat.from_bot) == 1


async def test_an_id_that_telegram_cannot_have_is_refused(server: TelegramServer, out: Outbound) -> None:
    for acting in (
        out.send(Room("telegram", "ops"), note("hello")),
        out.send(Room("telegram", "111", "general"), note("hello")),
        out.send(Room("telegram", "9" * 30), note("hello")),
        out.send(ADA, note("hello"), reply_to="first"),
        out.edit(ADA, "first", note("hello")),
    ):
        with pytest.raises(SendError, match="is no id of") as refused:
            await acting
        assert refused.value.fault is Fault.REFUSED
    assert server.calls == []


# What is between us and Telegram.


@asynccontextmanager
async def in_between(status: int, body: str, kind: str) -> AsyncIterator[Outbound]:
    """The way out, to something on the way that answers by itself."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with TestServer(app) as server, AiohttpRequest(PATIENT) as request:
        yield Outbound(BotApi(request, f"{server.make_url('/bot')}", "111:secret"))


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, Fault.AMBIGUOUS),
        (302, Fault.BACKOFF),
        (403, Fault.BACKOFF),
        (404, Fault.BACKOFF),
        (407, Fault.BACKOFF),
        (413, Fault.REFUSED),
        (502, Fault.AMBIGUOUS),
    ],
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>Sign in to the guest network</html>", "text/html"),
        ('"no"', "application/json"),
        ('{"error": "blocked by policy"}', "application/json"),
    ],
)
async def test_what_something_on_the_way_refused_did_not_get_there(
    status: int, body: str, kind: str, fault: Fault
) -> None:
    async with in_between(status, body, kind) as out:
        with pytest.raises(SendError) as failed:
            await out.send(ADA, note("card"))
    assert failed.value.fault is fault
    assert "secret" not in str(failed.value)


async def test_a_message_that_wants_a_reply_opens_one_where_only_the_asked_can_see_it(
    server: TelegramServer, out: Outbound, chat: Chat, forum: Chat
) -> None:
    wanted = Posting(Message("How much?"), wants="usd_" + "x" * 80)
    await out.send(ADA, wanted)
    await out.send(Room("telegram", str(FORUM)), wanted)
    await out.send(ADA, replace(wanted, keys=((Key("Ten", "a"),),)))
    alone, among_others, with_a_button = server.calls_of("sendMessage")
    asked = {"force_reply": True, "input_field_placeholder": ("usd_" + "x" * 80)[:64]}
    assert alone.parameters["reply_markup"] == asked
    assert "reply_markup" not in among_others.parameters
    assert with_a_button.parameters["reply_markup"].keys() == {"inline_keyboard"}
