"""What needs a second person: asked by one, approved by another, done once, and both are on record."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot_integration import Outcome
from chatops.adapters.memory import Shown
from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.guard.verifying import Whole
from chatops.people import Role
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, on_memory, world_of
from tests.flows.crew import ADA_TOO, BY_TWO, CYD, Crew, asked, card, person, the_close


@pytest.fixture
def crew() -> Crew:
    return Crew()


@pytest.fixture
async def world(database: Database, clock: Clock, trader: Trader, chat: Chat, crew: Crew) -> AsyncIterator[World]:
    """A desk where closing and resuming take two, that sends what it owes, and whose people it may write to."""
    world = world_of(database, clock, trader, chat, directory=crew, permissions=BY_TWO)
    chat.connect(world.desk.gateway.receive)
    async with world.desk.outbox.open():
        for id_ in (ADA, BOB, CYD):
            await chat.say(id_, "/whoami", room=chat.direct(chat.identity(id_)))
        yield world
    assert isinstance(await verify_record(database), Whole)


def alone(world: World, who: str) -> list[Shown]:
    """What somebody reads in private."""
    return world.chat.in_room(world.chat.direct(world.chat.identity(who)))


async def test_what_one_confirmed_another_approves_and_both_names_are_in_the_log_and_in_the_answer(
    world: World,
) -> None:
    request = await asked(world)
    assert request.message.title == "Approve? Close SOL-1?"
    assert "ada asks. May approve, within 10 min: cyd." in request.text
    assert "Would realize" in request.text
    assert request.labels == ["Approve", "Reject"]
    assert world.bot.closed == []

    await world.chat.press(CYD, "Approve", request)

    assert world.bot.closed == [("SOL-1", 100)]
    assert card(world).id == request.id
    assert "Asked by ada, approved by cyd." in card(world).text
    state, _, steps = await the_close(world)
    assert state == "finished"
    assert steps[1:] == ["asked to confirm", "confirmed", "asked to approve", "approved", "running", "finished"]
    rows = await world.database.fetch("SELECT step, by FROM command_events WHERE step IN ('approved', 'running')")
    assert {(row["step"], row["by"]) for row in rows} >= {("approved", "cyd"), ("running", "ada")}


async def test_who_may_approve_is_asked_alone_too_and_that_copy_says_what_became_of_it(world: World) -> None:
    await asked(world)
    await world.until(lambda: "Approve" in alone(world, CYD)[-1].labels)
    assert not [shown for shown in [*alone(world, ADA), *alone(world, BOB)] if "Approve" in shown.labels]
    copy = alone(world, CYD)[-1]
    assert copy.message.title == "Approve? Close SOL-1?"

    await world.chat.press(CYD, "Approve", copy)

    assert world.bot.closed == [("SOL-1", 100)]
    assert "Asked by ada, approved by cyd." in card(world).text
    await world.in_time(lambda: "USD realized. Approved by cyd." in alone(world, CYD)[-1].text)
    assert (alone(world, CYD)[-1].id, alone(world, CYD)[-1].labels) == (copy.id, [])


async def test_who_asks_in_private_may_only_take_it_back(world: World) -> None:
    own = world.chat.direct(world.chat.identity(ADA))
    await world.chat.say(ADA, "/close SOL-1", room=own)
    await world.chat.press(ADA, "Confirm", room=own)
    await world.until(lambda: alone(world, ADA)[-1].labels == ["Withdraw"])
    await world.chat.press(ADA, "Withdraw", room=own)
    assert alone(world, ADA)[-1].message.title == "Cancelled. Nothing was done."
    assert world.bot.closed == []


async def test_who_approves_reads_to_what_and_the_name_stays_as_it_is_written(
    database: Database, clock: Clock, trader: Trader, chat: Chat, crew: Crew
) -> None:
    """Else one would say yes to whatever role a word without a question of its own gives."""
    by_two = Permissions(Policy({"invite": WordRule(approvals=1), "close": WordRule(approvals=1)}))
    world = world_of(database, clock, trader, chat, directory=crew, permissions=by_two)
    chat.connect(world.desk.gateway.receive)
    await world.chat.say(ADA, "/invite admin Dan")
    assert card(world).message.title == "Really /invite admin Dan?"
    await world.chat.press(ADA, "Confirm")
    assert card(world).message.title == "Approve? Really /invite admin Dan?"
    await world.chat.press(CYD, "Reject", card(world))

    async with world.desk.outbox.open():
        await world.chat.say(CYD, "/whoami", room=chat.direct(chat.identity(CYD)))
        await asked(world)
        await world.until(lambda: "Approve" in alone(world, CYD)[-1].labels)
        await world.chat.press(CYD, "Approve", alone(world, CYD)[-1])
        await world.in_time(lambda: "Close SOL-1, asked by ada:" in alone(world, CYD)[-1].text)


async def test_nobody_approves_what_they_asked_for_themselves(world: World) -> None:
    request = await asked(world)
    await world.chat.press(ADA, "Approve", request)
    assert "You asked for this yourself" in card(world).message.title
    assert world.bot.closed == []
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == [("SOL-1", 100)]


async def test_another_account_of_the_same_person_is_the_same_person(world: World) -> None:
    request = await asked(world)
    await world.chat.press(ADA_TOO, "Approve", request)
    assert "You asked for this yourself" in card(world).message.title
    assert world.bot.closed == []


async def test_an_account_that_has_become_somebody_elses_meanwhile_approves_nothing_that_was_asked_from_it(
    world: World, crew: Crew
) -> None:
    request = await asked(world)
    crew.change("ada", person("ada", Role.ADMIN, ADA_TOO))
    crew.change("dan", person("dan", Role.ADMIN, ADA))
    await world.chat.press(ADA, "Approve", request)
    assert world.bot.closed == []


async def test_a_role_below_the_askers_approves_nothing(world: World) -> None:
    request = await asked(world)
    await world.chat.press(BOB, "Approve", request)
    assert card(world).message.title == "ada is admin: only who is at least that may approve what they ask."
    await world.chat.press(VIC, "Reject", request)
    assert world.bot.closed == []
    assert (await the_close(world))[0] == "awaiting_approval"
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == [("SOL-1", 100)]


async def test_of_two_who_approve_at_one_instant_from_several_devices_one_acts_and_all_are_told(
    world: World,
) -> None:
    request = await asked(world, BOB)
    presses = [world.chat.press(who, "Approve", request) for who in (ADA, CYD, ADA_TOO, CYD)]
    await asyncio.gather(*presses)
    assert world.bot.closed == [("SOL-1", 100)]
    # Held up for long, the last of them are answered in their turn.
    await world.until(lambda: sum("pressed before" in shown.message.title for shown in world.chat.shown) == 3)


async def test_two_confirmations_at_one_instant_ask_for_one_approval(world: World) -> None:
    await world.chat.say(ADA, "/close SOL-1")
    question = card(world)
    await asyncio.gather(*(world.chat.press(ADA, "Confirm", question) for _ in range(4)))
    assert world.bot.closed == []
    assert (await the_close(world))[2][1:] == ["asked to confirm", "confirmed", "asked to approve"]


async def test_approve_and_withdraw_at_one_instant_do_one_of_both(world: World) -> None:
    request = await asked(world)
    await asyncio.gather(world.chat.press(CYD, "Approve", request), world.chat.press(ADA, "Reject", request))
    assert ((await the_close(world))[0], len(world.bot.closed)) in {("finished", 1), ("cancelled", 0)}


async def test_what_another_rejects_is_not_done_and_says_who_did(world: World) -> None:
    request = await asked(world)
    await world.chat.press(CYD, "Reject", request)
    assert card(world).message.title == "Rejected by cyd. Nothing was done."
    state, answer, steps = await the_close(world)
    assert (state, answer, steps[-1]) == ("cancelled", "Rejected by cyd. Nothing was done.", "rejected")
    await world.in_time(lambda: "Rejected by cyd" in alone(world, CYD)[-1].text)
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []


async def test_who_asked_may_withdraw_it(world: World) -> None:
    request = await asked(world)
    await world.chat.press(ADA, "Reject", request)
    assert card(world).message.title == "Cancelled. Nothing was done."
    assert (await the_close(world))[2][-1] == "cancelled"
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []


async def test_who_lost_the_right_between_asking_and_approval_gets_nothing_done(world: World, crew: Crew) -> None:
    request = await asked(world, BOB)
    crew.change("bob", person("bob", Role.VIEWER, BOB))
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert card(world).message.title == "Not done: bob may not do it any more."
    assert (await the_close(world))[2][-1] == "denied"


async def test_who_was_revoked_between_asking_and_approval_gets_nothing_done(world: World, crew: Crew) -> None:
    request = await asked(world, BOB)
    crew.change("bob", None)
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert card(world).message.title == "Not done: bob may not ask any more."
    assert (await the_close(world))[0] == "denied"


async def test_who_was_revoked_before_approving_approves_nothing(world: World, crew: Crew) -> None:
    request = await asked(world)
    await world.until(lambda: "Approve" in alone(world, CYD)[-1].labels)
    crew.change("cyd", None)
    shown = list(world.chat.shown)
    await world.chat.press(CYD, "Approve", request)
    assert world.chat.shown == shown
    assert world.bot.closed == []


async def test_what_nobody_approves_in_time_is_over_and_all_are_told(world: World) -> None:
    request = await asked(world)
    await world.until(lambda: "Approve" in alone(world, CYD)[-1].labels)
    world.clock.pass_by(minutes=10, seconds=1)
    world.bot.publish()
    await world.desk.settling.expire()
    assert card(world).message.title == "Nobody approved in time. Nothing was done."
    assert card(world).labels == ["Close SOL-1"]
    await world.in_time(lambda: "Nobody approved in time" in alone(world, CYD)[-1].text)
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert (await the_close(world))[0] == "expired"


async def test_a_late_approval_is_answered_and_does_nothing_before_anybody_looked(world: World) -> None:
    request = await asked(world)
    world.clock.pass_by(minutes=10, seconds=1)
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert "too old" in card(world).message.title
    assert (await the_close(world))[0] == "expired"


async def test_a_request_waits_longer_than_a_question(world: World) -> None:
    request = await asked(world)
    world.clock.pass_by(minutes=9)
    world.bot.publish()
    await world.desk.settling.expire()
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == [("SOL-1", 100)]


async def test_facts_that_changed_before_the_approval_go_back_to_who_asked(world: World) -> None:
    request = await asked(world)
    world.bot.would_realize = Decimal("3.10")
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert card(world).message.title == "The facts have changed: realized 4.25 → 3.10"
    assert card(world).labels == ["Confirm", "Cancel"]
    await world.chat.press(CYD, "Confirm", card(world))
    assert "Only ada can press that" in card(world).message.title

    await world.chat.press(ADA, "Confirm", world.chat.in_room(world.chat.room)[-2])
    assert world.bot.closed == []
    await world.chat.press(CYD, "Approve")
    assert world.bot.closed == [("SOL-1", 100)]
    assert (await the_close(world))[2].count("asked to approve") == 2


async def test_what_is_gone_before_the_approval_ends_with_that(world: World) -> None:
    request = await asked(world)
    world.bot.open.remove("SOL-1")
    world.bot.publish()
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []
    assert "There is no position “SOL-1”" in card(world).message.title
    row = next(row for row in await world.log() if row["word"] == "close")
    assert (row["state"], row["outcome"]) == ("finished", Outcome.REFUSED)


async def test_where_nobody_else_may_approve_it_is_said_at_once(world: World, crew: Crew) -> None:
    crew.change("cyd", None)
    await asked(world)
    assert card(world).message.title == "Nobody else may approve this: it needs another admin. Nothing was done."
    assert card(world).labels == []
    assert (await the_close(world))[0] == "denied"


async def test_a_request_does_not_outlive_a_restart_and_its_copies_say_so(
    world: World, database: Database, clock: Clock, crew: Crew
) -> None:
    request = await asked(world)
    await world.until(lambda: "Approve" in alone(world, CYD)[-1].labels)
    again = world_of(database, clock, world.bot, world.chat, directory=crew, permissions=BY_TWO)
    world.chat.connect(again.desk.gateway.receive)
    await again.desk.settling.settle(await again.desk.settling.take_stock())
    async with again.desk.outbox.open():
        await world.in_time(lambda: "restarted before “close SOL-1” was approved" in alone(world, CYD)[-1].text)
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == []


async def test_who_is_bound_to_other_rooms_or_bots_is_not_awaited(world: World, crew: Crew) -> None:
    cyd = person("cyd", Role.ADMIN, CYD)
    crew.change("cyd", replace(cyd, bots=frozenset({"beta"})))
    await asked(world)
    assert card(world).message.title.startswith("Nobody else may approve this")

    crew.change("cyd", replace(cyd, rooms=frozenset({world.chat.room})))
    request = await asked(world)
    assert "May approve, within 10 min: cyd." in request.text
    await world.chat.press(CYD, "Approve", request)
    assert world.bot.closed == [("SOL-1", 100)]
    assert not [shown for shown in alone(world, CYD) if "Approve" in shown.message.title]


@on_memory
async def test_a_press_that_waited_while_we_were_away_approves_nothing(world: World) -> None:
    request = await asked(world)
    token = request.token("Approve")
    assert token is not None
    sent = world.clock()
    world.clock.pass_by(minutes=2)
    await world.chat.press_token(CYD, token, at=sent - timedelta(seconds=1))
    assert world.bot.closed == []


@on_memory
async def test_done_at_once_is_not_done_alone_where_it_takes_two(
    database: Database, clock: Clock, trader: Trader, chat: Chat, crew: Crew
) -> None:
    both = Permissions(Policy({"close": WordRule(confirm=False, approvals=1)}))
    world = world_of(database, clock, trader, chat, directory=crew, permissions=both)
    chat.connect(world.desk.gateway.receive)
    await world.chat.say(BOB, "/close SOL-1")
    assert card(world).labels[:2] == ["Confirm", "Cancel"]
    await world.chat.press(BOB, "Confirm")
    assert world.bot.closed == []
    assert card(world).labels == ["Approve", "Reject"]
