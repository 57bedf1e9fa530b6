"""What bots live through is there later: recorded by a desk that does other things."""

from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.history.rows import Why
from chatops.money.spans import Span
from chatops.storage.database import Database
from chatops.tasks import running
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, Clock, Trader, World, near_alone, on_memory, world_of


def lately(world: World) -> Span:
    return Span(world.clock.moment.replace(hour=0), world.clock.moment.replace(hour=23))


@on_memory
async def test_after_a_position_was_closed_its_life_is_there(world: World) -> None:
    history, recording = world.desk.history, world.desk.recording
    async with running(recording.run(), "history"):
        await recording.store()
        await world.in_step()
        await recording.store()
        world.clock.pass_by(seconds=1)
        await world.chat.say(BOB, "/close sol")
        await world.chat.press(BOB, "Confirm")
        await world.in_step()
        await world.until(lambda: world.desk.recording.waiting > 0)
        await recording.store()
    (trade,) = await history.trades(["alpha"])
    assert (trade.of.position, trade.of.lane, str(trade.realized)) == ("SOL-1", "carry", "4.25")
    (run,) = await history.runs(["alpha"])
    assert run.strategy == "carry"
    books = await history.books(["alpha"], lately(world))
    assert [one.realized for one in books.bookings] == [trade.realized]
    happened = await history.happened(["alpha"], lately(world), position="SOL-1")
    assert [one.message for one in happened] == ["open", "gone"]
    assert {one.why for one in await history.kept(bot="alpha")} == {Why.START, Why.CLOSE}


@on_memory
@near_alone
async def test_when_an_alert_is_told_how_the_bot_stood_is_kept(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = world_of(database, clock, trader, chat, alerts=AlertTerms(places=(Place("ops", chat.room),)))
    chat.connect(world.desk.gateway.receive)
    await world.desk.alerting.load()
    async with (
        world.desk.outbox.open(),
        running(world.desk.recording.run(), "history"),
        running(world.desk.alerting.run(), "alerts"),
    ):
        await world.desk.recording.store()
        await world.until(lambda: world.desk.alerting.watch.pulse.evaluated_at is not None)
        trader.health["SOL-1"] = 0.08
        trader.publish()
        await world.until(lambda: bool(world.chat.shown))
        trader.publish()
        await world.until(lambda: world.desk.recording.waiting > 0)
        await world.desk.recording.store()
    kept = [one.snapshot for one in await world.desk.history.kept(bot="alpha") if one.why is Why.ALERT]
    assert [one.positions[0].legs[0].health_factor for one in kept] == [0.08]


@on_memory
async def test_history_is_stored_when_the_desk_closes(world: World) -> None:
    async with running(world.desk.recording.run(), "history"):
        await world.desk.recording.store()
        await world.chat.say(ADA, "/status")
    books = await world.desk.history.books(["alpha"], lately(world))
    assert [one.bot for one in books.samples] == ["alpha"]
