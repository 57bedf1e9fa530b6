"""The stream of a control API as any WebSocket client sees it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from bot_integration.commands import Outcome
from bot_integration.control import ControlServer, codec
from bot_integration.control.codec import Encoding
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.replica import Replica
from bot_integration.state import EventCategory
from tests.bot_integration.control.alpha import Alpha, close, facts, position
from tests.bot_integration.control.stream_ends import Ends, stream


@pytest.fixture
async def server(alpha: Alpha) -> AsyncIterator[ControlServer]:
    # No sign of life comes between what is told.
    async with ControlServer(alpha, listen="127.0.0.1:0", limits=StreamLimits(heartbeat_s=3600)) as server:
        yield server


@pytest.fixture
async def ends(server: ControlServer) -> AsyncIterator[Ends]:
    async with stream(server.url) as ends:
        yield ends


def kinds(frame: dict[str, Any]) -> list[str]:
    return [event["type"] for event in frame["events"]]


# -------------------------------------------------------------------- subscribing


async def test_who_subscribes_is_given_all_there_is_and_then_what_changes(ends: Ends, alpha: Alpha) -> None:
    whole = await ends.subscribe()
    assert (whole["type"], whole["why"], whole["session_id"]) == ("snapshot", "subscribed", str(alpha.session_id))
    assert [held["id"] for held in whole["snapshot"]["positions"]] == ["sol", "eth"]
    alpha.publish(facts(position("sol"), position("eth", delta_ratio=0.5)))
    changed = await ends.next()
    assert (changed["type"], changed["bot_seq"]) == ("deltas", 1)
    (event,) = changed["events"]
    assert (event["type"], event["data"]) == ("position_update", {"id": "eth", "changed": {"delta_ratio": 0.5}})
    assert event["seq"] == changed["seq"] == whole["seq"] + 1


async def test_who_comes_back_is_told_what_it_missed(ends: Ends, alpha: Alpha, server: ControlServer) -> None:
    whole = await ends.subscribe()
    alpha.publish(facts(position("sol")))
    alpha.note("ETH is gone.", EventCategory.WARNING)
    missed = await ends.next()
    while "event" not in kinds(missed):
        missed = await ends.next()
    async with stream(server.url) as again:
        caught_up = await again.subscribe(session_id=whole["session_id"], last_seq=whole["seq"])
        assert (caught_up["type"], kinds(caught_up)) == ("catch_up", ["position_closed", "event"])
        assert [event["seq"] for event in caught_up["events"]] == [whole["seq"] + 1, whole["seq"] + 2]
        alpha.publish(facts())
        assert kinds(await again.next()) == ["position_opened"]


async def test_who_has_missed_nothing_is_answered_all_the_same(ends: Ends) -> None:
    whole = await ends.subscribe()
    caught_up = await ends.subscribe(session_id=whole["session_id"], last_seq=whole["seq"])
    assert (caught_up["type"], caught_up["events"], caught_up["seq"]) == ("catch_up", [], whole["seq"])


@pytest.mark.parametrize("missed", [-1, 5, 10_001])
async def test_who_stands_where_nobody_stood_is_given_the_whole(ends: Ends, missed: int) -> None:
    whole = await ends.subscribe()
    again = await ends.subscribe(session_id=whole["session_id"], last_seq=whole["seq"] - missed)
    assert (again["type"], again["why"]) == ("snapshot", "subscribed")


async def test_who_stood_in_another_run_of_the_bot_is_told_that_it_was_restarted(ends: Ends) -> None:
    again = await ends.subscribe(session_id=str(uuid4()), last_seq=7)
    assert (again["type"], again["why"]) == ("snapshot", "restarted")


@pytest.mark.parametrize(("rates", "answer"), [(5_000, "catch_up"), (5_001, "snapshot")])
async def test_ten_thousand_missed_deltas_are_caught_up_with_and_one_more_is_not(
    alpha: Alpha, server: ControlServer, rates: int, answer: str
) -> None:
    def all_at(rate: float) -> dict[str, Any]:
        return facts(funding=[{"venue": "drift", "asset": f"A{number}", "rate": rate} for number in range(rates)])

    async with stream(server.url) as ends:
        await ends.subscribe()
        alpha.publish(all_at(0.1))
        before = await ends.next()
        told = []
        for rate in (0.2, 0.3):
            alpha.publish(all_at(rate))
            told += (await ends.next())["events"]
        again = await ends.subscribe(session_id=before["session_id"], last_seq=before["seq"])
    assert len(told) == 2 * rates
    assert (again["type"], again["seq"]) == (answer, before["seq"] + 2 * rates)
    assert again.get("events", told) == told


async def test_a_bot_that_has_published_nothing_is_waited_for() -> None:
    alpha = Alpha()
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, stream(server.url) as ends:
        await ends.ends.send_json({"action": "subscribe"})
        await ends.ends.send_str("no wish")
        assert (await ends.next())["type"] == "error"
        alpha.publish(facts())
        assert ((await ends.next())["type"]) == "snapshot"


# ------------------------------------------------------------------------ channels


async def test_of_some_channels_nothing_else_is_told(ends: Ends, alpha: Alpha) -> None:
    whole = await ends.subscribe(channels=["portfolio"])
    alpha.publish(facts(position("sol"), portfolio={"equity": "9"}))
    changed = await ends.next()
    assert kinds(changed) == ["portfolio_update"]
    # Its number counts what others are told of, too: so it can be gone on from.
    assert changed["seq"] > whole["seq"] + 1


async def test_who_subscribes_again_changes_the_channels(ends: Ends, alpha: Alpha) -> None:
    whole = await ends.subscribe(channels=["portfolio"])
    await ends.subscribe(channels=["positions"], session_id=whole["session_id"], last_seq=whole["seq"])
    alpha.publish(facts(position("sol"), portfolio={"equity": "9"}))
    assert kinds(await ends.next()) == ["position_closed"]


# ------------------------------------------------------------------------ encoding


async def test_messagepack_says_the_very_same(alpha: Alpha, server: ControlServer) -> None:
    async with stream(server.url) as json, stream(server.url, Encoding.MSGPACK) as packed:
        assert await json.subscribe() == await packed.subscribe()
        many = [position(f"p{number}", delta_ratio=number / 7) for number in range(40)]
        alpha.publish(facts(*many, metrics={"loops": 7.5, "µ": 1}))
        assert await json.next() == await packed.next()
        for ends in (json, packed):
            await ends.ends.send_json({"action": "subscribe", "channels": ["prices"]})
        assert await json.next() == await packed.next()


async def test_a_client_of_messagepack_may_ask_in_it(server: ControlServer) -> None:
    async with stream(server.url, Encoding.MSGPACK) as ends:
        # {"action": "subscribe"}
        await ends.ends.send_bytes(b"\x81\xa6action\xa9subscribe")
        assert (await ends.next())["type"] == "snapshot"


# ----------------------------------------------------------------------- what changes


async def test_a_replica_of_the_stream_is_the_bot(alpha: Alpha, server: ControlServer) -> None:
    replica = Replica()
    async with stream(server.url) as ends:
        await ends.ends.send_json({"action": "subscribe"})
        for held in ("sol", "eth", "btc", "sol"):
            replica.apply(codec.decode((await ends.ends.receive()).data, Encoding.JSON))
            alpha.publish(facts(position(held), metrics={held: 1.0}))
        async with asyncio.timeout(30):
            while replica.snapshot != alpha.newest():
                replica.apply(codec.decode((await ends.ends.receive()).data, Encoding.JSON))


async def test_a_command_of_another_is_told_to_everybody(alpha: Alpha, server: ControlServer) -> None:
    async with stream(server.url) as ada, stream(server.url) as bob, ClientSession(server.url) as http:
        for ends in (ada, bob):
            await ends.subscribe(channels=["commands"])
        command = close()
        async with http.post("/v1/commands", data=command.model_dump_json()) as answer:
            seq = int(answer.headers["Quarterdeck-Seq"])
        for ends in (ada, bob):
            (event,) = (await ends.next())["events"]
            assert event["data"]["command"]["id"] == str(command.id)
            assert event["data"]["result"]["outcome"] == Outcome.PARTIAL
        caught_up = await ada.subscribe(session_id=str(alpha.session_id), last_seq=seq)
    assert caught_up["type"] == "catch_up"


async def test_a_bot_that_is_restarted_behind_the_server_is_told_with_all_there_is(ends: Ends, alpha: Alpha) -> None:
    before = await ends.subscribe()
    again = alpha.newest().model_copy(update={"session_id": uuid4(), "seq": 0})
    alpha.publish(again)
    after = await ends.next()
    assert (after["type"], after["why"], after["session_id"]) == ("snapshot", "restarted", str(again.session_id))
    assert after["seq"] > before["seq"]


async def test_a_sign_of_life_comes_where_nothing_changes_and_says_the_age_of_the_facts(alpha: Alpha) -> None:
    assert StreamLimits().heartbeat_s == 10
    limits = StreamLimits(heartbeat_s=0.02)
    async with ControlServer(alpha, listen="127.0.0.1:0", limits=limits) as server, stream(server.url) as ends:
        whole = await ends.subscribe()
        alpha.publish(facts())
        beat = await ends.told("heartbeat")
        while beat["bot_seq"] == 0:
            beat = await ends.told("heartbeat")
    assert (beat["seq"], beat["bot_seq"], beat["at"]) == (whole["seq"], 1, "2025-03-01T12:00:00Z")


# ------------------------------------------------------------------------ the door


async def test_it_is_opened_as_a_websocket_or_not_at_all(server: ControlServer) -> None:
    async with ClientSession(server.url) as http:
        async with http.get("/v1/stream") as plain:
            assert (plain.status, (await plain.json())["message"]) == (
                426,
                "This is a stream: open it as a WebSocket.",
            )
        async with http.get("/v1/stream", params={"encoding": "xml"}) as other:
            assert (other.status, (await other.json())["message"]) == (400, "encoding: expected json or msgpack.")


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}])
async def test_without_a_token_no_page_in_a_browser_can_listen(server: ControlServer, headers: dict[str, str]) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with stream(server.url, Encoding.JSON, **headers):
            pass
    assert refused.value.status == 403


async def test_with_a_token_only_who_has_it_can_listen(alpha: Alpha) -> None:
    async with ControlServer(alpha, listen="127.0.0.1:0", token="right") as server:
        with pytest.raises(WSServerHandshakeError) as refused:
            async with stream(server.url, Authorization="Bearer wrong"):
                pass
        assert refused.value.status == 401
        async with stream(server.url, Authorization="Bearer right", Origin="https://desk.example") as ends:
            assert (await ends.subscribe())["type"] == "snapshot"
