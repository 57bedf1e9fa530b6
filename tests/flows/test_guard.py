"""What stands between a word and the act: changed facts, limits, bindings, and what the settings make of a word."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from chatops.adapters.memory import MemoryAdapter
from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.guard.verifying import Whole
from chatops.people import Directory, Principal, Role
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, on_memory, people, world_of


def desk_with(
    database: Database, clock: Clock, trader: Trader, chat: Chat, directory: Directory | None = None, **rules: WordRule
) -> World:
    """A desk whose settings say this of words."""
    permissions = Permissions(Policy(rules))
    world = world_of(database, clock, trader, chat, permissions=permissions, directory=directory)
    chat.connect(world.desk.gateway.receive)
    return world


def bound(name: str, **to: frozenset[object]) -> Directory:
    """The usual people, one of them bound."""

    def one(person: Principal) -> Principal:
        return replace(person, **to) if person.name == name else person  # type: ignore[arg-type]

    return Directory(one(person) for person in people().people)


# ---------------------------------------------------------------------------- facts that changed


async def test_a_press_that_finds_the_facts_changed_shows_them_and_asks_again(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    before = world.chat.last
    world.bot.would_realize = Decimal("3.10")
    await world.chat.press(BOB, "Confirm", before)

    assert world.bot.closed == []
    assert world.chat.last.id == before.id
    assert world.chat.last.message.title == "The facts have changed: realized 4.25 → 3.10"
    assert "Close SOL-1?" in world.chat.last.text
    assert "+3.10" in world.chat.last.text
    await world.chat.press(BOB, "Confirm", before)
    assert "pressed before" in world.chat.last.message.title
    assert world.bot.closed == []

    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]
    row = (await world.log())[0]
    steps = await world.steps(row["id"])
    assert steps == ["received", "asked to confirm", "asked to confirm", "confirmed", "running", "finished"]


async def test_within_the_tolerance_nothing_is_asked_again(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    world.bot.would_realize = Decimal("4.21")
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]


async def test_many_presses_that_find_the_facts_changed_ask_again_once(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    world.bot.would_realize = Decimal("3.10")
    await asyncio.gather(*(world.chat.press(BOB, "Confirm", question) for _ in range(4)))
    assert world.bot.closed == []
    row = (await world.log())[0]
    assert (await world.steps(row["id"])).count("asked to confirm") == 2


async def test_what_is_gone_by_the_second_press_ends_with_that(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    world.bot.open.remove("SOL-1")
    world.bot.publish()
    await world.chat.press(BOB, "Confirm")
    assert "There is no position “SOL-1”" in world.chat.last.message.title
    row = (await world.log())[0]
    assert (row["state"], row["outcome"], world.bot.closed) == ("finished", "refused", [])


async def test_a_question_that_is_asked_anew_may_be_confirmed_for_as_long_as_the_first(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    world.clock.pass_by(seconds=50)
    world.bot.publish()
    world.bot.would_realize = Decimal("3.10")
    await world.chat.press(BOB, "Confirm")
    world.clock.pass_by(seconds=50)
    world.bot.publish()
    await world.desk.settling.expire()
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]


# ---------------------------------------------------------------------------- limits


@on_memory
async def test_over_the_limit_is_answered_once_then_silence_and_all_of_it_is_logged(world: World) -> None:
    for _ in range(100):
        await world.chat.say(VIC, "/whoami")
    for _ in range(5):
        await world.chat.say(VIC, "/whoami")
    assert world.chat.last.message.title == (
        "Too many asks: 100 in a minute. Try again in 10 s; until then I am silent."
    )
    assert len(world.chat.shown) == 101
    states = [row["state"] for row in await world.log()]
    assert (states.count("finished"), states.count("denied")) == (100, 5)
    said = await world.database.fetch("SELECT data FROM command_events WHERE step = 'denied'")
    assert {row["data"]["reason"] for row in said} == {"limit"}

    await world.chat.say(BOB, "/whoami")
    assert len(world.chat.shown) == 102
    world.clock.pass_by(seconds=11)
    await world.chat.say(VIC, "/whoami")
    assert len(world.chat.shown) == 103
    assert isinstance(await verify_record(world.database), Whole)


@on_memory
async def test_control_words_have_a_limit_of_their_own_and_looking_goes_on(world: World) -> None:
    for _ in range(12):
        await world.chat.say(BOB, "/close SOL-1")
    assert world.chat.last.message.title.startswith("Too many control words: 10 in a minute.")
    assert len(world.chat.shown) == 11
    await world.chat.say(BOB, "/status")
    assert len(world.chat.shown) == 12
    # The second press is no new word.
    await world.chat.press(BOB, "Confirm", world.chat.shown[9])
    assert world.bot.closed == [("SOL-1", 100)]


@on_memory
async def test_presses_count_too(world: World, chat: MemoryAdapter) -> None:
    for _ in range(101):
        await chat.press_token(VIC, "A" * 22, at=world.clock())
    assert world.chat.last.message.title.startswith("Too many asks: 100 in a minute.")


@on_memory
async def test_an_emergency_word_waits_for_no_limit(world: World) -> None:
    for _ in range(12):
        await world.chat.say(ADA, "/close SOL-1")
    assert world.chat.last.message.title.startswith("Too many control words")
    for _ in range(12):
        await world.chat.say(ADA, "/stop")
        assert "Too many" not in world.chat.last.message.title


@on_memory
async def test_the_settings_give_a_word_a_limit_of_its_own(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, status=WordRule(limit=2))
    for _ in range(3):
        await world.chat.say(VIC, "/status")
    assert (
        world.chat.last.message.title == "Too many /status: 2 in a minute. Try again in 30 s; until then I am silent."
    )
    await world.chat.say(VIC, "/positions")
    assert "Too many" not in world.chat.last.message.title


# ---------------------------------------------------------------------------- bound people


async def test_who_is_bound_to_other_bots_sees_and_moves_none_of_the_rest(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, bound("ada", bots=frozenset({"beta"})))
    for said in (
        "/status",
        "/positions",
        "/position SOL-1",
        "/close SOL-1",
        "/events",
        "/pause entry",
        "/stop",
        "/pin",
    ):
        await world.chat.say(ADA, said)
        shown = world.chat.last
        assert "alpha" not in shown.text, said
        assert "ETH" not in shown.text, said
        assert "Confirm" not in shown.labels, said
    for said in ("/close alpha SOL-1", "/status alpha"):
        await world.chat.say(ADA, said)
        assert world.chat.last.message.title == "You may not ask about alpha: the settings bind you to other bots."
    assert world.bot.closed == []


async def test_a_button_of_somebody_else_shows_the_bound_nothing(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, bound("bob", bots=frozenset({"beta"})))
    await world.chat.say(VIC, "/position")
    await world.chat.press(BOB, "SOL-1")
    assert world.chat.last.message.title == "You may not ask about alpha: the settings bind you to other bots."


async def test_who_is_bound_to_other_rooms_is_told_so_and_nothing_else(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    elsewhere = replace(chat.room, id="-100999")
    world = desk_with(database, clock, trader, chat, bound("bob", rooms=frozenset({elsewhere})))
    await world.chat.say(BOB, "/close SOL-1")
    assert world.chat.last.message.title == "You may not ask here, bob: the settings bind you to other rooms."
    assert (await world.log())[-1]["state"] == "denied"
    await world.chat.say(ADA, "/close SOL-1")
    assert "Confirm" in world.chat.last.labels


# ---------------------------------------------------------------------------- what the settings make of a word


async def test_what_the_settings_spare_the_second_press_is_done_at_once_and_on_record_before(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, close=WordRule(confirm=False))
    await world.chat.say(BOB, "/close sol")
    assert world.bot.closed == [("SOL-1", 100)]
    assert "closed: +4.25" in world.chat.last.message.title
    (row,) = await world.log()
    assert (row["state"], row["bot"], row["arguments"]["position"]) == ("finished", "alpha", "SOL-1")
    assert await world.steps(row["id"]) == ["received", "running", "finished"]


async def test_without_the_second_press_choices_are_still_made(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, close=WordRule(confirm=False))
    await world.chat.say(BOB, "/close")
    assert world.chat.last.labels == ["ETH-1", "SOL-1"]
    await world.chat.press(BOB, "ETH-1")
    assert world.bot.closed == [("ETH-1", 100)]


async def test_a_word_without_a_question_of_its_own_is_asked_whether_it_really_is_to_be(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, pin=WordRule(confirm=True))
    await world.chat.say(BOB, "/pin off")
    assert world.chat.last.message.title == "Really /pin off?"
    assert world.chat.last.labels == ["Confirm", "Cancel"]
    await world.chat.press(BOB, "Cancel")
    assert (await world.log())[-1]["state"] == "cancelled"


async def test_the_settings_keep_a_word_for_a_higher_role(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, close=WordRule(role=Role.ADMIN))
    await world.chat.say(BOB, "/close SOL-1")
    assert world.chat.last.message.title == "/close is for admins; you are an operator."


async def test_who_has_no_codes_is_told_to_enrol_where_a_word_needs_one(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, close=WordRule(totp=True))
    await world.chat.say(BOB, "/close SOL-1")
    assert "/totp sets it up" in world.chat.last.message.title
    assert (await world.log())[-1]["state"] == "denied"
    assert world.bot.closed == []


async def test_what_is_spared_the_second_press_does_not_run_when_it_waited(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = desk_with(database, clock, trader, chat, close=WordRule(confirm=False))
    sent = clock()
    clock.pass_by(seconds=61)
    trader.publish()
    await world.chat.say(BOB, "/close SOL-1", at=sent)
    assert world.bot.closed == []
    assert "came while I was away" in world.chat.last.message.title
