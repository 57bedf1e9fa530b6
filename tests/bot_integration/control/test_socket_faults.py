"""What goes wrong at a control socket: nothing of it reaches the bot."""

import asyncio
import json
import logging
import socket as sockets
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration.control.socket import AT_THE_DOOR, ControlSocket
from bot_integration.control.socket_outbox import EVENTS, Outbox
from bot_integration.control.socket_wire import LINE_LIMIT
from tests.bot_integration.control.alpha import Alpha, close, facts, now, position, rebalance
from tests.bot_integration.control.socket_caller import Caller, asked

NO_OBJECT = {"type": "error", "error": "malformed", "message": "A line must be one JSON object."}


def as_line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


async def test_a_page_in_a_browser_can_do_nothing(socket: ControlSocket, alpha: Alpha) -> None:
    """It may send what it wants in a body, and never without the lines of HTTP before it."""
    body = as_line(asked(close()))
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1:9120\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
    async with Caller.to(socket.url) as page:
        await page.greeted()
        page.send(head % len(body) + body)
        assert await page.rest() == [NO_OBJECT]
    assert alpha.closed == []


@pytest.mark.parametrize(
    "line",
    [b"\n", b"close\n", b"[]\n", b"1\n", b"null\n", b'"x"\n', b"\xff\xfe\n", b'{"a":NaN}\n', b"[" * 9000 + b"\n"],
)
async def test_after_a_line_that_is_no_object_nothing_is_heard(caller: Caller, alpha: Alpha, line: bytes) -> None:
    caller.send(line, asked(close()))
    assert await caller.rest() == [NO_OBJECT]
    assert alpha.closed == []


async def test_a_line_that_is_too_long_closes_the_connection(caller: Caller, alpha: Alpha) -> None:
    caller.send(as_line({**asked(close()), "pad": "x" * LINE_LIMIT}))
    assert [one["error"] for one in await caller.rest()] == ["too_large"]
    assert alpha.closed == []


async def test_half_a_line_is_none(caller: Caller, alpha: Alpha) -> None:
    caller.send(as_line(asked(close())).removesuffix(b"\n"))
    caller.writer.write_eof()
    assert await caller.rest() == []
    assert alpha.closed == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "type: expected one of auth, update_config, kill_switch, recall, command, preview."),
        ({"type": "close"}, "type: expected one of auth, update_config, kill_switch, recall, command, preview."),
        ({"type": {}}, "type: expected one of auth, update_config, kill_switch, recall, command, preview."),
        ({"type": "kill_switch"}, "activate: Field required"),
        ({"type": "kill_switch", "activate": "yes"}, "activate: Input should be a valid boolean"),
        ({"type": "kill_switch", "activate": True, "bot": "beta"}, "bot: Extra inputs are not permitted"),
        ({"type": "recall", "id": "1"}, "id: Input should be a valid UUID"),
        ({"type": "command", "command": "close"}, "command: Input should be a valid dictionary"),
        ({"type": "command", "command": {"name": "shutdown"}}, "name: expected one of ping, close_position, "),
        ({"type": "command", "command": {**asked(close())["command"], "percent": 101}}, "percent: Input should be"),
        ({"type": "command", "command": {**asked(close())["command"], "percent": "50"}}, "percent: Input should be"),
        ({"type": "command", "command": {**asked(close())["command"], "percent": True}}, "percent: Input should be"),
    ],
)
async def test_what_is_not_understood_is_named_and_the_line_stays(
    caller: Caller, alpha: Alpha, said: dict[str, Any], message: str
) -> None:
    caller.send(said, {"type": "recall", "id": str(uuid4())})
    error = await caller.hear()
    assert error["error"] == "malformed"
    assert error["message"].startswith(message)
    assert error.get("to") == (said.get("type") if isinstance(said.get("type"), str) else None)
    assert (await caller.hear())["type"] == "recall_result"
    assert alpha.closed == []


async def test_one_client_has_so_much_under_way_and_no_more(caller: Caller, alpha: Alpha) -> None:
    slow = [rebalance() for _ in range(65)]
    caller.send(*map(asked, slow))
    error = await caller.hear()
    alpha.may_rebalance.set()
    done = [(await caller.hear_of("command_result"))["id"] for _ in range(64)]
    assert (error["error"], error["id"]) == ("too_many", str(slow[-1].id))
    assert sorted(done) == sorted(str(one.id) for one in slow[:64])


async def test_so_many_clients_and_no_more_until_one_leaves(alpha: Alpha) -> None:
    async with (
        ControlSocket(alpha, "127.0.0.1:0", clients=2) as socket,
        Caller.to(socket.url) as first,
        Caller.to(socket.url) as second,
    ):
        await first.greeted()
        await second.greeted()
        async with Caller.to(socket.url) as third:
            told = await third.rest()
        first.writer.write_eof()
        await first.rest()
        async with Caller.to(socket.url) as fourth:
            await fourth.greeted()
    assert [(one["type"], one["error"]) for one in told] == [("error", "too_many")]


async def test_who_waits_at_the_door_for_ever_is_sent_away(alpha: Alpha) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0", "token", door_s=0.05) as socket, Caller.to(socket.url) as caller:
        caller.send(b'{"type": "auth", ')
        assert [one.get("error") for one in await caller.rest()] == [None, "unauthorized"]


async def test_whoever_is_sent_away_again_and_again_fills_no_log(
    alpha: Alpha, caplog: pytest.LogCaptureFixture
) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0", "token") as socket:
        for _ in range(30):
            async with Caller.to(socket.url) as caller:
                caller.send({"type": "auth", "token": "wrong"})
                await caller.rest()
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(told) == 1
    assert told[0].startswith("a client of alpha was sent away: ")


async def test_so_many_wait_at_the_door_and_whoever_else_comes_is_not_heard(alpha: Alpha) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0", "token", door_s=300) as socket, AsyncExitStack() as stack:
        for _ in range(AT_THE_DOOR):
            waiting = await stack.enter_async_context(Caller.to(socket.url))
            assert (await waiting.hear())["type"] == "auth"
        late = await stack.enter_async_context(Caller.to(socket.url))
        assert await late.rest() == []
        waiting.send({"type": "auth", "token": "token"})
        await waiting.greeted()


async def test_a_client_that_never_reads_is_owed_one_state_and_gets_the_newest(
    socket: ControlSocket, caller: Caller, alpha: Alpha
) -> None:
    held = [position(f"p{number}") for number in range(200)]
    lazy = sockets.socket()
    lazy.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    lazy.setblocking(False)
    address = urlsplit(socket.url)
    await asyncio.get_running_loop().sock_connect(lazy, (address.hostname, address.port))
    reader, writer = await asyncio.open_connection(sock=lazy, limit=1024)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    for equity in range(1, 61):
        alpha.publish(facts(*held, portfolio={"equity": equity}))
        # Has the newest state told at once, to this one and to the other.
        alpha.note("now")
        await caller.hear_of("event")
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    told = b""
    async with asyncio.timeout(30):
        while b'"equity":60.0' not in told or not told.endswith(b"\n"):
            told += await reader.read(1 << 20)
    writer.transport.abort()
    states = [one for one in map(json.loads, told.splitlines()) if one["type"] == "state"]
    assert states[-1]["state"]["portfolio"]["equity"] == 60
    assert len(states) < 50


async def test_a_reader_that_is_far_behind_is_told_how_much_it_missed() -> None:
    outbox = Outbox()
    for number in range(EVENTS + 5):
        outbox.tell(b'{"type":"event","number":%d}\n' % number)
    outbox.show(b'{"type":"state","state":1}\n')
    outbox.show(b'{"type":"state","state":2}\n')
    outbox.answer(b'{"type":"command_result"}\n')
    async with Piped() as piped:
        pouring = asyncio.create_task(outbox.pour(piped.writer))
        await outbox.emptied()
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
        piped.writer.close()
        told = [json.loads(line) for line in (await piped.reader.read()).splitlines()]
    assert told[:3] == [
        {"type": "state", "state": 2},
        {"type": "missed", "count": 5},
        {"type": "event", "number": 5},
    ]
    assert told[-1] == {"type": "command_result"}
    assert len(told) == EVENTS + 3


async def test_a_reader_that_takes_nothing_for_too_long_has_gone() -> None:
    outbox = Outbox(stalled_s=0.05)
    outbox.show(b"x" * 10_000_000)
    async with Piped() as piped:
        piped.pause()
        with pytest.raises(TimeoutError):
            await outbox.pour(piped.writer)


class Piped:
    """Two ends of one connection."""

    async def __aenter__(self) -> "Piped":
        near, far = sockets.socketpair()
        self.reader, self._other = await asyncio.open_connection(sock=far, limit=1024)
        _, self.writer = await asyncio.open_connection(sock=near)
        return self

    def pause(self) -> None:
        self._other.transport.pause_reading()  # type: ignore[attr-defined]

    async def __aexit__(self, *why: object) -> None:
        for writer in (self.writer, self._other):
            writer.transport.abort()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_bot_that_breaks_on_a_question_answers_all_the_same(caller: Caller, alpha: Alpha) -> None:
    def broken(*about: object) -> None:
        raise ZeroDivisionError("the secret inside")

    alpha.recall = broken  # type: ignore[method-assign, assignment]
    id_ = str(uuid4())
    caller.send({"type": "recall", "id": id_})
    assert await caller.hear() == {
        "type": "error",
        "error": "broken",
        "message": "The bot broke on this. Its log has the whole story.",
        "to": "recall",
        "id": id_,
    }


async def test_a_state_that_json_cannot_say_is_not_told_and_hides_nothing_else(
    socket: ControlSocket, caller: Caller, alpha: Alpha, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        alpha.publish(facts(portfolio={"equity": 1}, extra={"text": "\ud800"}))
        caller.send(asked(close()))
        assert (await caller.hear_of("command_result"))["result"]["outcome"] == "partial"
    async with Caller.to(socket.url) as other:
        assert (await other.greeted())["portfolio"]["equity"] == 10000.25
    alpha.publish(facts(portfolio={"equity": 2}))
    while (await caller.hear_of("state"))["state"]["portfolio"]["equity"] != 2:
        pass
    assert caplog.text.count("the state of alpha cannot be told") == 1


# --------------------------------------------------------------------- random lines

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
_WORDS = st.sampled_from(["command", "preview", "recall", "kill_switch", "update_config", "auth", "state", "close_all"])
#: No line of these is a command that the bot runs: each is broken somewhere, or asks for nothing that moves it.
_NEARLY = st.one_of(
    st.dictionaries(st.text(max_size=9), _JSON, max_size=4),
    st.fixed_dictionaries({"type": _WORDS | _JSON}),
    st.fixed_dictionaries({"type": _WORDS, "command": _JSON, "id": _JSON, "activate": _JSON, "more": _JSON}),
    st.sampled_from(sorted(asked(close())["command"])).flatmap(
        lambda field: st.just({"type": "command", "command": {**asked(close())["command"], field: {"not": "this"}}})
    ),
    st.just({**asked(close()), "more": 1}),
    st.builds(lambda: asked(close(), "preview")),
).map(as_line)
_VALID = st.builds(lambda: asked(close())).map(as_line)
_GARBAGE = st.binary(max_size=60).filter(lambda noise: not noise.lstrip().startswith(b"{")).map(lambda one: one + b"\n")
_LINES = st.lists(
    st.tuples(st.just("nearly"), _NEARLY)
    | st.tuples(st.just("valid"), _VALID)
    | st.tuples(st.just("garbage"), _GARBAGE),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(lines=_LINES, cut=st.booleans())
def test_whatever_is_thrown_at_it_only_commands_run(lines: list[tuple[str, bytes]], cut: bool) -> None:
    asyncio.run(_throw(lines, cut))


async def _throw(lines: list[tuple[str, bytes]], cut: bool) -> None:
    alpha = Alpha()
    alpha.publish(facts())
    kinds = [kind for kind, _ in lines]
    heard = lines[: kinds.index("garbage")] if "garbage" in kinds else lines
    wanted = {json.loads(line)["command"]["id"] for kind, line in heard if kind == "valid"}
    async with ControlSocket(alpha, "127.0.0.1:0", now=now) as socket, Caller.to(socket.url) as caller:
        await caller.greeted()
        caller.send(*(line for _, line in lines), *([as_line(asked(close()))[:-1]] if cut else []))
        caller.writer.write_eof()
        await caller.rest()
        async with Caller.to(socket.url) as next_one:
            assert (await next_one.greeted())["bot"] == "alpha"
    # What was asked before a line that is none may still have been running.
    assert {str(one) for one in alpha.closed} == wanted
