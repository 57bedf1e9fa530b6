"""Charts in a chat: each button shows another one on the same message, and Telegram is sent none twice.

On Telegram alone, since what is counted are its uploads and the ids of its files; that another time is another picture
on the same message is told of Slack in `test_slack.py`.
"""

from collections.abc import AsyncIterator

import pytest

from chatops.charts.errors import TooLong
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.earnings import earned, record
from tests.flows.chats import OPS, TelegramChat, listening
from tests.flows.conftest import VIC, Clock, Trader, World, near_alone, people, world_of
from tests.flows.pictures import Watched
from tests.servers.telegram import Message, TelegramServer

pytestmark = near_alone


@pytest.fixture
async def studio() -> AsyncIterator[Watched]:
    async with Watched() as studio:
        yield studio


@pytest.fixture
async def chat(server: TelegramServer, database: Database, clock: Clock) -> AsyncIterator[TelegramChat]:
    async with listening(server, server.group(OPS), database, clock, people()) as there:
        await there.until_it_listens()
        yield there


@pytest.fixture
async def world(database: Database, clock: Clock, trader: Trader, chat: TelegramChat, studio: Watched) -> World:
    """A desk on Telegram that knows forty days of alpha, and draws."""
    alpha = earned("alpha", clock())
    alpha.look(clock())
    await record(PostgresHistory(database), [alpha], clock())
    world = world_of(database, clock, trader, chat, studio=studio)
    chat.connect(world.desk.gateway.receive)
    return world


def only(chat: TelegramChat) -> Message:
    (message,) = chat.place.from_bot
    return message


def chart(message: Message) -> bytes:
    assert message.photo is not None
    return message.photo.content


async def test_a_button_shows_another_chart_on_the_same_message_and_the_first_one_again_without_its_bytes(
    world: World, chat: TelegramChat
) -> None:
    await chat.say(VIC, "/pnl 30d")
    month = only(chat)
    assert month.text.startswith("PnL 30d: ")
    for label in ("7d", "30d"):
        await chat.press(VIC, label)
    again = only(chat)
    week = again.edits[-1]
    assert [one.text.split(":")[0] for one in (month, week, again)] == ["PnL 30d", "PnL 7d", "PnL 30d"]
    assert "· 7d ·" in week.labels
    assert chart(week) != chart(month)
    assert chart(again) == chart(month)
    sent = [str(call.parameters["media"]) for call in chat.server.calls_of("editMessageMedia")]
    assert ["attach://" in one for one in sent] == [True, False]


async def test_a_chart_that_takes_too_long_leaves_the_old_message_without_buttons_and_the_table_comes_anew(
    world: World, chat: TelegramChat, studio: Watched
) -> None:
    await chat.say(VIC, "/pnl 30d")
    studio.broken = TooLong("It took longer than it may.")
    await chat.press(VIC, "7d")
    old, new = chat.place.from_bot
    assert (old.text.split(":")[0], old.labels, new.text.split(":")[0], new.photo) == ("PnL 30d", (), "PnL 7d", None)
    assert "The chart took too long; ask again." in new.text
    studio.broken = None
    await chat.press(VIC, "30d")
    assert chart(chat.place.from_bot[1]) == chart(old)
