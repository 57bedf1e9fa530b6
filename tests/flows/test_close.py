"""Closing a position from a phone: twice asked, once done, whatever is pressed."""

import asyncio
from dataclasses import replace

from chatops.adapters.memory import MemoryAdapter
from chatops.people import Directory, Role
from tests.flows.conftest import ADA, BOB, EVE, VIC, World, on_memory, people, settle_in, world_of


async def test_a_position_is_closed_by_two_presses(world: World) -> None:
    await world.chat.say(BOB, "/close sol")
    question = world.chat.last
    assert question.message.title == "Close SOL-1?"
    assert "Would realize" in question.text
    assert question.labels[:2] == ["Confirm", "Cancel"]

    await world.chat.press(BOB, "Confirm")

    assert world.bot.closed == [("SOL-1", 100)]
    card = world.chat.last
    assert card.id == question.id
    assert card.earlier[-1].message.title == "Closing SOL-1…"
    assert "closed: +4.25 USD realized" in card.message.title
    (row,) = await world.log()
    assert (row["word"], row["state"], row["outcome"], row["principal"]) == ("close", "finished", "done", "bob")
    assert row["bot"] == "alpha"
    assert await world.steps(row["id"]) == ["received", "asked to confirm", "confirmed", "running", "finished"]


async def test_a_part_is_closed(world: World) -> None:
    await world.chat.say(BOB, "/close alpha ETH 25%")
    assert world.chat.last.message.title == "Close 25% of ETH-1?"
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("ETH-1", 25)]


async def test_a_button_works_once(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    await world.chat.press(BOB, "Confirm", question)
    await world.chat.press(BOB, "Confirm", question)
    assert world.bot.closed == [("SOL-1", 100)]
    assert "pressed before" in world.chat.last.message.title
    assert "closed: +4.25" in world.chat.last.text


async def test_of_two_presses_at_one_instant_one_acts_and_both_are_told(telling: World) -> None:
    await telling.chat.say(BOB, "/close SOL-1")
    question = telling.chat.last
    await asyncio.gather(*(telling.chat.press(BOB, "Confirm", question) for _ in range(8)))
    assert telling.bot.closed == [("SOL-1", 100)]
    # Held up for long, the last of them are answered in their turn.
    await telling.until(lambda: sum("pressed before" in shown.message.title for shown in telling.chat.shown) == 7)


async def test_confirm_and_cancel_at_one_instant_do_one_of_both(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    await asyncio.gather(
        world.chat.press(BOB, "Confirm", question),
        world.chat.press(BOB, "Cancel", question),
    )
    row = (await world.log())[0]
    assert (row["state"], len(world.bot.closed)) in {("finished", 1), ("cancelled", 0)}


async def test_another_persons_press_does_nothing(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    await world.chat.press(ADA, "Confirm")
    assert world.bot.closed == []
    assert "Only bob can press that" in world.chat.last.message.title
    denied = (await world.log())[-1]
    assert (denied["principal"], denied["state"]) == ("ada", "denied")
    await world.chat.press(BOB, "Confirm", world.chat.shown[0])
    assert world.bot.closed == [("SOL-1", 100)]


async def test_a_strangers_press_gets_silence(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    shown = list(world.chat.shown)
    await world.chat.press(EVE, "Confirm")
    assert world.chat.shown == shown
    assert world.bot.closed == []
    assert (await world.log())[-1]["state"] == "denied"


async def test_a_late_press_is_answered_and_does_nothing(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    world.clock.pass_by(seconds=61)
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == []
    assert "too old" in world.chat.last.message.title
    assert (await world.log())[0]["state"] == "expired"
    await world.chat.press(BOB, "Close SOL-1")
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]


async def test_a_cancelled_question_cannot_be_confirmed(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    await world.chat.press(BOB, "Cancel")
    assert "Nothing was done" in world.chat.last.message.title
    await world.chat.press(BOB, "Confirm", question)
    assert world.bot.closed == []


async def test_a_forged_token_does_nothing(world: World) -> None:
    for token in ("", "A" * 22, "x" * 65, "close:SOL-1", "\x00", "💥"):
        await world.chat.press_token(ADA, token, at=world.clock())
        assert "I do not know that button" in world.chat.last.message.title
    assert world.bot.closed == []
    assert {row["state"] for row in await world.log()} == {"misread"}


@on_memory
async def test_a_token_of_another_room_does_nothing(world: World, chat: MemoryAdapter) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    token = world.chat.last.token("Confirm")
    assert token is not None
    elsewhere = replace(world.chat.room, id="another")
    await chat.press_token(BOB, token, room=elsewhere, at=world.clock())
    assert world.bot.closed == []
    assert "another room" in world.chat.last.message.title


async def test_a_press_after_a_restart_is_answered_and_does_nothing(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    question = world.chat.last
    again = settle_in(world.database, world.clock, world.bot, world.chat)
    assert (await again.desk.settling.take_stock()).running == ()
    await again.chat.press(BOB, "Confirm", question)
    assert world.bot.closed == []
    assert (await again.log())[0]["state"] == "expired"
    assert "Nothing was done" in again.chat.last.text


async def test_a_viewer_may_not_close(world: World) -> None:
    await world.chat.say(VIC, "/close SOL-1")
    assert world.chat.last.message.title == "/close is for operators and above; you are a viewer."
    (row,) = await world.log()
    assert row["state"] == "denied"


async def test_a_right_that_was_taken_away_meanwhile_is_looked_at_when_it_runs(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    lowered = (replace(person, role=Role.VIEWER) for person in people().people)
    later = world_of(world.database, world.clock, world.bot, world.chat, directory=Directory(lowered))
    world.chat.connect(later.desk.gateway.receive)
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == []
    assert world.chat.last.message.title == "/close is for operators and above; you are a viewer."
    assert (await world.log())[-1]["state"] == "denied"


async def test_a_late_press_on_cancel_leaves_nothing_to_press(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1")
    world.clock.pass_by(seconds=61)
    await world.chat.press(BOB, "Cancel")
    assert "Nothing was done" in world.chat.last.message.title
    assert world.chat.last.labels == []


async def test_a_word_that_waited_while_we_were_away_is_asked_for_again(world: World) -> None:
    sent = world.clock()
    world.clock.pass_by(seconds=61)
    world.bot.publish()
    await world.chat.say(BOB, "/close SOL-1", at=sent)
    assert "came while I was away" in world.chat.last.message.title
    await world.chat.press(BOB, "Close SOL-1")
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100)]


async def test_without_a_position_there_are_buttons_to_choose_from(world: World) -> None:
    await world.chat.say(BOB, "/close")
    assert world.chat.last.labels == ["ETH-1", "SOL-1"]
    await world.chat.press(BOB, "ETH-1")
    assert world.chat.last.message.title == "Close ETH-1?"


async def test_what_the_bot_would_refuse_is_refused_before_it_is_asked_twice(world: World) -> None:
    await world.chat.say(BOB, "/close DOGE")
    assert "There is no position “DOGE”" in world.chat.last.message.title
    assert world.chat.last.labels == ["ETH-1", "SOL-1"]


async def test_a_question_says_how_old_its_facts_are(world: World) -> None:
    world.clock.pass_by(seconds=3)
    await world.chat.say(BOB, "/close SOL-1")
    assert "3 s old." in world.chat.last.text
    world.clock.pass_by(seconds=42)
    await world.chat.say(BOB, "/close SOL-1")
    assert "⚠ STALE: 45 s old." in world.chat.last.text
