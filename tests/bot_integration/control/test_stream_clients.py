"""Clients of a stream that are too many, too slow, deaf or wrong: none of them costs the others, or the bot."""

import asyncio
import json
import logging
import socket
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType

from bot_integration.control import ControlServer, wire
from bot_integration.control.stream_limits import StreamLimits
from tests.bot_integration.control.alpha import Alpha, close, facts, position, rebalance
from tests.bot_integration.control.stream_ends import deaf, stream
from tests.own_time import own_time

#: Little waits for a client, and none is waited for long.
NARROW = StreamLimits(waiting_bytes=4_096, kernel_bytes=4_096, look_s=0.01, stalled_s=30)


def serving(alpha: Alpha, limits: StreamLimits) -> ControlServer:
    return ControlServer(alpha, listen="127.0.0.1:0", limits=limits)


def much(number: int) -> dict[str, Any]:
    """Facts that are all other than those before, and more than waits anywhere."""
    return facts(position("sol", words=f"{number} " + "x" * 300_000))


async def test_the_five_hundred_and_first_is_told_to_come_later(alpha: Alpha) -> None:
    assert StreamLimits().clients == 500
    # Those who are seated are silent, and deaf to pings, until all have come.
    async with serving(alpha, StreamLimits(subscribe_s=300, ping_s=300)) as server, AsyncExitStack() as stack:
        seated = [await stack.enter_async_context(stream(server.url)) for _ in range(500)]
        async with stream(server.url) as late:
            assert await late.end() == (1013, "There are 500 clients already. Try again later.")
        await seated[0].ends.close()
        async with stream(server.url) as next_one:
            assert (await next_one.subscribe())["type"] == "snapshot"
        assert (await seated[-1].subscribe())["type"] == "snapshot"


async def test_a_slow_reader_is_given_a_fresh_snapshot_and_knows_it(alpha: Alpha) -> None:
    async with serving(alpha, NARROW) as server, stream(server.url) as quick:
        await quick.subscribe()
        with deaf(server.url) as slow:
            for number in range(1, 8):
                alpha.publish(much(number))
                await quick.reaches(number)
            came = await asyncio.to_thread(_read_until, slow, b'"why":"behind"', b'"bot_seq":7')
    # What lay in between was let go: no frame for each of seven.
    assert (came.count(b'{"type":"snapshot"'), came.count(b'{"type":"deltas"') < 5) == (2, True)


async def test_a_client_that_never_reads_is_cut_and_nothing_grows(
    alpha: Alpha, caplog: pytest.LogCaptureFixture
) -> None:
    limits = StreamLimits(waiting_bytes=4_096, kernel_bytes=4_096, look_s=0.01, stalled_s=0.05, clients=2)
    async with serving(alpha, limits) as server, stream(server.url) as other:
        await other.subscribe()
        with deaf(server.url) as never:
            for number in range(1, 6):
                alpha.publish(much(number))
                await other.reaches(number)
            # Its seat is free again.
            async with asyncio.timeout(30):
                while (await _knock(server.url)) == 1013:
                    pass
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(_read_until, never, b"never said")
        alpha.publish(much(6))
        await other.reaches(6)
    assert "does not read what it is sent" in caplog.text


async def test_a_client_that_does_not_answer_a_ping_is_gone(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits(ping_s=0.5, clients=1)) as server:
        with deaf(server.url):
            async with asyncio.timeout(30):
                while (await _knock(server.url)) == 1013:
                    pass


async def test_who_never_says_what_it_wants_is_let_go(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits(subscribe_s=0.05)) as server, stream(server.url) as silent:
        assert await silent.end() == (1008, "Nothing was subscribed to within 0.05 s.")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("", "no json"),
        ("{", "no json"),
        ("[]", "body: expected an object"),
        ('{"action": "sell"}', "action: Input should be 'subscribe'"),
        ('{"action": "subscribe", "channels": []}', "channels: must not be empty"),
        ('{"action": "subscribe", "channels": ["prices"]}', "channels.0: Input should be 'session', 'positions'"),
        ('{"action": "subscribe", "last_seq": 7}', "body: session_id and last_seq belong together"),
        ('{"action": "subscribe", "session_id": "7", "last_seq": 7}', "session_id: Input should be a valid UUID"),
        ('{"action": "subscribe", "token": "hunter2"}', "token: Extra inputs are not permitted"),
        (b"\x93\x01", "no msgpack"),
        (b"\xc1", "no msgpack"),
    ],
)
async def test_what_cannot_be_read_is_told_and_the_stream_goes_on(
    alpha: Alpha, message: str | bytes, told: str
) -> None:
    async with serving(alpha, StreamLimits()) as server, stream(server.url) as ends:
        await (ends.ends.send_str(message) if isinstance(message, str) else ends.ends.send_bytes(message))
        error = await ends.next()
        assert (error["type"], error["error"]) == ("error", "malformed")
        assert error["message"].startswith(told)
        assert "hunter2" not in json.dumps(error)
        assert (await ends.subscribe())["type"] == "snapshot"


async def test_who_says_nothing_else_is_given_up(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits(pace_s=0.1)) as server, stream(server.url) as ends:
        for _ in range(10):
            await ends.ends.send_str("{")
        assert await ends.end() == (1008, "Too many messages could not be read.")


async def test_a_message_that_is_too_large_ends_it(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits()) as server, stream(server.url) as ends:
        await ends.subscribe()
        await ends.ends.send_str("x" * 5_000)
        assert (await ends.end())[0] == 1009


async def test_bytes_that_are_no_websocket_end_it_and_nothing_else(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits()) as server, stream(server.url) as other:
        await other.subscribe()
        with deaf(server.url) as wrong:
            wrong.sendall(b"\xff" * 100)
            # A good-bye with the code 1002, "protocol error".
            await asyncio.to_thread(_read_until, wrong, b"\x03\xea")
        alpha.publish(facts(position("sol")))
        assert (await other.next())["type"] == "deltas"


async def test_a_stream_that_is_cut_in_the_middle_costs_nobody_else(
    alpha: Alpha, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with serving(alpha, StreamLimits(clients=2)) as server, stream(server.url) as other:
        await other.subscribe()
        with deaf(server.url) as cut:
            # Without a good-bye, and with what was sent unread.
            cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        for number in range(1, 4):
            alpha.publish(much(number))
            await other.reaches(number)
        async with asyncio.timeout(30):
            while (await _knock(server.url)) == 1013:
                pass
    assert caplog.text == ""


async def test_a_server_that_closes_says_good_bye_to_all_and_waits_for_nobody_deaf(alpha: Alpha) -> None:
    server = serving(alpha, StreamLimits(waiting_bytes=4_096, kernel_bytes=4_096, farewell_s=0.5))
    async with AsyncExitStack() as stack:
        await server.__aenter__()
        ends = [await stack.enter_async_context(stream(server.url)) for _ in range(5)]
        for one in ends:
            await one.subscribe()
        with deaf(server.url):
            alpha.publish(much(1))
            for one in ends:
                await one.reaches(1)
            endings = [asyncio.create_task(one.end()) for one in ends]
            async with own_time(), asyncio.timeout(4):
                await server.__aexit__(None, None, None)
            said = await asyncio.gather(*endings)
    assert said == [(1001, "The bot's control API closes.")] * 5


async def test_while_streams_are_closed_a_command_that_runs_is_answered(alpha: Alpha) -> None:
    server = serving(alpha, StreamLimits())
    await server.__aenter__()
    async with stream(server.url) as ends, ClientSession(server.url) as http:
        await ends.subscribe()
        asking = asyncio.create_task(http.post("/v1/commands", data=rebalance().model_dump_json()))
        await alpha.rebalancing.wait()
        closing = asyncio.create_task(server.__aexit__(None, None, None))
        assert (await ends.end())[0] == 1001
        alpha.may_rebalance.set()
        async with await asking as answer:
            outcome = (await answer.json())["outcome"]
        await closing
    assert outcome == "done"


async def test_a_flood_of_wishes_is_answered_at_our_pace_and_commands_pass_it(alpha: Alpha) -> None:
    async with (
        serving(alpha, StreamLimits(pace_s=0.1)) as server,
        stream(server.url) as greedy,
        ClientSession(server.url) as http,
    ):
        for _ in range(100):
            await greedy.ends.send_json({"action": "subscribe"})
        async with asyncio.timeout(30), http.post("/v1/commands", data=close().model_dump_json()) as answer:
            assert (await answer.json())["outcome"] == "partial"
            told_up_to = int(answer.headers[wire.SEQ_HEADER])
        answered = 0
        # What the command did is told by itself, or by the next snapshot where one was due at that moment.
        while (await greedy.next())["seq"] < told_up_to:
            answered += 1
        # What it still wants nobody waits for.
        greedy.ends.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    assert answered < 50


async def _knock(url: str) -> int | None:
    """The code that a new client is turned away with; None where it is let in."""
    async with stream(url) as ends:
        await ends.ends.send_json({"action": "subscribe"})
        message = await ends.ends.receive(timeout=30)
        return None if message.type is WSMsgType.TEXT else ends.ends.close_code


def _read_until(connection: socket.socket, *words: bytes) -> bytes:
    """All that comes until these words stand in it."""
    connection.settimeout(30)
    came = b""
    while not all(word in came for word in words):
        some = connection.recv(1 << 20)
        if not some:
            raise ConnectionResetError
        came += some
    return came
