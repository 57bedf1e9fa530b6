"""Socket Mode of the local Slack, with slack_bolt and its handler on aiohttp as they install."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.common.seen import PATIENCE_S
from tests.servers.slack import Channel, Kind, Person, SlackServer
from tests.servers.slack.bare import bare_app, by_socket


@asynccontextmanager
async def bare_socket(slack: SlackServer) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A connection of which the test is the app."""
    opened = await AsyncWebClient(base_url=slack.base_url).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        assert (await heard(socket))["type"] == "hello"
        yield socket


async def heard(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    message: dict[str, Any] = await socket.receive_json(timeout=PATIENCE_S)
    return message


async def acknowledge(socket: aiohttp.ClientWebSocketResponse, **more: Any) -> dict[str, Any]:
    envelope = await heard(socket)
    await socket.send_json({"envelope_id": envelope["envelope_id"], **more})
    return envelope


@pytest.fixture
async def impatient() -> AsyncIterator[SlackServer]:
    """It waits for an acknowledgement as briefly as a test can stand."""
    async with SlackServer(ack_s=0.05, retry_s=0.0) as server:
        yield server


@asynccontextmanager
async def acknowledging(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[list[dict[str, Any]]]:
    """All that comes is acknowledged, as it may come again where that took too long; gives what came."""
    taken: list[dict[str, Any]] = []

    async def take() -> None:
        while True:
            taken.append(await acknowledge(socket))

    taking = asyncio.create_task(take())
    try:
        yield taken
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)


@pytest.fixture
async def hasty() -> AsyncIterator[SlackServer]:
    """It does not wait long, though as a rule one acknowledges in time."""
    async with SlackServer(ack_s=0.3, retry_s=0.0) as server:
        yield server


async def test_an_app_answers_a_mention_in_its_thread(slack: SlackServer, ops: Channel, grace: Person) -> None:
    app = bare_app(slack)

    @app.event("app_mention")
    async def answer(event: dict[str, Any], say: Any) -> None:
        await say(text="here", thread_ts=event["ts"])

    @app.event("message")
    async def ignore() -> None:
        """The platform tells of a mention twice, as what it is and as a message."""

    async with by_socket(slack, app):
        asked = await grace.mention(ops, "status")
        await slack.wait_for(lambda: ops.from_app)
        await slack.delivered()
    assert [post.text for post in ops.thread(asked.ts)] == ["here"]
    assert [(one.event_type, one.is_acked) for one in slack.deliveries] == [("app_mention", True), ("message", True)]
    assert slack.violations == []


async def test_a_command_is_answered_with_its_acknowledgement_and_later(
    slack: SlackServer, ops: Channel, grace: Person
) -> None:
    app = bare_app(slack)

    @app.command("/deck")
    async def status(ack: Any, respond: Any, command: dict[str, Any]) -> None:
        await ack(f"asked {command['text']}")
        await respond("for all", response_type="in_channel")

    async with by_socket(slack, app):
        delivery = await grace.slash(ops, "/deck status sol")
        await slack.wait_for(lambda: ops.from_app)
    assert (delivery.is_acked, delivery.kind) == (True, Kind.COMMAND)
    assert [post.text for post in grace.sees(ops)] == ["asked status sol"]
    assert [post.text for post in ops.from_app] == ["for all"]


async def test_an_event_that_nobody_acknowledges_comes_three_times_more(impatient: SlackServer) -> None:
    async with bare_socket(impatient) as socket:
        await impatient.person("Grace").say(impatient.channel("ops"), "hello")
        envelopes = [await heard(socket) for _ in range(4)]
        await impatient.delivered()
    assert [(one["retry_attempt"], one["retry_reason"]) for one in envelopes] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({one["envelope_id"] for one in envelopes}) == 4
    assert len({one["payload"]["event_id"] for one in envelopes}) == 1
    assert not impatient.deliveries[0].is_acked


async def test_a_command_that_nobody_acknowledges_is_lost_and_the_person_sees_it(impatient: SlackServer) -> None:
    async with bare_socket(impatient):
        delivery = await impatient.person("Grace").slash(impatient.channel("ops"), "/deck status")
    assert (delivery.is_acked, delivery.trouble, delivery.tries) == (False, "timeout", 1)


async def test_an_acknowledgement_that_comes_too_late_is_kept_as_such(impatient: SlackServer) -> None:
    async with bare_socket(impatient) as socket:
        await impatient.person("Grace").slash(impatient.channel("ops"), "/deck status")
        envelope = await acknowledge(socket)
        await impatient.wait_for(lambda: impatient.sockets.late)
    assert impatient.sockets.late == [envelope["envelope_id"]]


async def test_without_a_connection_events_wait_and_commands_do_not(hasty: SlackServer) -> None:
    grace, ops = hasty.person("Grace"), hasty.channel("ops")
    await grace.say(ops, "hello")
    delivery = await grace.slash(ops, "/deck status")
    assert (delivery.trouble, delivery.tries) == ("dispatch_failed", 0)
    async with bare_socket(hasty) as socket:
        envelope = await acknowledge(socket)
        await hasty.delivered()
    assert envelope["payload"]["event"]["text"] == "hello"


async def test_an_event_can_come_three_times_though_it_was_acknowledged(slack: SlackServer, ops: Channel) -> None:
    slack.deliver_thrice()
    async with bare_socket(slack) as socket:
        await slack.person("Grace").say(ops, "hello")
        envelopes = [await acknowledge(socket) for _ in range(3)]
        await slack.delivered()
    assert len({one["payload"]["event_id"] for one in envelopes}) == 1


async def test_each_envelope_goes_to_one_of_several_connections(slack: SlackServer, ops: Channel) -> None:
    async with bare_socket(slack) as one, bare_socket(slack) as other:
        for number in range(10):
            await slack.person("Grace").say(ops, f"{number}")
        await slack.wait_for(lambda: sum(connection.given for connection in slack.sockets.connections) == 10)
        given = [connection.given for connection in slack.sockets.connections]
        assert min(given) > 0
        for socket, count in zip((one, other), given, strict=True):
            for _ in range(count):
                await acknowledge(socket)
        await slack.delivered()


async def test_a_refresh_in_mid_command_loses_nothing(slack: SlackServer, ops: Channel, grace: Person) -> None:
    app = bare_app(slack)
    asked, go = asyncio.Event(), asyncio.Event()

    @app.command("/deck")
    async def status(ack: Any) -> None:
        asked.set()
        await go.wait()
        await ack("done")

    async with by_socket(slack, app):
        asking = asyncio.create_task(grace.slash(ops, "/deck status"))
        await asked.wait()
        # The library goes by itself, however long that takes it: sent away besides, it would come a third time.
        await slack.sockets.disconnect("refresh_requested", grace_s=PATIENCE_S)
        await slack.connected()
        go.set()
        delivery = await asking
    assert (delivery.is_acked, [post.text for post in grace.sees(ops)]) == (True, ["done"])
    assert len(slack.calls_of("apps.connections.open")) == 2


async def test_a_cut_connection_delivers_again_over_the_next(hasty: SlackServer) -> None:
    async with bare_socket(hasty) as socket:
        await hasty.person("Grace").say(hasty.channel("ops"), "hello")
        first = await heard(socket)
        hasty.sockets.cut()
        await hasty.wait_for(lambda: not hasty.sockets.connections)
        async with bare_socket(hasty) as other, acknowledging(other) as again:
            await hasty.delivered()
    assert again[0]["payload"]["event_id"] == first["payload"]["event_id"]
    assert hasty.deliveries[0].is_acked


async def test_a_warning_sends_nobody_away_and_who_stays_after_a_refresh_is_closed(slack: SlackServer) -> None:
    async with bare_socket(slack) as socket:
        await slack.sockets.disconnect("warning")
        assert ((await heard(socket))["reason"], len(slack.sockets.open)) == ("warning", 1)
        leaving = asyncio.create_task(slack.sockets.disconnect("refresh_requested", grace_s=0.0))
        assert (await heard(socket))["reason"] == "refresh_requested"
        assert (await socket.receive(timeout=PATIENCE_S)).type is aiohttp.WSMsgType.CLOSE
        await leaving
        assert slack.sockets.open == []


async def test_without_its_app_token_an_app_hears_nothing_more(slack: SlackServer) -> None:
    async with bare_socket(slack) as socket:
        leaving = asyncio.create_task(slack.revoke_app_token())
        assert (await heard(socket))["reason"] == "link_disabled"
        await socket.close()
        await leaving
    with pytest.raises(SlackApiError, match="token_revoked"):
        await AsyncWebClient(base_url=slack.base_url).apps_connections_open(app_token=slack.app_token)


async def test_a_frozen_connection_answers_no_ping(slack: SlackServer) -> None:
    async with bare_socket(slack) as socket:
        slack.sockets.freeze()
        await socket.ping()
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)
        assert slack.sockets.open == []


async def test_a_ticket_is_good_once_and_ten_connections_are_enough(slack: SlackServer) -> None:
    web = AsyncWebClient(base_url=slack.base_url)
    url = (await web.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(url)]
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(url)
        for _ in range(10):
            url = (await web.apps_connections_open(app_token=slack.app_token))["url"]
            sockets.append(await session.ws_connect(url))
        farewell = await heard(sockets[-1])
        assert (farewell["type"], farewell["reason"]) == ("disconnect", "too_many_websockets")
        for socket in sockets:
            await socket.close()
    assert [one.reason for one in slack.violations] == ["the ticket of a connection is good once"]


async def test_an_acknowledgement_of_nothing_is_a_violation(slack: SlackServer) -> None:
    async with bare_socket(slack) as socket:
        await socket.send_str(json.dumps({"envelope_id": "envelope-99"}))
        await socket.send_str("hello?")
        await slack.wait_for(lambda: len(slack.violations) == 2)


async def test_programs_and_guests_are_known_by_what_is_told_of_them(slack: SlackServer, ops: Channel) -> None:
    robot, guest = slack.person("Robot", bot=True), slack.person("Guest", guest=True)
    stranger = slack.person("Stranger", stranger=True)
    async with bare_socket(slack) as socket:
        for person in (robot, guest, stranger):
            await person.say(ops, "hello")
        events = [(await acknowledge(socket))["payload"]["event"] for _ in range(3)]
        await slack.delivered()
    assert (events[0]["subtype"], events[0]["bot_id"][0]) == ("bot_message", "B")
    assert "bot_id" not in events[1]
    assert events[2]["user_team"] != slack.team_id
    web = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    told = [(await web.users_info(user=person.id))["user"] for person in (robot, guest, stranger)]
    flags = [(user["is_bot"], user["is_restricted"], user["is_stranger"]) for user in told]
    assert flags == [(True, False, False), (False, True, False), (False, False, True)]


async def test_what_people_change_and_take_away_is_told(slack: SlackServer, ops: Channel, grace: Person) -> None:
    async with bare_socket(slack) as socket:
        said = await grace.say(ops, "/close SOL")
        changed = await grace.edit(ops, said, "/close BTC")
        await grace.delete(ops, changed)
        events = [(await acknowledge(socket))["payload"]["event"] for _ in range(3)]
        await slack.delivered()
    assert [event.get("subtype") for event in events] == [None, "message_changed", "message_deleted"]
    assert events[1]["message"]["text"] == "/close BTC"


async def test_an_app_hears_its_own_posts_where_it_is_told() -> None:
    async with SlackServer(ack_s=PATIENCE_S, echoes=True) as slack:
        app: AsyncApp = bare_app(slack)
        ops = slack.channel("ops")
        async with by_socket(slack, app):
            await app.client.chat_postMessage(channel=ops.id, text="mine")
            await slack.delivered()
        event = slack.deliveries[0].payload["event"]
        assert (event["user"], event["bot_id"][0]) == (slack.bot.id, "B")
