"""Closing everything from a phone: two presses, progress on the card, and an end that claims what is known."""

import asyncio
from dataclasses import replace

import pytest

from bot_integration import Bot, BotController, Command, CommandResult
from bot_integration.commands import unknown
from chatops.people import Directory
from chatops.storage.database import Database
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, Clock, Trader, World, on_memory, people, world_of
from tests.flows.ways import Way


async def test_an_emergency_stop_is_two_presses(world: World) -> None:
    await world.chat.say(ADA, "/stop exchange on fire")
    question = world.chat.last
    assert question.message.title == "Stop alpha? 2 positions"
    assert "ETH-1" in question.text
    assert "Net" in question.text
    assert "Reason: exchange on fire" in question.text

    await world.chat.press(ADA, "Confirm")

    card = world.chat.last
    assert card.id == question.id
    assert card.earlier[-1].message.title == "Stopping alpha…"
    assert card.message.title == "✓ 2 positions closed."
    assert "Realized" in card.text
    assert world.bot.open == []
    assert (world.bot.controls.stopped, world.bot.scopes) == (["exchange on fire"], {"all"})
    (row,) = await world.log()
    assert (row["word"], row["bot"], row["outcome"], row["risk"]) == ("stop", "alpha", "done", "reduces")
    assert row["arguments"] == {"bot": "alpha", "reason": "exchange on fire"}


async def test_the_card_says_leg_by_leg_how_far_it_has_come(world: World) -> None:
    """At most one edit a second."""
    goes_on = asyncio.Semaphore(0)

    async def leg() -> object:
        return await goes_on.acquire()

    world.bot.controls.leg_waits = leg
    await world.chat.say(ADA, "/stop")
    stopping = asyncio.create_task(world.chat.press(ADA, "Confirm"))
    await world.until(lambda: world.bot.scopes == {"all"})
    goes_on.release()
    await world.in_time(lambda: "1 of 2 legs closed" in world.chat.last.message.title)
    assert "SOL-1 bybit ✓ closed" in world.chat.last.text
    assert "ETH-1 bybit open" in world.chat.last.text
    goes_on.release()
    await stopping
    assert world.chat.last.message.title == "✓ 2 positions closed."


async def test_what_does_not_close_is_partial_and_named(world: World) -> None:
    world.bot.controls.stuck = {"ETH-1"}
    await world.chat.say(ADA, "/close all")
    assert world.chat.last.message.title == "Close all on alpha? 2 positions"
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "⚠ PARTIAL: 1 positions closed."
    assert "Still open: ETH-1 (bybit)" in world.chat.last.text
    assert world.bot.scopes == set()
    assert (await world.log())[-1]["outcome"] == "partial"


@pytest.mark.parametrize("said", ["/close all", "/close alpha all", "/close all alpha"])
@on_memory
async def test_close_all_is_said_in_any_order(world: World, said: str) -> None:
    await world.chat.say(ADA, said)
    assert world.chat.last.message.title == "Close all on alpha? 2 positions"


async def test_an_operator_may_neither_stop_nor_close_all(world: World) -> None:
    for said in ("/stop", "/close all", "/kill on", "/set max_positions 5", "/hold SOL", "/breaker reset"):
        await world.chat.say(BOB, said)
        assert "is for admins; you are an operator." in world.chat.last.message.title


async def test_the_kill_switch_shows_how_it_is_and_is_turned(world: World) -> None:
    await world.chat.say(ADA, "/kill")
    assert world.chat.last.message.title == "Kill switch of alpha: off"
    await world.chat.press(ADA, "Kill on")
    assert world.chat.last.message.title == "Kill switch on for alpha?"
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "✓ Kill switch on."
    await world.chat.say(ADA, "/kill")
    assert world.chat.last.message.title == "Kill switch of alpha: ON"
    await world.chat.press(ADA, "Kill off")
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "✓ Kill switch off."
    assert world.bot.controls.turned == [True, False]
    acts = [row["risk"] for row in await world.log() if row["outcome"]]
    assert acts == ["reduces", "increases"]


# ------------------------------------------------------------------------ several bots


class Deaf:
    """The way to a bot that takes what it is told and never answers."""

    def __init__(self, bot: Bot) -> None:
        self.name = bot.name
        self.snapshot = bot.snapshot
        self.follow = bot.follow
        self.recall = bot.recall
        self.preview = bot.preview

    async def execute(self, command: Command) -> CommandResult:
        return unknown(command, "No answer from beta. It may have happened.", command.not_after)


@pytest.fixture
async def beta(clock: Clock, way: Way) -> Trader:
    beta = Trader(BotController("beta", now=clock), clock)
    beta.held = await way.to(beta.controller)
    return beta


def of_two(database: Database, clock: Clock, trader: Trader, chat: Chat, other: Bot) -> World:
    world = world_of(database, clock, trader, chat, others=[other])
    chat.connect(world.desk.gateway.receive)
    return world


@on_memory
async def test_every_bot_is_stopped_by_two_presses(
    database: Database, clock: Clock, trader: Trader, chat: Chat, beta: Trader
) -> None:
    world = of_two(database, clock, trader, chat, beta.held)
    await world.chat.say(ADA, "/stop")
    assert world.chat.last.message.title == "Stop everything on 2 bots? 4 positions"
    assert world.chat.last.labels == ["Confirm", "Cancel", "Only alpha", "Only beta"]
    await world.chat.press(ADA, "Confirm")
    assert (trader.open, beta.open) == ([], [])
    assert world.chat.last.message.title == "Stop everything: 2 done"
    (row,) = await world.log()
    assert (row["bot"], row["outcome"]) == (None, "done")


@on_memory
async def test_one_of_them_is_stopped_by_as_many(
    database: Database, clock: Clock, trader: Trader, chat: Chat, beta: Trader
) -> None:
    world = of_two(database, clock, trader, chat, beta.held)
    await world.chat.say(ADA, "/stop")
    question = world.chat.last
    await world.chat.press(BOB, "Only beta")
    assert "Only ada can press that" in world.chat.last.message.title
    await world.chat.press(ADA, "Only beta", question)
    assert (trader.open, beta.open) == (["SOL-1", "ETH-1"], [])
    await world.chat.press(ADA, "Confirm", question)
    assert trader.open == ["SOL-1", "ETH-1"]
    assert "pressed before" in world.chat.last.message.title


@on_memory
async def test_a_bot_that_does_not_answer_is_unknown_and_the_other_is_told_apart(
    database: Database, clock: Clock, trader: Trader, chat: Chat, beta: Trader
) -> None:
    world = of_two(database, clock, trader, chat, Deaf(beta.held))
    await world.chat.say(ADA, "/close all")
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "Close all: 1 done, 1 unknown"
    assert "alpha: ✓ 2 positions closed." in world.chat.last.text
    assert "beta: ⚠ UNKNOWN: No answer from beta." in world.chat.last.text
    assert (await world.log())[-1]["outcome"] == "unknown"


@on_memory
async def test_the_kill_switch_of_every_bot_is_turned_on_at_once_and_off_one_by_one(
    database: Database, clock: Clock, trader: Trader, chat: Chat, beta: Trader
) -> None:
    world = of_two(database, clock, trader, chat, beta.held)
    await world.chat.say(ADA, "/kill on")
    await world.chat.press(ADA, "Confirm")
    assert (trader.controls.killed, beta.controls.killed) == (True, True)
    await world.chat.say(ADA, "/kill off")
    assert (world.chat.last.message.title, world.chat.last.labels) == ("Which bot?", ["alpha", "beta"])
    await world.chat.press(ADA, "beta")
    await world.chat.press(ADA, "Confirm")
    assert (trader.controls.killed, beta.controls.killed) == (True, False)


@on_memory
async def test_whoever_is_bound_to_one_bot_stops_that_one_alone(
    database: Database, clock: Clock, trader: Trader, chat: Chat, beta: Trader
) -> None:
    (ada,) = [person for person in people().people if person.name == "ada"]
    directory = Directory([replace(ada, bots=frozenset({"beta"}))])
    world = world_of(database, clock, trader, chat, others=[beta.held], directory=directory)
    chat.connect(world.desk.gateway.receive)
    await world.chat.say(ADA, "/stop")
    assert world.chat.last.message.title == "Stop beta? 2 positions"
    await world.chat.press(ADA, "Confirm")
    assert (trader.open, beta.open) == (["SOL-1", "ETH-1"], [])


@on_memory
async def test_a_stop_that_a_restart_cut_off_is_asked_of_every_bot(
    database: Database, clock: Clock, trader: Trader, chat: Chat, beta: Trader
) -> None:
    goes_on = asyncio.Event()
    trader.controls.leg_waits = goes_on.wait
    world = of_two(database, clock, trader, chat, beta.held)
    await world.chat.say(ADA, "/stop")
    pressing = asyncio.create_task(world.chat.press(ADA, "Confirm"))
    await world.until(lambda: trader.scopes == beta.scopes == {"all"})
    pressing.cancel()
    await asyncio.gather(pressing, return_exceptions=True)
    goes_on.set()
    await world.until(lambda: trader.open == beta.open == [])

    again = world_of(database, clock, trader, world.chat, others=[beta.held])
    await again.desk.settling.settle(await again.desk.settling.take_stock())

    (row,) = await again.log()
    assert (row["state"], row["outcome"]) == ("finished", "done")
    told = again.chat.last
    assert told.message.title == "Done: “stop”, which ran while I was restarted."
    assert "alpha: 2 positions closed. beta: 2 positions closed." in told.text
