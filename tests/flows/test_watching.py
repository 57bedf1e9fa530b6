"""Looking at the bots from a phone."""

from types import SimpleNamespace
from typing import cast

import pytest

from bot_integration import BotController, Snapshot
from chatops.layout import width
from chatops.messages import PHONE_COLUMNS, Table
from chatops.storage.database import Database
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, on_memory, world_of
from tests.flows.ways import NEAR, Way
from tests.plug import Plug


async def test_status_tells_the_money_the_danger_and_the_age(world: World) -> None:
    world.clock.pass_by(seconds=3)
    await world.chat.say(VIC, "/status")
    text = world.chat.last.text
    assert world.chat.last.message.title == "alpha is well"
    assert "alpha · paper · monitoring · ok (3 s old)" in text
    assert "10,012.50" in text
    assert "+12.50" in text
    assert "0.228 ETH-1 bybit" in text


async def test_stale_facts_say_so_loudly(world: World) -> None:
    world.clock.pass_by(seconds=45)
    await world.chat.say(VIC, "/status")
    assert world.chat.last.message.title == "⚠ alpha is STALE: last heard 45 s ago"
    await world.chat.say(VIC, "/positions")
    assert "STALE" in world.chat.last.text
    await world.chat.say(VIC, "/position eth")
    assert world.chat.last.message.title.startswith("⚠ STALE 45 s")


@on_memory
async def test_positions_shows_the_most_endangered_first(world: World) -> None:
    await world.chat.say(VIC, "/positions")
    message = world.chat.last.message
    (table,) = [block for block in message.blocks if isinstance(block, Table)]
    assert [line.split()[0] for line in table.lines[1:]] == ["ETH-1", "SOL-1"]
    assert all(width(line) <= PHONE_COLUMNS for line in table.lines)
    assert message.title == "2 open, +8.50 USD"


async def test_a_position_has_a_card_with_both_its_danger_and_its_buttons(world: World) -> None:
    await world.chat.say(VIC, "/positions")
    await world.chat.press(VIC, "ETH-1")
    card = world.chat.last
    assert card.message.title == "ETH-1 · +4.25 USD"
    assert "0.228" in card.text
    assert "20.8%" in card.text
    assert card.labels == ["Refresh", "Close…", "Rebalance…", "Hold…", "Positions"]


async def test_refresh_edits_the_card_in_place(world: World) -> None:
    await world.chat.say(VIC, "/status")
    first = world.chat.last
    world.bot.open.remove("SOL-1")
    world.bot.publish()
    await world.chat.press(VIC, "Refresh")
    assert len(world.chat.shown) == 1
    assert world.chat.last.id == first.id
    assert world.chat.last.text != first.text


async def test_close_from_a_viewers_card_is_denied_beside_it(world: World) -> None:
    await world.chat.say(VIC, "/position ETH-1")
    await world.chat.press(VIC, "Close…")
    assert "is for operators" in world.chat.last.message.title
    assert len(world.chat.shown) == 2


async def test_every_word_gets_an_answer(world: World) -> None:
    for word in ("start", "help", "whoami", "version", "status", "positions", "position", "close", "pause", "events"):
        before = len(world.chat.shown)
        await world.chat.say(ADA, f"/{word}")
        assert len(world.chat.shown) == before + 1, word
        assert "broke" not in world.chat.last.message.title


async def test_help_shows_what_one_may_ask_and_no_more(world: World) -> None:
    await world.chat.say(VIC, "/help")
    assert "/positions" in world.chat.last.text
    assert "/close" not in world.chat.last.text.replace("/help close", "")
    await world.chat.say(BOB, "/help")
    assert "/close" in world.chat.last.text
    await world.chat.press(BOB, "Trading")
    assert "/close [position] [percent]" in world.chat.last.text
    assert "/stop" not in world.chat.last.text
    await world.chat.say(VIC, "/help trading")
    assert world.chat.last.message.title.startswith("I do not know “trading”.")
    await world.chat.say(VIC, "/help close")
    assert "for operators" in world.chat.last.text


async def test_whoami_and_version(world: World) -> None:
    await world.chat.say(VIC, "/whoami")
    assert world.chat.last.message.title == "You are vic, viewer."
    await world.chat.say(VIC, "/version")
    assert world.chat.last.message.title == "Quarterdeck 1.2.3"


async def test_bots_tells_where_each_runs_and_how_it_is(world: World) -> None:
    world.clock.pass_by(seconds=3)
    await world.chat.say(VIC, "/bots")
    where = "near" if world.bot.way.name == NEAR else "far"
    assert world.chat.last.message.title == "alpha is well"
    assert "State paper · monitoring · ok" in world.chat.last.text
    assert f"Runs  {where}, since 10:00:00 UTC\nFacts 3 s old" in world.chat.last.text
    await world.chat.say(VIC, "/bots beta")
    assert "beta" in world.chat.last.message.title


async def test_system_tells_how_the_desk_itself_is(world: World) -> None:
    await world.chat.say(VIC, "/system")
    text = world.chat.last.text
    assert "Version  1.2.3\n" in text
    assert "Database own server, answers in " in text
    # This desk's clock is the story's.
    assert world.chat.last.message.title.endswith("the database")
    assert "Bots     1 of 1 heard\n" in text
    assert f"\n{world.chat.platform:8} connected for 0 s\n" in text
    assert " MiB" in text


@on_memory
async def test_system_is_answered_while_the_database_is_away(world: World, plug: Plug) -> None:
    await plug.pull()
    await world.chat.say(VIC, "/system")
    await world.until(lambda: bool(world.chat.shown))
    assert world.chat.last.message.title == "⚠ the database does not answer"
    assert "Database own server, no answer\n" in world.chat.last.text


async def test_nonsense_is_answered_with_the_nearest_word(world: World) -> None:
    await world.chat.say(VIC, "/stauts")
    assert world.chat.last.message.title == "I do not know “stauts”. Did you mean /status?"
    await world.chat.press(VIC, "/status")
    assert world.chat.last.message.title == "alpha is well"
    assert [row["state"] for row in await world.log()] == ["misread", "finished"]


@on_memory
async def test_what_is_too_long_is_answered(world: World) -> None:
    await world.chat.say(VIC, "x" * 100_000)
    assert "too long" in world.chat.last.message.title


async def test_a_stranger_gets_silence_and_a_line_in_the_log(world: World) -> None:
    await world.chat.say(EVE, "/status")
    assert world.chat.shown == []
    (row,) = await world.log()
    assert (row["principal"], row["sender_id"], row["state"]) == (None, str(world.chat.identity(EVE)), "denied")


async def test_events_are_newest_first(world: World) -> None:
    await world.chat.say(VIC, "/events 5")
    assert "SOL-1 opened" in world.chat.last.text


async def test_every_answer_is_a_delivery_that_went_out(world: World) -> None:
    await world.chat.say(VIC, "/status")
    (row,) = await world.database.fetch("SELECT * FROM deliveries")
    assert (row["kind"], row["state"], row["platform_message_id"]) == ("answer", "sent", world.chat.last.id)
    assert row["sent_at"] is not None


async def test_a_bot_that_has_said_nothing_is_a_fact_and_no_error(
    database: Database, clock: Clock, trader: Trader, chat: Chat, way: Way
) -> None:
    world = world_of(database, clock, trader, chat, bot=await way.to(BotController("alpha", now=clock)))
    chat.connect(world.desk.gateway.receive)
    await world.chat.say(VIC, "/status")
    assert world.chat.last.message.title == "⚠ alpha has said nothing yet"
    await world.chat.say(VIC, "/positions")
    assert "alpha has said nothing yet." in world.chat.last.text
    for word in ("/close SOL-1", "/close", "/position SOL-1"):
        await world.chat.say(ADA, word)
        assert "what is open is not known" in world.chat.last.message.title


async def test_an_empty_book_says_so(world: World) -> None:
    world.bot.open.clear()
    world.bot.publish()
    await world.chat.say(VIC, "/positions")
    assert world.chat.last.message.title == "No open positions."


class Crazed(BotController):
    """A bot whose facts are not whole, past everybody who checks them."""

    def snapshot(self) -> Snapshot | None:
        return cast(Snapshot, SimpleNamespace(commands=()))


async def test_what_breaks_is_answered_and_on_record_like_any_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken = world_of(world.database, world.clock, world.bot, world.chat, bot=Crazed("alpha"))
    world.chat.connect(broken.desk.gateway.receive)
    await world.chat.say(VIC, "/status")
    assert world.chat.last.message.title == "That broke on our side."
    (row,) = await world.log()
    assert (row["word"], row["state"], row["outcome"]) == ("status", "finished", "failed")
    assert f"status {row['id']} broke" in caplog.text
