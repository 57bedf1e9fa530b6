"""The client's end of a control socket, with a bot of our own behind it."""

import asyncio

import pytest

from bot_integration.commands import Outcome
from bot_integration.control import RemoteBot
from bot_integration.control.errors import NothingSent, NotTaken, WrongBot
from bot_integration.control.socket import ControlSocket
from bot_integration.control.socket_line import SocketLine
from bot_integration.events import CommandFinished, Noted
from tests.bot_integration.control.alpha import Alpha, close, facts, now, pause, position, shows
from tests.bot_integration.control.plain_server import BreakingLine
from tests.bot_integration.control.remote import the_next
from tests.kept_port import kept_port


async def test_lost_answers_are_asked_for_by_id_and_nothing_runs_twice(alpha: Alpha) -> None:
    async with (
        ControlSocket(alpha, "127.0.0.1:0", now=now) as socket,
        BreakingLine(socket.url, breaks=1) as broken,
        RemoteBot("alpha", broken.url, now=now) as bot,
    ):
        await shows(bot, alpha.newest())
        command = close()
        async with bot.follow() as events:
            result = await bot.execute(command)
            told = await the_next(events, CommandFinished)
    assert (result.outcome, result.message) == (Outcome.PARTIAL, "One leg.")
    assert alpha.closed == [command.id]
    assert broken.commands == 1
    assert told.result == result


async def test_the_facts_show_what_was_done_when_its_result_is_there(alpha: Alpha) -> None:
    @alpha.on(type(pause()))
    async def hold_back(command: object) -> None:
        alpha.publish(facts(position("btc")))

    async with (
        ControlSocket(alpha, "127.0.0.1:0", now=now) as socket,
        RemoteBot("alpha", socket.url, now=now) as bot,
    ):
        await shows(bot, alpha.newest())
        for _ in range(20):
            alpha.publish(facts())
            assert (await bot.execute(pause())).outcome is Outcome.DONE
            snapshot = bot.snapshot()
            assert snapshot is not None
            assert [one.id for one in snapshot.positions] == ["btc"]


async def test_it_is_away_while_nobody_listens_and_back_when_somebody_does(alpha: Alpha) -> None:
    with kept_port() as port:
        async with (
            RemoteBot("alpha", f"tcp://127.0.0.1:{port}", now=now) as bot,
            asyncio.timeout(30),
            bot.follow() as events,
        ):
            gone = await anext(events)
            async with ControlSocket(alpha, f"127.0.0.1:{port}"):
                back = await anext(events)
                await anext(events)
                assert bot.snapshot() == alpha.newest()
    assert isinstance(gone, Noted)
    assert gone.message == "alpha does not answer. What is shown is the last that it said."
    assert isinstance(back, Noted)
    assert back.message.startswith("alpha is back after")


async def test_what_was_not_sent_surely_did_not_happen() -> None:
    with kept_port() as port:
        async with SocketLine("alpha", f"tcp://127.0.0.1:{port}", None) as line:
            with pytest.raises(NothingSent, match=r"^connection refused$"):
                await line.execute(close(), 1)


@pytest.mark.parametrize("token", ["wrong", "päß"])
async def test_a_wrong_token_is_told_with_what_to_do(alpha: Alpha, token: str) -> None:
    async with (
        ControlSocket(alpha, "127.0.0.1:0", "right") as socket,
        SocketLine("alpha", socket.url, token, hello_s=30) as line,
    ):
        with pytest.raises(NotTaken, match=r"^alpha does not accept our token\. Give both ends the same"):
            await line.execute(close(), 30)
        with pytest.raises(NotTaken, match=r"^alpha does not accept our token\. Give both ends the same"):
            await line.snapshot()
    assert alpha.closed == []


async def test_who_has_no_token_is_told_at_once_that_one_is_wanted(alpha: Alpha) -> None:
    async with (
        ControlSocket(alpha, "127.0.0.1:0", "right") as socket,
        SocketLine("alpha", socket.url, None, hello_s=300) as line,
        asyncio.timeout(30),
    ):
        with pytest.raises(
            NotTaken, match=r"^alpha wants a token, and there is none here\. Set token or token_file of alpha"
        ):
            await line.execute(close(), 30)
        with pytest.raises(NotTaken, match=r"^alpha wants a token"):
            await line.snapshot()
    assert alpha.closed == []


async def test_a_socket_that_is_full_says_so(alpha: Alpha) -> None:
    async with (
        ControlSocket(alpha, "127.0.0.1:0", clients=0) as socket,
        SocketLine("alpha", socket.url, None, hello_s=30) as line,
    ):
        with pytest.raises(NotTaken, match=r"^alpha does not let us in: 0 clients are here already"):
            await line.execute(close(), 30)
    assert alpha.closed == []


async def test_another_bot_takes_nothing_on(alpha: Alpha) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0") as socket, SocketLine("beta", socket.url, None, hello_s=30) as line:
        with pytest.raises(WrongBot, match=r"This is alpha, not beta\. Correct the url, or the name, of beta\."):
            await line.execute(close(), 30)
    assert alpha.closed == []


async def test_without_a_name_it_is_the_bot_that_answers(alpha: Alpha) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0") as socket, SocketLine(None, socket.url, None, hello_s=30) as line:
        async with asyncio.timeout(30):
            # Nothing is what it gives where the state takes more than a moment to come.
            while (snapshot := await line.snapshot()) is None:
                pass
    assert snapshot == alpha.newest()


async def test_a_command_that_is_too_large_is_not_sent(alpha: Alpha) -> None:
    async with ControlSocket(alpha, "127.0.0.1:0") as socket, SocketLine("alpha", socket.url, None) as line:
        with pytest.raises(NotTaken, match="command is larger than the 65536 bytes that alpha takes"):
            await line.execute(close().model_copy(update={"reason": "x" * 70_000}), 30)
    assert alpha.closed == []


@pytest.mark.parametrize("url", ["tcp://", "tcp://alpha", "tcp://alpha:0", "tcp://a:1/b", "tcp://u:p@a:1", "tcp://a:x"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^the url of a control socket is tcp://host:port$"):
        SocketLine("alpha", url, None)
