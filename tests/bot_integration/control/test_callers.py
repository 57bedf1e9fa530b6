"""Whoever connects to a control API, however they behave: an answer in JSON, in time, and nothing is left open."""

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot_integration.control import ControlServer
from bot_integration.control.callers import HEADER_LIMIT, PATH_LIMIT
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.control.wire import BODY_LIMIT
from tests.bot_integration.control.alpha import Alpha, facts, position
from tests.bot_integration.control.stream_ends import stream
from tests.own_time import own_time

#: Nobody is waited for longer than a busy machine may take for what comes at once.
HASTY = StreamLimits(head_s=0.4, body_s=0.4, linger_s=0.05, answer_s=0.05, farewell_s=0.05)
ASK = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = b"POST /v1/commands HTTP/1.1\r\nHost: 127.0.0.1\r\n"
NO_REQUEST = (400, "malformed", "This is no HTTP request that can be read.")


@asynccontextmanager
async def connected(url: str, said: bytes = b"") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which this was said in the moment in which it came about: the server does not wait for long."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.sendall(said)
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 20)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next one."""
    async with asyncio.timeout(30):
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(status.split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def error(reader: asyncio.StreamReader) -> tuple[int, str, str]:
    """Status, code and message of the next answer."""
    status, headers, body = await answer(reader)
    assert headers["content-type"] == "application/json"
    said: dict[str, Any] = json.loads(body)
    assert set(said) == {"error", "message"}
    return status, said["error"], said["message"]


def serving(alpha: Alpha, limits: StreamLimits = HASTY) -> ControlServer:
    return ControlServer(alpha, listen="127.0.0.1:0", limits=limits)


# ------------------------------------------------------------------ what is no request


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param(b"hello there\r\n\r\n", NO_REQUEST, id="words"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", NO_REQUEST, id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_REQUEST, id="HTTP/2"),
        pytest.param(b"GET /v1/health HTTP/1.1\r\n\r\n", NO_REQUEST, id="no host"),
        pytest.param(b"GET http://[::1 HTTP/1.1\r\nHost: h\r\n\r\n", NO_REQUEST, id="no address"),
        pytest.param(POST + b"Content-Length: x\r\n\r\n", NO_REQUEST, id="no length"),
        pytest.param(POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", NO_REQUEST, id="two lengths"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", NO_REQUEST, id="no chunk"),
        pytest.param(
            b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n" % (b"x" * PATH_LIMIT),
            (414, "too_large", "The path is longer than 8000 bytes."),
            id="a long path",
        ),
        pytest.param(
            b"GET /v1/health HTTP/1.1\r\nHost: h\r\nX: %b\r\n\r\n" % (b"x" * HEADER_LIMIT * 2),
            (431, "too_large", "A header is longer than 8192 bytes."),
            id="a long header",
        ),
        pytest.param(POST + b"Expect: tea\r\n\r\n", (417, "malformed", "Expectation Failed"), id="tea"),
        pytest.param(
            POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            (415, "malformed", "Send the body as it is, without Content-Encoding."),
            id="packed",
        ),
        pytest.param(
            POST + b"Content-Length: %d\r\n\r\n" % (BODY_LIMIT + 1),
            (413, "too_large", "The body is larger than 65536 bytes."),
            id="too large, as it says itself",
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b" % (BODY_LIMIT + 1, b"x" * (BODY_LIMIT + 1)),
            (413, "too_large", "The body is larger than 65536 bytes."),
            id="too large, as it turns out",
        ),
    ],
)
async def test_whatever_is_no_request_is_answered_in_json_and_let_go(
    alpha: Alpha, sent: bytes, told: tuple[int, str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(alpha) as server, connected(server.url, sent) as (reader, _):
        assert await error(reader) == told
        async with asyncio.timeout(30):
            assert await reader.read() == b""
    # Whoever can connect could fill the log.
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


# ------------------------------------------------------------------------ the slow


async def test_a_head_that_trickles_in_without_end_is_not_waited_for(alpha: Alpha) -> None:
    async with serving(alpha) as server, connected(server.url, ASK[:-2]) as (reader, writer):
        # Each byte comes in time, and the head never.
        trickling = asyncio.create_task(_trickle(writer))
        async with asyncio.timeout(30):
            assert await _rest(reader) == b""
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


async def test_who_is_connected_and_asks_nothing_more_is_let_go(alpha: Alpha) -> None:
    async with serving(alpha) as server:
        async with connected(server.url) as (reader, _):
            async with asyncio.timeout(30):
                assert await reader.read() == b""
        async with connected(server.url, ASK) as (reader, _):
            assert (await answer(reader))[0] == 200
            async with asyncio.timeout(30):
                assert await reader.read() == b""


async def test_who_asks_again_in_time_keeps_the_connection(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits()) as server, connected(server.url) as (reader, writer):
        for _ in range(3):
            writer.write(ASK)
            assert (await answer(reader))[0] == 200


async def test_a_body_that_does_not_come_is_not_waited_for(alpha: Alpha) -> None:
    async with serving(alpha) as server, connected(server.url, POST + b"Content-Length: 200\r\n\r\n{") as (reader, _):
        assert await error(reader) == (408, "too_slow", "The body took longer than 0.4 s.")
        async with asyncio.timeout(30):
            assert await reader.read() == b""
    assert alpha.closed == []


async def test_who_leaves_in_the_middle_of_a_body_is_no_fault_of_the_bots(
    alpha: Alpha, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(alpha, StreamLimits()) as server:
        async with connected(server.url) as (_, writer):
            writer.write(POST + b"Expect: 100-continue\r\nContent-Length: 200\r\n\r\n{")
        async with connected(server.url) as (reader, writer):
            writer.write(ASK)
            assert (await answer(reader))[0] == 200
    assert caplog.text == ""


async def test_who_does_not_read_the_answer_is_cut_off(alpha: Alpha, caplog: pytest.LogCaptureFixture) -> None:
    alpha.publish(facts(position("sol", words="x" * 8_000_000)))
    async with serving(alpha, StreamLimits(answer_s=0.05)) as server:
        with _small() as deaf:
            address = urlsplit(server.url)
            deaf.connect((address.hostname, address.port))
            deaf.sendall(ASK.replace(b"health", b"snapshot"))
            async with asyncio.timeout(30):
                while "does not read" not in caplog.text:
                    async with connected(server.url) as (reader, writer):
                        writer.write(ASK)
                        assert (await answer(reader))[0] == 200
            came = await asyncio.to_thread(_all_that_comes, deaf)
    assert len(came) < 8_000_000
    assert "does not read the answer to /v1/snapshot" in caplog.text


async def test_one_connection_too_many_is_told_to_come_later(alpha: Alpha) -> None:
    async with serving(alpha, StreamLimits(clients=1, others=1)) as server, stream(server.url) as ends:
        async with connected(server.url) as (_, _):
            await ends.subscribe()
            async with connected(server.url) as (reader, _):
                assert await error(reader) == (503, "too_many", "Too many are connected. Try again later.")
        await ends.subscribe()


# ------------------------------------------------------------------------ closing


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_closes_while_others_connect_leaves_nothing_open(alpha: Alpha, tmp_path: Path) -> None:
    for _ in range(10):
        for listen in ("127.0.0.1:0", f"unix:{tmp_path}/a.sock"):
            server = ControlServer(alpha, listen=listen, limits=HASTY)
            await server.__aenter__()
            callers = [_call(server.url, number) for number in range(30)]
            await server.__aexit__(None, None, None)
            for caller in callers:
                caller.close()
    gc.collect()


async def test_a_server_that_closes_does_not_wait_for_who_does_not_read(alpha: Alpha) -> None:
    alpha.publish(facts(position("sol", words="x" * 8_000_000)))
    server = serving(alpha, StreamLimits(answer_s=0.05, farewell_s=0.05))
    await server.__aenter__()
    with _small() as deaf:
        address = urlsplit(server.url)
        deaf.connect((address.hostname, address.port))
        deaf.sendall(ASK.replace(b"health", b"snapshot"))
        deaf.recv(1, socket.MSG_PEEK)
        async with own_time(), asyncio.timeout(4):
            await server.__aexit__(None, None, None)
    gc.collect()


async def _trickle(writer: asyncio.StreamWriter) -> None:
    # One header that never ends: the number of headers is bounded, too.
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.005)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    with suppress(ConnectionError):
        return await reader.read()
    return b""


def _small() -> socket.socket:
    connection = socket.socket()
    connection.settimeout(30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    return connection


def _all_that_comes(connection: socket.socket) -> bytes:
    came = b""
    with suppress(ConnectionResetError):
        while some := connection.recv(1 << 20):
            came += some
    return came


def _call(url: str, number: int) -> socket.socket:
    """Connect, and ask or not; whether anybody is there or not."""
    address = urlsplit(url)
    connection = socket.socket(socket.AF_UNIX if address.scheme == "unix" else socket.AF_INET)
    connection.setblocking(False)
    connection.connect_ex(address.path if address.scheme == "unix" else (address.hostname, address.port))
    if number % 2:
        with suppress(OSError):
            connection.send(ASK)
    return connection
