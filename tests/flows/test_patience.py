"""How long things count: questions, presses, and a platform that does not take an answer at once."""

import asyncio
from datetime import timedelta

from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter, Shown
from chatops.messages import Posting
from chatops.patience import Patience
from chatops.room import Room
from chatops.storage.database import Database
from tests.flows.chats import Chat
from tests.flows.conftest import BOB, Clock, Trader, World, on_memory, settle_in, world_of


async def test_a_question_that_nobody_answers_expires_by_itself(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    await world.desk.settling.expire()
    assert (await world.log())[0]["state"] == "awaiting_confirmation"
    world.clock.pass_by(seconds=61)
    await world.desk.settling.expire()
    (row,) = await world.log()
    assert (row["state"], row["answer"]) == ("expired", "Nobody confirmed in time.")


async def test_a_question_that_has_expired_by_itself_offers_to_ask_again(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    world.clock.pass_by(seconds=61)
    world.bot.publish()
    await world.desk.settling.expire()
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == []
    assert "too old" in world.chat.last.message.title
    assert world.chat.last.labels == ["Close SOL-1"]


async def test_an_act_that_runs_does_not_expire(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(BOB, "Confirm")
    world.clock.pass_by(hours=1)
    await world.desk.settling.expire()
    assert (await world.log())[0]["state"] == "finished"


@on_memory
async def test_a_confirmation_that_waited_while_we_were_away_is_late_however_long_it_may_wait(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = world_of(database, clock, trader, chat, patience=Patience(confirm=timedelta(hours=1)))
    chat.connect(world.desk.gateway.receive)
    await chat.say(BOB, "/close SOL-1")
    token = chat.last.token("Confirm")
    assert token is not None
    pressed = clock()
    clock.pass_by(seconds=61)
    trader.publish()
    await chat.press_token(BOB, token, at=pressed)
    assert trader.closed == []
    await chat.press_token(BOB, token, at=None)
    assert trader.closed == []


async def test_a_choice_is_no_close_that_was_done(world: World) -> None:
    await world.chat.say(BOB, "/close")
    (row,) = await world.log()
    assert (row["state"], row["outcome"]) == ("finished", None)


class Stumbling(MemoryAdapter):
    """A platform that takes an edit only at the third try, once `stumbles` is set."""

    stumbles = 0

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        if self.stumbles:
            self.stumbles -= 1
            raise SendError("Telegram wants a pause of 3 s", Fault.RETRY_AFTER, wait_s=3)
        return await super().edit(room, message_id, posting, plain=plain)


async def test_the_end_of_an_act_is_shown_though_the_platform_pauses(
    database: Database, clock: Clock, trader: Trader
) -> None:
    chat = Stumbling(clock)
    world = settle_in(database, clock, trader, chat)
    async with world.desk.outbox.open():
        await chat.say(BOB, "/close SOL-1")
        question: Shown = chat.last
        chat.stumbles = 1
        await chat.press(BOB, "Confirm", question)
        clock.pass_by(seconds=2.9)
        await asyncio.sleep(0.05)
        assert chat.last.message.title == "Close SOL-1?"
        clock.pass_by(seconds=0.2)
        await world.reads("closed: +4.25")
        await world.all_sent()
    rows = await database.fetch("SELECT state FROM deliveries")
    assert [row["state"] for row in rows] == ["sent", "sent"]
