"""Setting a bot from a phone: typed, bounded, old and new; secrets neither shown nor kept; breakers and holds."""

from datetime import timedelta

from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, VIC, World, on_memory
from tests.flows.controls import SECRET


async def everything(database: Database) -> str:
    """All that the database holds, but for what the platform handed over."""
    tables = await database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'inbox'"
    )
    said = []
    for table in tables:
        rows = await database.fetch(f'SELECT t::text AS row FROM "{table["tablename"]}" AS t')
        said += [row["row"] for row in rows]
    return "\n".join(said)


async def test_a_parameter_is_changed_from_old_to_new(world: World) -> None:
    await world.chat.say(ADA, "/set max_exposure 150k")
    assert world.chat.last.message.title == "Set max_exposure of alpha: 250,000 USD → 150,000 USD?"
    await world.chat.press(ADA, "Confirm")
    assert world.bot.controls.values == {"max_exposure": 150_000.0}
    assert world.chat.last.message.title == "✓ max_exposure: 250000.0 → 150000.0"
    assert "alpha says: max_exposure is 150,000 USD." in world.chat.last.text
    (row,) = await world.log()
    assert row["arguments"] == {"key": "max_exposure", "to": 150_000.0, "bot": "alpha"}


async def test_what_does_not_fit_is_refused_before_the_bot_is_asked(world: World) -> None:
    for typed, said in (
        ("max_positions 500", "“500” will not do: max_positions takes a whole number from 0 to 100. It stays 8."),
        ("max_positions many", "“many” will not do: max_positions takes a whole number from 0 to 100. It stays 8."),
        ("dry_run perhaps", "“perhaps” will not do: dry_run takes on or off. It stays off."),
        ("venues okx", "venues cannot change while alpha runs. It stays bybit."),
        ("max_positions 8", "max_positions is 8 already. Nothing was done."),
        ("max_position 5", "alpha has no parameter “max_position”. Did you mean max_positions?"),
    ):
        await world.chat.say(ADA, f"/set {typed}")
        assert world.chat.last.message.title == said
    assert world.bot.controls.values == {}


async def test_a_secret_is_never_set_or_shown_and_its_value_is_on_no_record(world: World) -> None:
    await world.chat.say(ADA, f"/set api_key {SECRET}")
    assert world.chat.last.message.title == "api_key is a secret: it is never set or shown here. Nothing was done."
    await world.chat.say(ADA, f"/set api_kay {SECRET}")
    await world.chat.say(ADA, f"/set alpha api_key {SECRET * 20}")
    await world.chat.say(ADA, f"/sett api_key {SECRET}")
    await world.chat.say(VIC, f"/set api_key {SECRET}")
    await world.chat.say(ADA, "/config mode")
    assert "set, not shown" in world.chat.last.text
    assert [shown for shown in world.chat.shown if SECRET in shown.text] == []
    assert SECRET not in await everything(world.database)
    assert world.bot.controls.values == {}


async def test_without_a_value_it_is_said_what_may_be_typed(world: World) -> None:
    await world.chat.say(ADA, "/set")
    assert world.chat.last.labels == ["max_positions", "max_exposure", "dry_run"]
    await world.chat.press(ADA, "dry_run")
    assert world.chat.last.message.title == "Set dry_run to what? It is off."
    await world.chat.press(ADA, "on")
    await world.chat.press(ADA, "Confirm")
    assert world.bot.controls.values == {"dry_run": True}


@on_memory
async def test_a_reply_is_the_value(world: World) -> None:
    await world.chat.say(ADA, "/set max_positions")
    await world.chat.say(ADA, "5", reply_to=world.chat.last.id)
    assert world.chat.last.message.title == "Set max_positions of alpha: 8 → 5?"
    await world.chat.press(ADA, "Confirm")
    assert world.bot.controls.values == {"max_positions": 5}


async def test_anybody_may_look_at_how_it_is_set_and_admins_are_offered_to_change_it(world: World) -> None:
    await world.chat.say(VIC, "/config")
    assert world.chat.last.message.title == "How alpha is set"
    await world.chat.press(VIC, "limits")
    assert "max_exposure  250,000 USD" in world.chat.last.text
    assert world.chat.last.labels == ["All categories", "Refresh"]
    await world.chat.say(ADA, "/config limits")
    await world.chat.press(ADA, "Change max_positions…")
    assert world.chat.last.message.title == "Set max_positions to what? It is 8."


async def test_a_breaker_that_keeps_it_from_resuming_is_reset_from_there(world: World) -> None:
    world.bot.controls.tripped["daily_loss"] = (world.clock(), "2,600 USD lost today")
    world.bot.scopes.add("entry")
    world.bot.publish()
    await world.chat.say(ADA, "/resume entry")
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "Refused: The breaker daily_loss is active."
    await world.chat.press(ADA, "Reset daily_loss")
    assert world.chat.last.message.title == "Reset daily_loss of alpha?"
    assert "2,600 USD lost today" in world.chat.last.text
    await world.chat.press(ADA, "Confirm")
    assert world.bot.controls.tripped == {}


async def test_breakers_are_shown_to_anybody_and_reset_by_admins(world: World) -> None:
    world.bot.controls.tripped["daily_loss"] = (world.clock() - timedelta(minutes=5), "2,600 USD lost today")
    world.bot.publish()
    await world.chat.say(VIC, "/breakers")
    assert world.chat.last.message.title == "⚠ Tripped: daily_loss"
    assert "5 min ago" in world.chat.last.text
    assert world.chat.last.labels == ["Refresh"]
    await world.chat.say(ADA, "/breaker reset venue_down")
    assert world.chat.last.message.title == "“venue_down” has not tripped. Reset which?"
    await world.chat.say(ADA, "/breaker reset")
    await world.chat.press(ADA, "daily_loss")
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "✓ Reset: daily_loss."


async def test_a_position_is_held_against_the_risk_manager_and_given_back(world: World) -> None:
    await world.chat.say(ADA, "/hold eth 2h")
    assert world.chat.last.message.title == "Hold ETH-1 until 14:00 UTC?"
    assert "The risk manager wants out: health factor 0.228 < 0.25." in world.chat.last.text
    world.clock.pass_by(seconds=30)
    await world.chat.press(ADA, "Confirm")
    # What was shown, and not two hours after the press.
    (until,) = world.bot.controls.held.values()
    assert until is not None
    assert f"{until:%H:%M:%S}" == "14:00:00"
    await world.chat.say(ADA, "/hold ETH-1 off")
    await world.chat.press(ADA, "Confirm")
    assert world.bot.controls.held == {}
    await world.chat.say(ADA, "/hold eth soon")
    assert world.chat.last.message.title.startswith("I cannot hold ETH-1 until “soon”: it goes: 2h, 30m, 18:00")


async def test_a_position_is_rebalanced_by_an_operator(world: World) -> None:
    await world.chat.say(BOB, "/rebalance sol")
    assert world.chat.last.message.title == "Rebalance SOL-1?"
    assert "The bot does not say beforehand" in world.chat.last.text
    await world.chat.press(BOB, "Confirm")
    assert world.bot.controls.rebalanced == ["SOL-1"]
    assert world.chat.last.labels == ["SOL-1", "Positions"]
