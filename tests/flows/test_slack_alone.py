"""What one person alone sees in a channel of Slack: refusals, hints, and what they asked privately."""

from collections.abc import AsyncIterator

import pytest

from chatops.messages import Press
from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, people, settle_in
from tests.flows.slack_chat import SlackChat, listening_on_slack, slack
from tests.servers.slack import DropBeforeAccept, Post, SlackServer

pytestmark = near_alone


@pytest.fixture
async def office(clock: Clock) -> AsyncIterator[SlackServer]:
    async with slack(clock) as server:
        yield server


@pytest.fixture
async def chat(office: SlackServer, database: Database, clock: Clock) -> AsyncIterator[SlackChat]:
    async with listening_on_slack(office, database, clock, people()) as chat:
        yield chat


@pytest.fixture
def world(database: Database, clock: Clock, trader: Trader, chat: SlackChat) -> World:
    return settle_in(database, clock, trader, chat)


def alone(chat: SlackChat, person_id: str) -> list[Post]:
    return chat.person(person_id).sees(chat.place)


async def test_a_refusal_is_seen_by_who_asked_and_by_nobody_else(world: World, chat: SlackChat) -> None:
    await chat.say(VIC, "close SOL-1")
    (refused,) = alone(chat, VIC)
    assert refused.words == "/deck close is for operators and above; you are a viewer."
    assert (chat.place.from_app, alone(chat, ADA)) == ([], [])


async def test_a_press_on_anothers_card_is_turned_down_beside_it(world: World, chat: SlackChat) -> None:
    await chat.say(BOB, "close SOL-1")
    (question,) = chat.place.from_app
    await chat.press(ADA, "Confirm")
    (refused,) = alone(chat, ADA)
    assert refused.words == "Only bob can press that: bob asked. Nothing was done."
    assert chat.place.from_app == [question]
    await chat.press(BOB, "Confirm")
    (done,) = chat.place.from_app
    assert (done.ts, "SOL-1 closed" in done.words) == (question.ts, True)


async def test_a_hint_is_for_them_alone_and_so_is_what_its_button_reads(world: World, chat: SlackChat) -> None:
    await chat.say(VIC, "statsu")
    (hint,) = alone(chat, VIC)
    await chat.press(VIC, "/status")
    assert alone(chat, VIC)[0] == hint
    assert "alpha" in alone(chat, VIC)[1].words
    assert chat.place.from_app == []


async def test_what_acts_stands_in_the_channel_wherever_its_button_was(world: World, chat: SlackChat) -> None:
    await chat.say(ADA, "stpo")
    await chat.press(ADA, "/stop")
    (question,) = chat.place.from_app
    assert "Confirm" in question.labels
    assert len(alone(chat, ADA)) == 1


async def test_what_was_asked_too_often_is_said_to_them_alone(world: World, chat: SlackChat) -> None:
    for _ in range(12):
        await chat.say(BOB, "pause entry")
    (refused,) = alone(chat, BOB)
    assert refused.words.startswith("Too many")
    assert not [post for post in chat.place.from_app if "Too many" in post.words]


async def test_what_reads_is_shown_privately_in_the_channel_and_goes_on_there(world: World, chat: SlackChat) -> None:
    await chat.say(VIC, "private positions")
    assert "SOL-1" in alone(chat, VIC)[0].words
    await chat.press(VIC, "Refresh")
    assert len(alone(chat, VIC)) == 2
    assert (chat.place.from_app, chat.person(VIC).direct.from_app) == ([], [])
    assert [row["room"] for row in await world.log()] == [chat.room.key] * 2


async def test_what_acts_is_asked_and_answered_by_oneself(world: World, chat: SlackChat) -> None:
    await chat.person(BOB).slash(chat.place, "/deck private close SOL-1")
    await chat.until_one_more_handled()
    await chat.press(BOB, "Confirm", room=chat.direct(chat.identity(BOB)))
    (done,) = chat.person(BOB).direct.from_app
    assert "SOL-1 closed" in done.words
    assert (chat.place.from_app, alone(chat, BOB)) == ([], [])
    assert world.bot.closed == [("SOL-1", 100.0)]


async def test_a_refusal_that_waited_for_a_restart_is_for_them_alone_too(
    office: SlackServer, database: Database, clock: Clock, trader: Trader
) -> None:
    async with listening_on_slack(office, database, clock, people()) as before:
        settle_in(database, clock, trader, before)
        office.fail(DropBeforeAccept(), method="chat.postEphemeral")
        await before.say(VIC, "close SOL-1")
    async with listening_on_slack(office, database, clock, people()) as after:
        world = settle_in(database, clock, trader, after)
        async with world.desk.outbox.open():
            await world.desk.outbox.take_stock()
            world.desk.outbox.wake()
            await office.wait_for(lambda: alone(after, VIC))
    (refused,) = alone(after, VIC)
    first, marked = refused.words.split("\n")
    assert first == "/deck close is for operators and above; you are a viewer."
    # Nobody can look for it there.
    assert marked.startswith("Possible repeat")
    assert after.place.from_app == []


async def test_a_press_that_waited_while_nobody_was_here_leaves_the_card_of_all_alone(
    world: World, chat: SlackChat, clock: Clock
) -> None:
    await chat.say(BOB, "position SOL-1")
    (card,) = chat.place.from_app
    token = chat.last.token("Close…")
    assert token is not None
    pressed = Press(chat.identity(ADA), chat.room, token, card.ts, clock())
    clock.pass_by(minutes=30)
    await world.desk.gateway.receive(pressed)
    (refused,) = alone(chat, ADA)
    assert refused.words.startswith("That came while I was away.")
    assert chat.place.from_app == [card]
