"""Whatever is away, and for however long: what is owed goes out when it is back, in order and once."""

import asyncio

import pytest

from alerts.severity import Severity
from chatops.adapters.memory import MemoryAdapter
from chatops.asks import Status
from chatops.link import Away, Connected
from chatops.messages import Button, Message
from chatops.outbox import Outbox
from chatops.owed import Kind
from tests.flows.delivery_world import Delivery, owe_all, room, says, texts
from tests.plug import Plug
from tests.servers.telegram import Chat, StallAfterAccept, TooManyRequests

ALONE = "Without buttons, since my database is away."


# The platform.


async def test_ten_minutes_without_the_platform_lose_nothing_and_double_nothing(
    world: Delivery, ada: Chat, bob: Chat
) -> None:
    await world.server.stop_listening()
    began = world.clock()
    async with world.running() as outbox:
        for minute in range(10):
            await owe_all(outbox, room((ada, bob)[minute % 2]), [f"m{minute}"], Severity.CRITICAL)
            await world.pass_by(60)
        away = outbox.links["telegram"]
        assert isinstance(away, Away)
        assert away.since == began
        await world.server.start_listening()
        await world.pass_by(30)
        assert isinstance(outbox.links["telegram"], Connected)
        await world.pass_by(300)
    late = [f"m{n} / Late: this is of 12:{n:02} UTC." for n in range(10)]
    assert world.shown() == {ada.id: late[0::2], bob.id: late[1::2]}
    assert set(await world.states()) == {"sent"}


async def test_probing_is_spread_and_never_rarer_than_every_half_minute(world: Delivery, ada: Chat) -> None:
    waits: list[float] = []
    wait = world.clock.wait

    async def noted(seconds: float) -> None:
        waits.append(seconds)
        await wait(seconds)

    # Listened in on.
    setattr(world.clock, "wait", noted)  # noqa: B010 - a method
    world.jitter = lambda: 0.5
    await world.server.stop_listening()
    async with world.running() as outbox:
        await owe_all(outbox, room(ada), ["it"])
        await world.pass_by(600)
    assert [one for one in waits if one != 60.0][:7] == [0.75, 1.5, 3.0, 6.0, 12.0, 22.5, 22.5]


async def test_a_revoked_token_holds_everything_and_is_told_on_the_other_platform(world: Delivery, ada: Chat) -> None:
    slack = MemoryAdapter(world.clock, platform="slack")
    world.others, world.rooms = [slack], [slack.room, room(ada)]
    async with world.running() as outbox:
        world.server.revoke_token()
        await owe_all(outbox, room(ada), ["m0", "m1"], Severity.CRITICAL)
        await world.pass_by(1)
        await owe_all(outbox, room(ada), ["m2"], Severity.CRITICAL)
        await world.pass_by(600)
        assert world.shown() == {}
        (told,) = slack.shown
        assert "Telegram is away since 12:00 UTC." in told.text
        assert "telegram.token" in told.text
        world.server.rotate_token("123456:NEW-token")
        world.way.api.use_token("123456:NEW-token")
        await world.pass_by(60)
    late = "Late: this is of 12:00 UTC."
    assert world.shown() == {ada.id: [f"m0 / {late}", f"m1 / {late}", f"m2 / {late}"]}
    assert [one.message.title for one in slack.shown[1:]] == [
        "Telegram is back since 12:10 UTC: what was owed goes out."
    ]
    assert set(await world.states()) == {"sent"}


async def test_an_alert_that_ended_while_the_platform_was_away_is_one_message(
    world: Delivery, outbox: Outbox, ada: Chat
) -> None:
    await world.server.stop_listening()
    await world.pass_by(60)
    await outbox.owe(says("SOL near liquidation"), room(ada), kind=Kind.ALERT, severity=Severity.CRITICAL, card="a1")
    await world.pass_by(300)
    await outbox.owe(
        says("SOL is safe again"), room(ada), kind=Kind.ALERT, severity=Severity.CRITICAL, card="a1", ends=True
    )
    await world.pass_by(600)
    await world.server.start_listening()
    await world.pass_by(120)
    (told,) = texts(ada)
    assert told.startswith("SOL is safe again / ")
    assert "Fired 12:01 UTC, over 12:06 UTC." in told


# The database.


def with_button(title: str) -> Message:
    return Message(title, buttons=((Button("Status", Status()),),))


async def test_without_the_database_alerts_go_out_once_without_buttons_and_are_carried_in_later(
    world: Delivery,
    outbox: Outbox,
    ada: Chat,
    plug: Plug,
) -> None:
    await owe_all(outbox, room(ada), ["before"], Severity.CRITICAL)
    await world.pass_by(5)
    await plug.pull()
    for n in range(3):
        await outbox.owe(with_button(f"m{n}"), room(ada), kind=Kind.ALERT, severity=Severity.CRITICAL)
        await world.pass_by(2)
    assert texts(ada) == ["before", *(f"m{n} / {ALONE}" for n in range(3))]
    await plug.put_back()
    # Somebody has to look first; a desk is told by the connection on which it listens.
    outbox.wake()
    await world.pass_by(1)
    await outbox.owe(with_button("after"), room(ada), kind=Kind.ALERT, severity=Severity.CRITICAL)
    await world.pass_by(120)
    assert texts(ada) == ["before", *(f"m{n} / {ALONE}" for n in range(3)), "after"]
    assert ada.from_bot[-1].labels == ("Status",)
    assert [(row["state"], row["platform_message_id"]) for row in await world.rows()] == [
        ("sent", str(n)) for n in range(1, 6)
    ]
    assert world.spool.read_bytes() == b""


async def test_what_waits_on_disk_goes_before_what_comes_after(
    world: Delivery,
    outbox: Outbox,
    ada: Chat,
    plug: Plug,
) -> None:
    world.server.fail(TooManyRequests(20), chat=ada)
    await plug.pull()
    await owe_all(outbox, room(ada), ["m0", "m1"])
    await world.pass_by(5)
    await plug.put_back()
    await owe_all(outbox, room(ada), ["m2"])
    await world.pass_by(120)
    assert texts(ada) == ["m0", "m1", "m2"]
    assert await world.states() == ["sent"] * 3


async def test_the_database_goes_away_in_the_middle_of_a_send(
    world: Delivery,
    outbox: Outbox,
    ada: Chat,
    plug: Plug,
) -> None:
    on = asyncio.Event()
    world.way.request._timeouts = type(world.way.request._timeouts)(read=5)
    world.server.fail(StallAfterAccept(on), chat=ada)
    await owe_all(outbox, room(ada), ["m0", "m1"])
    await world.server.wait_for(lambda: ada.from_bot)
    await plug.pull()
    on.set()
    await world.pass_by(10)
    await owe_all(outbox, room(ada), ["m2"])
    await world.pass_by(10)
    await plug.put_back()
    await world.pass_by(180)
    # What is stored waits for its database; what is owed without one does not.
    assert texts(ada) == ["m0", "m2", "m1"]
    assert await world.states() == ["sent"] * 3


@pytest.mark.parametrize("shown_before", [False, True])
async def test_without_the_database_the_program_dies_and_comes_back(
    world: Delivery,
    ada: Chat,
    plug: Plug,
    shown_before: bool,
) -> None:
    if not shown_before:
        await world.server.stop_listening()
    dying = world.build()
    async with dying.open():
        await plug.pull()
        await owe_all(dying, room(ada), ["m0", "m1"], Severity.CRITICAL)
        await world.pass_by(3)
    await plug.put_back()
    await world.server.start_listening()
    async with world.running() as outbox:
        await owe_all(outbox, room(ada), ["m2"], Severity.CRITICAL)
        await world.pass_by(120)
    assert texts(ada) == ["m0", "m1", "m2"]
    assert await world.states() == ["sent"] * 3


async def test_a_program_that_dies_while_it_sends_says_so_of_what_it_sends_again(world: Delivery, ada: Chat) -> None:
    world.server.fail(StallAfterAccept(asyncio.Event()), chat=ada)
    world.way.request._timeouts = type(world.way.request._timeouts)(read=60)
    dying = world.build()
    sending = asyncio.create_task(_open_until_cut(dying))
    await asyncio.sleep(0)
    await owe_all(dying, room(ada), ["it"], Severity.CRITICAL)
    await world.server.wait_for(lambda: ada.from_bot)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        if (task.get_name()).startswith("sending "):
            task.cancel()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert await world.states() == ["sending"]
    async with world.running():
        await world.pass_by(60)
    assert texts(ada) == ["it", "it / Possible repeat: nobody knows whether this arrived. It is of 12:00 UTC."]


async def _open_until_cut(outbox: Outbox) -> None:
    async with outbox.open():
        await asyncio.Event().wait()


async def test_rooms_are_told_of_a_database_that_stays_away_and_of_its_return(
    world: Delivery,
    ada: Chat,
    plug: Plug,
) -> None:
    world.rooms = [room(ada)]
    async with world.running() as outbox:
        await plug.pull()
        await owe_all(outbox, room(ada), ["m0"])
        await world.pass_by(70)
        assert texts(ada)[0] == "m0"
        assert texts(ada)[1].startswith("My database is away: what adds risk has to wait until it is back.")
        await plug.put_back()
        outbox.wake()
        await world.pass_by(70)
    assert texts(ada)[2:] == ["My database is back: what was asked meanwhile is on record."]


async def test_rooms_are_told_of_a_database_that_goes_while_nobody_asks_anything(
    world: Delivery,
    ada: Chat,
    plug: Plug,
) -> None:
    world.rooms = [room(ada)]
    async with world.running() as outbox:
        await plug.pull()
        await world.pass_by(130)
        assert [text[:20] for text in texts(ada)] == ["My database is away:"]
        await plug.put_back()
        outbox.wake()
        await world.pass_by(70)
    assert texts(ada)[1:] == ["My database is back: what was asked meanwhile is on record."]
