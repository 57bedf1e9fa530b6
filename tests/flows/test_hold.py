"""Pausing and resuming a bot from a phone."""

from tests.flows.conftest import ADA, BOB, World


async def test_entries_are_paused_and_resumed(world: World) -> None:
    await world.chat.say(BOB, "/pause entry news at noon")
    assert world.chat.last.message.title == "Pause entry on alpha?"
    assert "Reason: news at noon" in world.chat.last.text
    await world.chat.press(BOB, "Confirm")
    assert world.bot.scopes == {"entry"}
    assert world.chat.last.message.title == "✓ Paused entry."
    await world.chat.say(BOB, "/status")
    assert "held back" in world.chat.last.message.title
    await world.chat.say(BOB, "/resume entry")
    await world.chat.press(BOB, "Confirm")
    assert world.bot.scopes == set()


async def test_all_is_for_admins(world: World) -> None:
    await world.chat.say(BOB, "/pause all")
    assert "for admins" in world.chat.last.message.title
    await world.chat.say(ADA, "/pause all")
    await world.chat.press(ADA, "Confirm")
    assert world.bot.scopes == {"all"}


async def test_without_a_scope_one_chooses_among_what_one_may(world: World) -> None:
    await world.chat.say(BOB, "/pause")
    assert world.chat.last.labels == ["entry", "exit"]
    await world.chat.say(ADA, "/pause")
    assert world.chat.last.labels == ["entry", "exit", "all", "bybit"]
    await world.chat.press(ADA, "bybit")
    assert world.chat.last.message.title == "Pause bybit on alpha?"


async def test_a_scope_that_is_none_is_answered_with_those_there_are(world: World) -> None:
    await world.chat.say(ADA, "/pause moon")
    assert world.chat.last.message.title == "I cannot pause “moon”: there is entry, exit, all, bybit."


async def test_what_the_bot_refuses_is_an_answer(world: World) -> None:
    await world.chat.say(BOB, "/resume entry")
    await world.chat.press(BOB, "Confirm")
    assert world.chat.last.message.title == "Refused: entry is not paused."
    (row,) = await world.log()
    assert (row["state"], row["outcome"]) == ("finished", "refused")
