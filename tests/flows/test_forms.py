"""Forms, and what is suggested in them: for who may ask, and of what they may see."""

import pytest

from bot_integration import BotController
from chatops.asks import ASKS
from chatops.forms import Field, Option, Takes
from chatops.people import Directory, Principal, Role
from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, near_alone, settle_in, world_of
from tests.flows.filling import known, named, pressed, suggested, typed
from tests.flows.test_custom import Author
from tests.flows.ways import MemoryChat, Way
from tests.plug import Plug

pytestmark = near_alone


@pytest.fixture
def chat(clock: Clock, way: Way) -> MemoryChat:
    """With menus, as on platforms that have forms."""
    return MemoryChat(clock, way, menus=True)


async def test_a_word_that_needs_more_has_a_form_for_who_may_ask_it(world: World) -> None:
    assert named(await typed(world, BOB, "close")) == ["position", "percent"]
    assert named(await typed(world, ADA, "/set@the_bot")) == ["key", "value"]
    for text in ("close SOL-1", "status", "positions", "kill", "stop", "clsoe", "close SOL-1 50 now", "", "123456"):
        assert await typed(world, ADA, text) is None
    assert await typed(world, VIC, "close") is None
    assert await typed(world, EVE, "close") is None


async def test_what_was_said_stands_in_the_form(world: World) -> None:
    form = await typed(world, BOB, "silence health_factor")
    assert form is not None
    assert [one.given for one in form.fields] == ["health_factor", ""]


async def test_a_key_of_a_card_opens_a_form_for_the_rest_of_its_ask(world: World, chat: MemoryChat) -> None:
    await chat.say(BOB, "/position SOL-1")
    form = await pressed(world, BOB, "Close…")
    assert form is not None
    assert form.settled == {"position": "SOL-1", "bot": "alpha"}
    assert form.fields == (
        Field("percent", "Percent", Takes.NUMBER, given="100", optional=True, hint="Over 0, at most 100."),
    )
    assert [key.label for row in chat.last.posting.keys for key in row if key.form] == ["Close…", "Hold…"]
    assert await pressed(world, BOB, "Refresh") is None
    assert await pressed(world, VIC, "Close…") is None
    assert await pressed(world, EVE, "Close…") is None
    await chat.fill(BOB, form.word, {**form.settled, "percent": "10"})
    await chat.press(BOB, "Confirm")
    assert world.bot.closed == [("SOL-1", 10)]


async def test_a_press_that_would_not_be_good_opens_no_form(world: World, chat: MemoryChat, plug: Plug) -> None:
    await chat.say(ADA, "/set max_positions")
    await chat.say(BOB, "/position SOL-1")
    token = chat.last.token("Close…")
    assert token is not None
    of_press = world.desk.forms.of_press
    assert await of_press(known(BOB), chat.direct(known(BOB)), token) is None
    assert await of_press(known(BOB), chat.room, "a" * 22) is None
    assert await of_press(known(BOB), chat.room, "; DROP TABLE presses") is None
    await chat.say(BOB, "/close SOL-1")
    assert await pressed(world, BOB, "Confirm") is None
    await plug.pull()
    assert await of_press(known(BOB), chat.room, "b" * 22) is None
    await plug.put_back()


async def test_a_form_says_what_a_parameter_takes_and_judges_it_at_once(world: World, chat: MemoryChat) -> None:
    await chat.say(ADA, "/set")
    form = await pressed(world, ADA, "max_positions")
    assert form is not None
    assert form.settled == {"key": "max_positions", "bot": "alpha"}
    assert form.fields[0].hint == "It takes a whole number from 0 to 100. It is 8."
    switch = await pressed(world, ADA, "dry_run")
    assert switch is not None
    assert (switch.fields[0].takes, switch.fields[0].options) == (Takes.CHOICE, ("on", "off"))
    faults = world.desk.forms.faults
    assert faults(known(ADA), "set", {"key": "max_positions", "value": "500"}) == {
        "value": "max_positions takes a whole number from 0 to 100."
    }
    assert faults(known(ADA), "set", {"key": "api_key", "value": "x"}) == {"key": "api_key is not changed here."}
    assert faults(known(ADA), "set", {"key": "max_positions", "value": "5"}) == {}


async def test_what_will_not_do_is_said_before_it_is_asked(world: World) -> None:
    faults = world.desk.forms.faults
    assert faults(known(BOB), "close", {"position": "SOL-9", "percent": "50"}) == {
        "position": "There is no open position “SOL-9”."
    }
    assert faults(known(BOB), "close", {"position": "SOL-1", "percent": "150"}) == {
        "percent": "It should be less than or equal to 100."
    }
    rule = {"rule": "health_factor", "key": "critical.throttle"}
    assert faults(known(ADA), "rules", {**rule, "value": "often"}).keys() == {"value"}
    assert faults(known(ADA), "rules", {**rule, "value": "default"}) == {}
    assert faults(known(BOB), "silence", {"what": "SOL-1", "length": "long"}).keys() == {"length"}
    assert faults(known(BOB), "close", {"position": "sol", "percent": "50%"}) == {}
    assert faults(known(EVE), "close", {"position": "SOL-9"}) == {}
    assert faults(known(VIC), "close", {"position": "SOL-9"}) == {}
    assert await world.log() == []


async def test_what_there_is_is_suggested_the_likeliest_first(world: World) -> None:
    assert await suggested(world, BOB, "close", "position") == ["ETH-1", "SOL-1"]
    assert await suggested(world, BOB, "close", "position", "so") == ["SOL-1"]
    assert await suggested(world, BOB, "pause", "scope") == ["entry", "exit"]
    assert (await suggested(world, ADA, "pause", "scope"))[:3] == ["entry", "exit", "all"]
    assert await suggested(world, ADA, "set", "key") == ["max_positions", "max_exposure", "dry_run"]
    assert await suggested(world, BOB, "silence", "length", "90m") == ["90m"]
    assert await suggested(world, BOB, "silence", "length") == ["1h", "4h", "until resolved"]
    assert "health_factor" in await suggested(world, BOB, "silence", "what", "health")
    assert "SOL-1" in await suggested(world, BOB, "silence", "what", "SOL")
    assert await suggested(world, BOB, "oncall give", "who") == ["ada", "bob"]
    assert await suggested(world, ADA, "revoke", "who", "v") == ["vic"]
    assert "critical.throttle" in await suggested(world, VIC, "rules", "key", "crit", rule="health_factor")


async def test_whatever_is_suggested_will_do(world: World) -> None:
    forms, ada = world.desk.forms, known(ADA)
    named_ones = [(kind.word, name) for kind in ASKS for name in kind.typed() if kind.names(name) is not None]
    found = {
        (word, name, one.value)
        for word, name in named_ones
        for one in await forms.suggest(ada, word, name, "", {"rule": "health_factor"})
    }
    assert {word for word, _, _ in found} >= {"close", "pause", "set", "silence", "rules", "oncall give", "drill"}
    assert [(word, name, said) for word, name, said in found if name in forms.faults(ada, word, {name: said})] == []


async def test_nothing_is_suggested_that_somebody_may_not_ask_or_that_is_nobodys_to_know(world: World) -> None:
    for person, word, argument in (
        (EVE, "close", "position"),
        (VIC, "close", "position"),
        (BOB, "set", "key"),
        (BOB, "revoke", "who"),
        (ADA, "set", "value"),
        (ADA, "code", "code"),
        (ADA, "cancel", "position"),
        (ADA, "close", "percent"),
        (ADA, "close", "nothing"),
        (ADA, "?", "said_word"),
    ):
        assert await suggested(world, person, word, argument) == []


async def test_who_is_bound_to_a_bot_sees_and_fills_in_no_other(
    database: Database, clock: Clock, trader: Trader, chat: MemoryChat
) -> None:
    other = Trader(BotController("beta", now=clock), clock, way=trader.way, open=["BTC-1"])
    directory = Directory(
        [
            Principal("ada", Role.ADMIN, frozenset({known(ADA)})),
            Principal("bob", Role.OPERATOR, frozenset({known(BOB)}), bots=frozenset({"alpha"})),
        ]
    )
    world = world_of(database, clock, trader, chat, others=[other.controller], directory=directory)
    chat.connect(world.desk.gateway.receive)
    assert await suggested(world, BOB, "close", "position") == ["ETH-1", "SOL-1"]
    assert await suggested(world, ADA, "close", "position", bot="beta") == ["BTC-1"]
    assert await suggested(world, BOB, "close", "position", bot="beta") == []
    assert named(await typed(world, ADA, "close")) == ["position", "percent", "bot"]
    assert named(await typed(world, BOB, "close")) == ["position", "percent"]
    assert world.desk.forms.faults(known(BOB), "close", {"position": "BTC-1", "bot": "beta"}).keys() == {"bot"}
    await chat.fill(BOB, "close", {"position": "BTC-1", "bot": "beta"})
    assert chat.last.message.title == "You may not ask about beta: the settings bind you to other bots."
    shown = await world.desk.forms.suggest(known(ADA), "close", "position", "btc", {})
    assert shown == (Option("BTC-1", "BTC-1 beta"),)


async def test_a_position_that_several_bots_hold_is_suggested_once_with_all_of_them(
    database: Database, clock: Clock, trader: Trader, chat: MemoryChat
) -> None:
    other = Trader(BotController("beta", now=clock), clock, way=trader.way, open=["SOL-1", "BTC-1"])
    world = world_of(database, clock, trader, chat, others=[other.controller])
    forms = world.desk.forms
    shown = [one.shown for one in await forms.suggest(known(ADA), "close", "position", "", {})]
    assert sorted(shown) == ["BTC-1 beta", "ETH-1 alpha", "SOL-1 alpha, beta"]
    assert await forms.suggest(known(ADA), "close", "position", "sol", {"bot": "beta"}) == (
        Option("SOL-1", "SOL-1 beta"),
    )


async def test_the_words_of_authors_have_forms_too(
    database: Database, clock: Clock, trader: Trader, chat: MemoryChat
) -> None:
    author = Author()
    author.declare(trader.controller)
    trader.publish()
    world = settle_in(database, clock, trader, chat)
    form = await typed(world, BOB, "withdraw bybit")
    assert form is not None
    assert [(one.argument, one.takes, one.given) for one in form.fields] == [
        ("venue", Takes.CHOICE, "bybit"),
        ("amount", Takes.NUMBER, ""),
        ("note", Takes.TEXT, ""),
    ]
    assert await suggested(world, ADA, "snooze", "position", "eth") == ["ETH-1"]
    assert await suggested(world, BOB, "snooze", "position", "eth") == []
    await chat.fill(BOB, "withdraw", {"venue": "bybit", "amount": "250"})
    await chat.press(BOB, "Confirm")
    assert [order.amount for order, _ in author.withdrawn] == [250]
