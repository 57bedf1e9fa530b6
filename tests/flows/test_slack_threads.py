"""Threads of Slack: what is asked in one is answered there, with the rights and the tokens of its channel."""

from alerts.severity import Severity
from chatops.asks import Positions
from chatops.messages import Button, Message
from chatops.owed import Kind
from chatops.people import Directory, Principal, Role
from chatops.room import Room
from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, Clock, Trader, World, accounts, near_alone, world_of
from tests.flows.slack_chat import SlackChat
from tests.flows.test_slack_alone import alone, chat, office, world
from tests.servers.slack import Post

__all__ = ["chat", "office", "world"]
pytestmark = near_alone


async def talk(chat: SlackChat) -> Post:
    """Somebody says something there that others answer in its thread."""
    return await chat.person(ADA).say(chat.place, "SOL looks bad")


async def test_a_mention_is_answered_in_its_thread_and_so_is_what_is_pressed_there(
    world: World, chat: SlackChat
) -> None:
    talked = await talk(chat)
    await chat.say(BOB, "close SOL-1", reply_to=talked.ts)
    (question,) = chat.place.thread(talked.ts)[1:]
    await chat.press(BOB, "Confirm")
    done = chat.place.find(question.ts)
    assert done is not None
    assert ("SOL-1 closed" in done.words, done.thread_ts) == (True, talked.ts)
    assert len(chat.place.from_app) == 1
    (row,) = await world.log()
    assert row["room"] == f"{chat.place.id}/{talked.ts}"
    await chat.say(BOB, "clsoe", reply_to=talked.ts)
    assert [post.thread_ts for post in alone(chat, BOB)] == [talked.ts]


async def test_who_may_ask_in_a_channel_may_in_its_threads_and_in_no_others(
    world: World, chat: SlackChat, database: Database, clock: Clock, trader: Trader
) -> None:
    bound = Principal("bob", Role.OPERATOR, accounts(BOB), rooms=frozenset({Room("slack", chat.place.id)}))
    desk = world_of(database, clock, trader, chat, directory=Directory([bound])).desk
    chat.connect(desk.gateway.receive)
    other = chat.server.channel("other")
    for place in (chat.place, other):
        talked = await chat.person(ADA).say(place, "SOL looks bad")
        await chat.say(BOB, "positions", room=Room("slack", place.id), reply_to=talked.ts)
    assert (len(chat.place.from_app), other.from_app) == (1, [])
    (refused,) = chat.person(BOB).sees(other)
    assert refused.words.startswith("You may not ask here, bob")


async def test_a_value_that_is_waited_for_in_a_thread_is_written_there(world: World, chat: SlackChat) -> None:
    talked = await talk(chat)
    await chat.say(ADA, "set max_exposure", reply_to=talked.ts)
    await chat.say(BOB, "whoami", reply_to=talked.ts)
    await chat.say(ADA, "whoami", reply_to=talked.ts)
    await chat.say(ADA, "150k", reply_to=talked.ts)
    last = chat.place.from_app[-1]
    assert "250,000 USD → 150,000 USD?" in last.words
    assert (last.thread_ts, alone(chat, BOB), alone(chat, ADA)) == (talked.ts, [], [])


async def test_a_token_of_one_channel_works_in_no_thread_of_another(world: World, chat: SlackChat) -> None:
    await chat.say(BOB, "close SOL-1")
    token = chat.last.token("Confirm")
    assert token is not None
    other, bob = chat.server.channel("other"), chat.person(BOB)
    talked = await bob.say(other, "look")
    below = await bob.say(other, "below", thread_ts=talked.ts)
    await bob.click_forged(other, below, {"type": "button", "action_id": "key-0", "value": token})
    await chat.until_one_more_handled()
    (refused,) = bob.sees(other)
    assert (refused.words, refused.thread_ts) == ("That button belongs to another room. Nothing was done.", talked.ts)
    assert world.bot.closed == []
    await chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 100.0)]


async def test_what_is_asked_under_an_alert_stands_there_and_its_card_stays(world: World, chat: SlackChat) -> None:
    outbox, there = world.desk.outbox, Room("slack", chat.place.id)
    asks = Message("HF 0.14", buttons=((Button("Positions", Positions()),),), facts={"severity": "critical"})
    async with outbox.open():
        await outbox.owe(asks, there, kind=Kind.ALERT, severity=Severity.CRITICAL, card="alert 1")
        await chat.server.wait_for(lambda: chat.place.from_app)
        await outbox.owe(asks, there, kind=Kind.ALERT, severity=Severity.CRITICAL, card="alert 1#2", hangs_on="alert 1")
        card, ping = await chat.server.wait_for(lambda: chat.place.from_app[1:] and chat.place.from_app)
    assert (ping.thread_ts, ping.is_broadcast) == (card.ts, True)
    for pressed in (card, ping):
        await chat.person(BOB).click(chat.place, pressed, "Positions")
        await chat.until_one_more_handled()
    await chat.say(BOB, "positions", reply_to=card.ts)
    answers = chat.place.from_app[2:]
    assert [("SOL-1" in post.words, post.thread_ts) for post in answers] == [(True, card.ts)] * 3
    assert [chat.place.find(post.ts) for post in (card, ping)] == [card, ping]


async def test_what_is_chosen_in_a_thread_is_chosen_for_its_channel(world: World, chat: SlackChat) -> None:
    talked = await talk(chat)
    await chat.say(ADA, "prefs opened off", reply_to=talked.ts)
    await chat.say(ADA, "prefs opened")
    assert "off" in chat.place.from_app[-1].words.split("\n")[0]
    rows = await world.database.fetch("SELECT DISTINCT room FROM room_preferences")
    assert [row["room"] for row in rows] == [chat.place.id]
