"""What is filled into forms and chosen from menus: judged as what is typed."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from chatops.forms import Option
from chatops.ids import uuid7
from chatops.messages import Filled, Receipt
from chatops.redactor import Redactor
from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, near_alone, settle_in, world_of
from tests.flows.controls import SECRET
from tests.flows.filling import known, suggested
from tests.flows.test_tuning import everything
from tests.flows.ways import MemoryChat, Way
from tests.plug import Plug

#: Of the form of those that let somebody in, and nobody's.
CODE = "7K3M-9PQR-2XWZ"

pytestmark = near_alone


@pytest.fixture
def chat(clock: Clock, way: Way) -> MemoryChat:
    """With menus, as on platforms that have forms."""
    return MemoryChat(clock, way, menus=True)


async def test_what_is_filled_in_is_asked_confirmed_and_done_once(world: World, chat: MemoryChat) -> None:
    await chat.fill(BOB, "close", {"position": "SOL-1", "percent": "50"})
    assert chat.last.message.title.startswith("Close 50% of SOL-1")
    assert world.bot.closed == []
    await chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 50)]
    (row,) = await world.log()
    assert (row["word"], row["principal"], row["arguments"]["percent"]) == ("close", "bob", 50)
    assert await world.steps(row["id"]) == ["received", "asked to confirm", "confirmed", "running", "finished"]


async def test_a_form_that_comes_twice_is_asked_once(world: World, chat: MemoryChat) -> None:
    receipt = Receipt(None, uuid7())
    form = Filled(known(BOB), chat.room, "silence", {"what": "health_factor", "length": "1h"}, world.clock(), receipt)
    await world.desk.gateway.receive(form)
    await world.desk.gateway.receive(form)
    assert len(chat.shown) == len(await world.log()) == 1
    assert len(await world.database.fetch("SELECT 1 FROM silences")) == 1


async def test_who_may_not_type_it_may_not_fill_it_in(world: World, chat: MemoryChat) -> None:
    await chat.fill(VIC, "close", {"position": "SOL-1"})
    assert chat.last.message.title == "/close is for operators and above; you are a viewer."
    await chat.fill(BOB, "pause", {"scope": "all", "reason": "a hunch"})
    assert chat.last.message.title == "/pause all is for admins; you are an operator."
    assert [row["state"] for row in await world.log()] == ["denied", "denied"]


async def test_a_form_that_waited_while_we_were_away_is_done_by_nobody(world: World, chat: MemoryChat) -> None:
    await chat.fill(BOB, "close", {"position": "SOL-1"}, at=world.clock() - timedelta(minutes=2))
    assert chat.last.message.title.startswith("That came while I was away.")
    assert [row["state"] for row in await world.log()] == ["expired"]


async def test_what_nobody_can_type_cannot_be_forged_in(world: World, chat: MemoryChat) -> None:
    forged: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("set", {"key": "max_positions", "to": "5", "bot": "alpha"}),
        ("ack all", {"seen": "2026-01-01T00:00:00Z"}),
        ("cancel", {}),
        ("totp away", {}),
        ("close", {"position": "SOL-1", "bot": "omega"}),
        ("close", {"position": "SOL-1", "confirm": "yes"}),
        ("shutdown", {"now": "yes"}),
    )
    for word, arguments in forged:
        await chat.fill(ADA, word, arguments)
    log = await world.log()
    assert [row["state"] for row in log] == ["misread"] * len(forged)
    assert world.bot.closed == []
    assert world.bot.controls.values == {}


async def test_a_secret_is_on_no_record(world: World, chat: MemoryChat) -> None:
    await chat.fill(ADA, "set", {"key": "api_key", "value": SECRET})
    assert chat.last.message.title == "api_key is a secret: it is never set or shown here. Nothing was done."
    await chat.fill(ADA, "set", {"key": "x" * 65, "value": SECRET})
    await chat.fill(ADA, "set", {"key": "api_key", "valeu": SECRET})
    await chat.fill(VIC, "set", {"key": "api_key", "value": SECRET})
    assert [shown for shown in chat.shown if SECRET in shown.text] == []
    assert SECRET not in await everything(world.database)


async def test_a_secret_of_the_settings_is_taken_out_before_anybody_reads_it(
    database: Database, clock: Clock, trader: Trader, chat: MemoryChat
) -> None:
    secret = "a-token-of-the-settings"
    world = world_of(database, clock, trader, chat, redact=Redactor([secret]))
    chat.connect(world.desk.gateway.receive)
    await chat.fill(BOB, secret, {secret: secret})
    await chat.fill(BOB, "silence", {"what": secret})
    assert secret not in await everything(database)
    trader.open = [secret, "SOL-1"]
    trader.publish()
    await chat.fill(BOB, "close", {"position": secret})
    assert "There is no position “***”" in chat.last.message.title
    assert await suggested(world, BOB, "close", "position") == ["SOL-1"]


async def test_a_code_is_read_as_if_it_had_been_typed_and_is_on_no_record(world: World, chat: MemoryChat) -> None:
    await chat.fill(ADA, "invite", {"to": CODE, "name": "eve"})
    assert (await world.log())[-1]["state"] == "denied"
    await chat.fill(EVE, "start", {"code": CODE})
    await chat.fill(ADA, "code", {"code": "123456"})
    said = await everything(world.database)
    assert CODE not in said
    assert "123456" not in said


async def test_a_stranger_hears_nothing_and_is_on_record(world: World, chat: MemoryChat) -> None:
    await chat.fill(EVE, "close", {"position": "SOL-1"})
    assert chat.shown == []
    (row,) = await world.log()
    assert (row["principal"], row["state"], row["arguments"]) == (None, "denied", {"text": "close SOL-1"})


async def test_while_the_database_is_away_what_reduces_risk_can_be_filled_in(
    database: Database,
    clock: Clock,
    trader: Trader,
    chat: MemoryChat,
    plug: Plug,
) -> None:
    world = world_of(database, clock, trader, chat)
    chat.connect(world.desk.gateway.receive)
    async with world.desk.outbox.open():
        await plug.pull()
        await chat.fill(BOB, "close", {"position": "SOL-1", "percent": "25"})
        await world.reads("Close 25% of SOL-1")
        await chat.press(BOB, "Confirm")
        await world.reads("✓")
        assert trader.closed == [("SOL-1", 25)]
        await chat.fill(ADA, "resume", {"scope": "entry"})
        await world.reads("The database is away")
        await plug.put_back()


async def test_of_many_positions_any_can_be_chosen_from_a_menu(world: World, chat: MemoryChat) -> None:
    world.bot.open = [f"P-{number}" for number in range(20)]
    world.bot.publish()
    await chat.say(BOB, "/close")
    asked = chat.last
    assert (asked.posting.menu, asked.posting.wants) == ("position", "")
    found = await world.desk.forms.suggest_reply(known(BOB), chat.room, asked.id, "p-19")
    assert found == (Option("P-19"),)
    for nobody in (VIC, EVE, ADA):
        assert await world.desk.forms.suggest_reply(known(nobody), chat.room, asked.id, "p-19") == ()
    await chat.say(BOB, "P-19", reply_to=asked.id, chosen=True)
    await chat.press(BOB, "Confirm")
    assert world.bot.closed == [("P-19", 100)]


async def test_what_was_chosen_is_never_read_as_a_word_or_as_a_code(world: World, chat: MemoryChat) -> None:
    world.bot.open = ["482913", "status", "/stop", *(f"P-{number}" for number in range(20))]
    world.bot.publish()
    await chat.say(BOB, "/close")
    asked = chat.last
    for position in ("482913", "status", "/stop"):
        await chat.say(BOB, position, reply_to=asked.id, chosen=True)
        assert chat.last.message.title.startswith(f"Close {position}?")
        await chat.say(BOB, position, reply_to="404", chosen=True)
        assert chat.last.message.title.startswith("That menu is too old")
    assert {row["word"] for row in await world.log()} == {"close", "?"}


async def test_below_a_menu_a_word_is_a_word(world: World, chat: MemoryChat) -> None:
    world.bot.open = [f"P-{number}" for number in range(20)]
    world.bot.publish()
    await chat.say(BOB, "/positions")
    shown = chat.last
    assert shown.posting.menu == "position"
    await chat.say(BOB, "status", reply_to=shown.id)
    assert chat.last.message.title == "alpha is well"
    await chat.say(BOB, "p-7", reply_to=shown.id)
    assert chat.last.message.title.startswith("P-7")


async def test_where_a_platform_has_no_menus_none_is_stored(
    database: Database, clock: Clock, trader: Trader, way: Way
) -> None:
    chat = MemoryChat(clock, way)
    settle_in(database, clock, trader, chat)
    trader.open = [f"P-{number}" for number in range(20)]
    trader.publish()
    await chat.say(BOB, "/close")
    assert chat.last.posting.menu == ""
    assert await database.fetch("SELECT 1 FROM presses WHERE fills IS NOT NULL") == []
