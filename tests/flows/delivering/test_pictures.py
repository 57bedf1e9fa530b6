"""Pictures on their way: whatever stops in between, the newest stands at the end, and no old one comes after it."""

import asyncio
import struct
from zlib import crc32

from chatops.messages import Attachment, Message
from chatops.outbox import Outbox
from chatops.owed import Kind
from tests.flows.delivery_world import Delivery, recorded, room, texts
from tests.servers.telegram import Chat, StallAfterAccept, StallBeforeAccept, TooManyRequests
from tests.servers.telegram.message import Message as Shown


def chart(title: str) -> Message:
    """A title, and a picture of its own, a few bytes long."""
    name = crc32(title.encode())
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIII", 13, b"IHDR", 800, 600, name)
    return Message(title, attachment=Attachment("pnl.png", content, is_picture=True))


async def card(outbox: Outbox, where: Chat, message: Message) -> None:
    await outbox.owe(message, room(where), kind=Kind.REPORT, card="report 1", in_place=True)


def pictures(chat: Chat) -> list[tuple[str, bool]]:
    """What each message says, and whether the picture under it is the one of those words."""
    return [(one.text, _picture_of(one) == _content(chart(one.text))) for one in chat.from_bot]


def _picture_of(shown: Shown) -> bytes | None:
    return None if shown.photo is None else shown.photo.content


def _content(message: Message) -> bytes | None:
    return None if message.attachment is None else message.attachment.content


def tries(world: Delivery) -> list[int | None]:
    return [call.status for call in world.server.calls_of("editMessageMedia")]


async def test_a_card_changes_its_picture_and_the_newest_wins(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await card(outbox, ada, chart("0"))
    await world.until(lambda: ada.from_bot)
    for n in range(1, 16):
        await card(outbox, ada, chart(str(n)))
        await world.pass_by(0.2)
    await world.pass_by(10)
    assert pictures(ada) == [("15", True)]
    assert len(tries(world)) <= 5


async def test_of_pictures_that_waited_out_an_outage_only_the_newest_is_shown(world: Delivery, ada: Chat) -> None:
    async with world.running() as outbox:
        await card(outbox, ada, chart("first"))
        await world.until(lambda: ada.from_bot)
        await world.server.stop_listening()
        await card(outbox, ada, chart("second"))
        await world.pass_by(30)
        await card(outbox, ada, chart("third"))
        await world.pass_by(30)
    await world.server.start_listening()
    async with world.running():
        await world.pass_by(60)
    assert pictures(ada) == [("third", True)]
    assert tries(world) == [200]


async def test_a_picture_whose_answer_was_lost_before_a_restart_does_not_come_back_over_a_newer(
    world: Delivery, ada: Chat
) -> None:
    async with world.running() as outbox:
        await card(outbox, ada, chart("first"))
        await world.until(lambda: ada.from_bot)
        await world.pass_by(1)
        world.server.fail(StallAfterAccept(asyncio.Event()), method="editMessageMedia")
        await card(outbox, ada, chart("second"))
        await world.pass_by(0.5)
    async with world.running() as outbox:
        await card(outbox, ada, chart("third"))
        await world.pass_by(60)
    assert pictures(ada) == [("third", True)]
    (shown,) = ada.from_bot
    said = [one.text for one in (*shown.edits, shown)]
    assert said == sorted(said, key=["first", "second", "third"].index)


async def test_answers_to_presses_on_one_message_come_in_their_order_over_a_pause_and_a_restart(
    world: Delivery, ada: Chat
) -> None:
    async with world.running() as outbox:
        first = await recorded(world, outbox, room(ada), chart("30 days"))
        shown = await outbox.show(first)
        world.server.fail(TooManyRequests(30), chat=ada)
        await outbox.show(await recorded(world, outbox, room(ada), chart("7 days"), replaces=shown))
        await outbox.show(await recorded(world, outbox, room(ada), chart("90 days"), replaces=shown))
        await world.pass_by(10)
        assert pictures(ada) == [("30 days", True)]
    async with world.running():
        await world.pass_by(60)
    assert pictures(ada) == [("90 days", True)]
    assert [one.text for one in ada.from_bot[0].edits] == ["30 days", "7 days"]


async def test_an_edit_that_nobody_heard_of_is_tried_again_and_shown_once(world: Delivery, ada: Chat) -> None:
    async with world.running() as outbox:
        shown = await outbox.show(await recorded(world, outbox, room(ada), chart("30 days")))
        world.server.fail(StallBeforeAccept(asyncio.Event()), method="editMessageMedia", times=2)
        await outbox.show(await recorded(world, outbox, room(ada), chart("7 days"), replaces=shown))
        await world.pass_by(60)
    assert pictures(ada) == [("7 days", True)]


async def test_a_card_that_loses_its_picture_is_shown_anew_and_goes_on_there(
    world: Delivery, outbox: Outbox, ada: Chat
) -> None:
    await card(outbox, ada, chart("with a chart"))
    await world.until(lambda: ada.from_bot)
    await card(outbox, ada, Message("the chart took too long"))
    await world.pass_by(10)
    assert texts(ada) == ["with a chart", "the chart took too long"]
    await card(outbox, ada, chart("with a newer chart"))
    await world.pass_by(10)
    assert pictures(ada) == [("with a chart", True), ("with a newer chart", True)]
    assert await world.states() == ["sent"] * 3
