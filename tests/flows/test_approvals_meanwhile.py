"""Rights that change while the bot is asked: what was right at the press is looked at again before the act."""

from collections.abc import Callable

import pytest

from bot_integration import Bot, Command, Preview
from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.people import Role
from chatops.storage.database import Database
from tests.flows.chats import Chat
from tests.flows.conftest import BOB, Clock, Trader, World, on_memory, world_of
from tests.flows.crew import BY_TWO, CYD, Crew, asked, card, person, the_close
from tests.flows.relay import Relay


@pytest.fixture
def crew() -> Crew:
    return Crew()


class Meanwhile(Relay):
    """During its previews something happens."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.happens: Callable[[], object] = lambda: None

    async def preview(self, command: Command) -> Preview | None:
        self.happens()
        return await super().preview(command)


@pytest.fixture
def slow(database: Database, clock: Clock, trader: Trader, chat: Chat, crew: Crew) -> tuple[World, Meanwhile]:
    """A desk where closing takes two, and a bot that takes its time for previews."""
    bot = Meanwhile(trader.held)
    world = world_of(database, clock, trader, chat, bot=bot, directory=crew, permissions=BY_TWO)
    chat.connect(world.desk.gateway.receive)
    return world, bot


@on_memory
async def test_who_is_revoked_while_the_bot_is_asked_again_gets_nothing_done(
    slow: tuple[World, Meanwhile], crew: Crew
) -> None:
    world, bot = slow
    request = await asked(world, BOB)
    bot.happens = lambda: crew.change("bob", None)
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert "lost the right to it meanwhile" in card(world).message.title
    assert (await the_close(world))[0] == "denied"


@on_memory
async def test_who_is_lowered_while_the_bot_is_asked_again_approves_nothing(
    slow: tuple[World, Meanwhile], crew: Crew
) -> None:
    world, bot = slow
    request = await asked(world)
    bot.happens = lambda: crew.change("cyd", person("cyd", Role.OPERATOR, CYD))
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert (await the_close(world))[0] == "denied"


@on_memory
async def test_who_is_lowered_while_their_confirmation_is_looked_at_gets_nothing_done(
    database: Database, clock: Clock, trader: Trader, chat: Chat, crew: Crew
) -> None:
    bot = Meanwhile(trader.held)
    world = world_of(database, clock, trader, chat, bot=bot, directory=crew)
    chat.connect(world.desk.gateway.receive)
    await world.chat.say(BOB, "/close SOL-1")
    bot.happens = lambda: crew.change("bob", person("bob", Role.VIEWER, BOB))
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == []
    assert card(world).message.title == "/close is for operators and above; you are a viewer."
    assert (await the_close(world))[0] == "denied"


@on_memory
async def test_who_is_revoked_while_the_bot_is_asked_gets_nothing_done_where_no_second_press_is_needed(
    database: Database, clock: Clock, trader: Trader, chat: Chat, crew: Crew
) -> None:
    bot = Meanwhile(trader.held)
    at_once = Permissions(Policy({"close": WordRule(confirm=False)}))
    world = world_of(database, clock, trader, chat, bot=bot, directory=crew, permissions=at_once)
    chat.connect(world.desk.gateway.receive)
    bot.happens = lambda: crew.change("bob", None)
    await world.chat.say(BOB, "/close SOL-1")
    assert world.bot.closed == []
    assert (await the_close(world))[0] == "denied"
    bot.happens = lambda: crew.change("cyd", person("cyd", Role.VIEWER, CYD))
    await world.chat.say(CYD, "/close SOL-1")
    assert world.bot.closed == []
    assert card(world).message.title == "/close is for operators and above; you are a viewer."
