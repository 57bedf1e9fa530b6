"""The control socket as any program sees it."""

import subprocess
import sys
import threading
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest

from bot_integration.commands import CommandResult
from bot_integration.control import CannotListen
from bot_integration.control.socket import ControlSocket
from bot_integration.control.socket_board import PACE_S
from bot_integration.control.socket_wire import LINE_LIMIT
from bot_integration.state import EventCategory
from tests.bot_integration.control.alpha import Alpha, close, facts, now, pause, position, rebalance
from tests.bot_integration.control.socket_caller import Caller, asked
from tests.bot_integration.control.tuned import Tuned

TOKEN = "a token of both ends"


# ------------------------------------------------------------------------- reading


async def test_whoever_comes_is_greeted_and_told_the_state(socket: ControlSocket, alpha: Alpha) -> None:
    async with Caller.to(socket.url) as caller:
        hello, state = await caller.hear(), await caller.hear()
    assert hello == {
        "type": "hello",
        "bot": "alpha",
        "protocol": 1,
        "accepts": ["update_config", "kill_switch", "recall", "command", "preview"],
    }
    assert state["type"] == "state"
    assert state["state"] == alpha.newest().model_dump(mode="json")


async def test_a_bot_that_has_published_nothing_says_its_first_state_when_it_has_one() -> None:
    alpha = Alpha()
    async with ControlSocket(alpha, "127.0.0.1:0") as socket, Caller.to(socket.url) as caller:
        assert (await caller.hear())["type"] == "hello"
        alpha.publish(facts())
        assert (await caller.hear())["type"] == "state"


async def test_every_reader_hears_the_newest_state(socket: ControlSocket, caller: Caller, alpha: Alpha) -> None:
    async with Caller.to(socket.url) as other:
        await other.greeted()
        began = monotonic()
        for equity in range(1, 6):
            alpha.publish(facts(portfolio={"equity": equity}))
        took_s = monotonic() - began
        heard = []
        for one in (caller, other):
            while (state := (await one.hear_of("state"))["state"])["portfolio"]["equity"] != 5:
                heard.append(state)
    # Where we were held up in the middle, some of them were the newest for long enough.
    assert len(heard) <= 4 + 2 * took_s / PACE_S, "states come paced, and the newest wins"


async def test_what_changes_nothing_is_not_said(caller: Caller, alpha: Alpha) -> None:
    for _ in range(5):
        alpha.publish(facts())
    alpha.note("Look.", EventCategory.WARNING)
    event = await caller.hear()
    assert (event["type"], event["event"]["message"], event["event"]["category"]) == ("event", "Look.", "warning")


async def test_a_state_of_hundreds_of_positions_is_whole(caller: Caller, alpha: Alpha) -> None:
    alpha.publish(facts(*(position(f"p{number}") for number in range(120))))
    state = (await caller.hear_of("state"))["state"]
    assert state == alpha.newest().model_dump(mode="json")


async def test_values_that_json_has_no_word_for_do_not_break_a_line(caller: Caller, alpha: Alpha) -> None:
    alpha.publish(facts(extra={"text": "one\ntwo\u2028three", "nan": float("nan"), "set": {1}, "object": Alpha}))
    extra = (await caller.hear_of("state"))["state"]["extra"]
    assert (extra["text"], extra["nan"]) == ("one\ntwo\u2028three", None)


# ------------------------------------------------------------------------ commands


async def test_a_command_runs_once_and_its_result_carries_its_id(caller: Caller, alpha: Alpha) -> None:
    command = close()
    caller.send(asked(command), asked(command), {"type": "recall", "id": str(command.id)})
    results = [await caller.hear_of("command_result") for _ in range(2)]
    caller.send({"type": "recall", "id": str(command.id)})
    recalled = await caller.hear_of("recall_result")
    assert [result["id"] for result in results] == [str(command.id)] * 2
    assert results[0]["result"]["outcome"] == "partial"
    assert results[0]["result"] == results[1]["result"] == recalled["result"]
    assert alpha.closed == [command.id]


async def test_the_state_that_shows_what_was_done_comes_before_its_result(alpha: Alpha, caller: Caller) -> None:
    @alpha.on(type(pause()))
    async def hold_back(command: object) -> None:
        session = {**facts()["session"], "pause": {"paused": True}}
        # So many that they take longer to be written than the answer.
        alpha.publish(facts(*(position(f"p{number}") for number in range(300)), session=session))

    caller.send(asked(pause()))
    heard = [await caller.hear()]
    while heard[-1]["type"] != "command_result":
        heard.append(await caller.hear())
    states = [one["state"]["session"]["pause"]["paused"] for one in heard if one["type"] == "state"]
    assert states == [True]


async def test_a_slow_command_does_not_hold_up_a_quick_one(caller: Caller, alpha: Alpha) -> None:
    slow, quick = rebalance(), close()
    caller.send(asked(slow), asked(quick))
    first = await caller.hear_of("command_result")
    alpha.may_rebalance.set()
    second = await caller.hear_of("command_result")
    assert (first["id"], second["id"]) == (str(quick.id), str(slow.id))


async def test_who_half_closes_is_answered_all_the_same(caller: Caller, alpha: Alpha) -> None:
    command = rebalance()
    caller.send(asked(command))
    caller.writer.write_eof()
    await alpha.rebalancing.wait()
    alpha.may_rebalance.set()
    assert [one["id"] for one in await caller.rest() if one["type"] == "command_result"] == [str(command.id)]


async def test_a_closing_socket_lets_commands_that_run_be_answered(alpha: Alpha) -> None:
    async with AsyncExitStack() as stack:
        async with ControlSocket(alpha, "127.0.0.1:0", now=now) as socket:
            caller = await stack.enter_async_context(Caller.to(socket.url))
            await caller.greeted()
            caller.send(asked(rebalance()))
            await alpha.rebalancing.wait()
            alpha.may_rebalance.set()
        heard = [one["type"] for one in await caller.rest()]
    assert "command_result" in heard


async def test_a_preview_is_a_preview_a_refusal_or_nothing(caller: Caller, alpha: Alpha) -> None:
    refused = close("eth")
    caller.send(asked(close(), "preview"))
    assert (await caller.hear())["preview"]["realized"] == 12.5
    caller.send(asked(pause(), "preview"))
    assert (await caller.hear())["preview"] is None
    caller.send(asked(refused, "preview"))
    assert await caller.hear() == {
        "type": "error",
        "error": "refused",
        "message": "ETH is closing already.",
        "to": "preview",
        "id": str(refused.id),
    }
    assert alpha.closed == []


async def test_what_was_never_run_is_recalled_as_nothing(caller: Caller) -> None:
    id_ = str(uuid4())
    caller.send({"type": "recall", "id": id_})
    assert await caller.hear() == {"type": "recall_result", "id": id_, "result": None}


async def test_everybody_hears_that_a_command_ended(socket: ControlSocket, caller: Caller, alpha: Alpha) -> None:
    command = close()
    async with Caller.to(socket.url) as other:
        await other.greeted()
        caller.send(asked(command))
        update = await other.hear_of("command_update")
    assert (update["command"]["id"], update["result"]["outcome"]) == (str(command.id), "partial")


async def test_commands_run_on_the_bots_own_loop_and_nothing_else_does(caller: Caller, alpha: Alpha) -> None:
    threads: list[str] = []

    @alpha.on(type(pause()))
    async def where(command: object) -> CommandResult | None:
        threads.append(threading.current_thread().name)
        return None

    caller.send(asked(pause()))
    await caller.hear_of("command_result")
    assert threads == [threading.current_thread().name]
    assert "control socket of alpha" in {thread.name for thread in threading.enumerate()}


# -------------------------------------------------------------------------- the door


async def test_who_shows_the_token_is_let_in(alpha: Alpha) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0", TOKEN) as socket, Caller.to(socket.url) as caller:
        assert await caller.hear() == {"type": "auth"}
        caller.send({"type": "auth", "token": TOKEN})
        assert (await caller.greeted())["bot"] == "alpha"


@pytest.mark.parametrize(
    "first",
    [
        {"type": "auth", "token": "wrong"},
        {"type": "auth", "token": ""},
        {"type": "auth", "token": "päß"},
        {"type": "auth"},
        {"type": "kill_switch", "activate": True},
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\n",
        b"[" * (LINE_LIMIT + 1),
    ],
    ids=lambda first: str(first)[:24],
)
async def test_nobody_else_is_told_anything(first: Any) -> None:
    bot = Tuned()
    async with ControlSocket(bot, "127.0.0.1:0", TOKEN) as socket, Caller.to(socket.url) as caller:
        caller.send(first, {"type": "kill_switch", "activate": True})
        caller.writer.write_eof()
        told = await caller.rest()
    assert told == [
        {"type": "auth"},
        {
            "type": "error",
            "error": "unauthorized",
            "message": 'Send the bot\'s token as the first line: {"type": "auth", "token": "…"}.',
        },
    ]
    assert bot.killed == []


@pytest.mark.parametrize("listen", ["0.0.0.0:9120", "[::]:9120", "192.0.2.1:9120", "alpha.example:9120"])
def test_without_a_token_nobody_outside_is_listened_to(listen: str) -> None:
    with pytest.raises(CannotListen, match="which others can reach, and there is no token"):
        ControlSocket(Alpha(), listen)


@pytest.mark.parametrize("listen", ["unix:/run/alpha.sock", "9120", "::1:9120", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(CannotListen, match="listen is"):
        ControlSocket(Alpha(), listen)


def test_an_empty_token_is_none() -> None:
    with pytest.raises(CannotListen, match="must not be empty"):
        ControlSocket(Alpha(), "127.0.0.1:0", " ")


async def test_a_port_that_is_taken_is_named(socket: ControlSocket, alpha: Alpha) -> None:
    taken = socket.url.removeprefix("tcp://")
    before = set(threading.enumerate())
    with pytest.raises(CannotListen, match=rf"^{taken} cannot be listened on: address already in use\. Stop what "):
        async with ControlSocket(alpha, taken):
            pass
    assert [one for one in set(threading.enumerate()) - before if one.name == "control socket of alpha"] == []


def test_it_needs_nothing_that_has_to_be_installed_besides() -> None:
    code = (
        "import sys\n"
        "for name in ('aiohttp', 'ormsgpack', 'yarl', 'orjson'): sys.modules[name] = None\n"
        "from bot_integration.control.socket import ControlSocket\n"
        "from bot_integration.control.socket_line import SocketLine\n"
        "print(ControlSocket.__name__, SocketLine.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "ControlSocket SocketLine\n", done.stderr
