"""Who answers at a far bot's address: the wrong door, the wrong bot, no bot at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from aiohttp import web

from bot_integration.bot import Bot
from bot_integration.commands import CommandResult, Outcome, Preview
from bot_integration.control import ControlServer, RemoteBot
from bot_integration.errors import Refused, Unreachable
from bot_integration.events import Noted
from tests.bot_integration.control.alpha import NOW, Alpha, close, facts, shows
from tests.bot_integration.control.clock import Clock, hurry
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.bot_integration.control.listening import listening
from tests.bot_integration.control.remote import by_clock, the_next, warning
from tests.bot_integration.control.scripted import Scripted, served, whole

TOKEN = "quarterdeck-test-token"


def test_a_far_bot_is_a_bot() -> None:
    bot: Bot = RemoteBot("alpha", "http://127.0.0.1:8000", None)
    assert (bot.name, bot.snapshot()) == ("alpha", None)


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_a_wrong_token_says_what_to_do(alpha: Alpha, token: str | None) -> None:
    what_to_do = (
        "alpha does not accept our token. Give both ends the same: "
        "token or token_file of alpha here, the token of its control API there."
    )
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        RemoteBot("alpha", server.url, token, now=lambda: NOW) as far,
        far.follow() as events,
    ):
        told = await the_next(events, Noted)
        result = await far.execute(close())
        with pytest.raises(Unreachable, match="does not accept our token"):
            await far.recall(result.command_id)
        with pytest.raises(Unreachable, match="does not accept our token"):
            await far.preview(close())
    assert told == warning(f"{what_to_do} What is shown is the last that it said.")
    assert (result.outcome, result.message) == (Outcome.FAILED, f"{what_to_do} Nothing was done.")
    assert alpha.closed == []


async def test_of_a_bot_that_has_no_name_yet_whole_sentences_are_told(alpha: Alpha) -> None:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        RemoteBot(None, server.url, "wrong", now=lambda: NOW) as far,
        far.follow() as events,
    ):
        told = await the_next(events, Noted)
        result = await far.execute(close())
    assert told.message.startswith(f"The bot at {server.url} does not accept our token. Give both ends the same: ")
    assert result.message.startswith(f"The bot at {server.url} does not accept our token. Give both ends the same: ")


async def test_another_bot_at_the_address_is_refused_loudly(caplog: pytest.LogCaptureFixture) -> None:
    beta = Alpha("beta")
    beta.publish(facts())
    async with (
        ControlServer(beta, listen="127.0.0.1:0") as server,
        RemoteBot("älpha", server.url, now=lambda: NOW) as far,
        far.follow() as events,
    ):
        told = await the_next(events, Noted)
        result = await far.execute(close())
        why = f"Another bot answers at {server.url}: This is beta, not älpha. Correct the url, or the name, of älpha."
        assert far.snapshot() is None
    assert told.message == f"{why} What is shown is the last that it said."
    assert (result.outcome, result.message) == (Outcome.REFUSED, f"{why} Nothing was done.")
    assert why in caplog.text
    assert beta.closed == []


@asynccontextmanager
async def whatever_answers(body: bytes) -> AsyncIterator[str]:
    """The URL of a server that says the same to everything."""

    async def say(request: web.Request) -> web.Response:
        return web.Response(body=body)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", say)
    async with listening(application) as url:
        yield url


async def test_what_is_no_control_api_leaves_a_command_unknown() -> None:
    clock = Clock()
    async with (
        whatever_answers(b"hello") as url,
        by_clock(url, clock) as far,
    ):
        result = await far.execute(close())
        with pytest.raises(Unreachable, match="no control API that we understand"):
            await far.recall(result.command_id)
    assert result.outcome is Outcome.UNKNOWN


async def test_facts_of_another_bot_are_never_shown() -> None:
    beta = Alpha("beta")
    beta.publish(facts())
    script = Scripted([[whole(beta.newest())]])
    async with (
        served(script),
        RemoteBot("alpha", script.url, now=lambda: NOW, sleep=hurry) as far,
        far.follow() as events,
    ):
        told = await the_next(events, Noted)
        assert far.snapshot() is None
    assert told.message.startswith(f"Another bot answers at {script.url}: This is beta, not alpha.")


async def test_without_a_name_it_is_the_bot_that_answers(alpha: Alpha, faulty: FaultyLine) -> None:
    beta = Alpha("beta")
    beta.publish(facts())
    far = RemoteBot(None, faulty.url)
    assert far.name == ""
    async with (
        ControlServer(beta, listen="127.0.0.1:0") as another,
        far,
        far.follow() as events,
    ):
        await shows(far, alpha.newest())
        assert far.name == "alpha"
        assert (await far.execute(close())).outcome is Outcome.PARTIAL
        faulty.upstream = another.url
        await faulty.cut()
        told = await the_next(events, Noted)
        refused = await far.execute(close())
    assert "This is beta, not alpha." in told.message
    assert (refused.outcome, beta.closed) == (Outcome.REFUSED, [])


async def test_a_bot_that_was_never_heard_is_called_by_its_address() -> None:
    async with by_clock("http://ada:secret@127.0.0.1:9", Clock(), name=None) as far, far.follow() as events:
        told = await the_next(events, Noted)
        result = await far.execute(close())
    assert told.message == ("The bot at http://127.0.0.1:9 does not answer. What is shown is the last that it said.")
    assert result.message == "The bot could not be reached (connection refused). Nothing was sent."


async def test_an_api_that_breaks_on_a_preview_gives_no_answer() -> None:
    class Broken(Alpha):
        async def preview(self, command: object) -> Preview | None:
            raise ZeroDivisionError

    async with (
        ControlServer(Broken(), listen="127.0.0.1:0") as server,
        RemoteBot("alpha", server.url, sleep=hurry) as far,
    ):
        with pytest.raises(Unreachable, match="The bot broke on this"):
            await far.preview(close())


async def test_a_refused_preview_is_no_lost_one(faulty: FaultyLine) -> None:
    async with RemoteBot("alpha", faulty.url, sleep=hurry) as far:
        with pytest.raises(Refused, match="ETH is closing already"):
            await far.preview(close("eth"))
        faulty.lose_answers = True
        with pytest.raises(Unreachable, match="the connection broke"):
            await far.preview(close("eth"))


async def test_an_answer_for_another_command_is_no_answer(alpha: Alpha) -> None:
    class Confused(Alpha):
        async def execute(self, command: object) -> CommandResult:
            return CommandResult(command_id=UUID(int=7), outcome=Outcome.DONE)

    clock = Clock()
    async with (
        ControlServer(Confused(), listen="127.0.0.1:0") as server,
        by_clock(server.url, clock) as far,
    ):
        assert (await far.execute(close())).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("url", ["", "alpha", "ftp://alpha", "unix:relative", "unix://", "unix:///", "http://"])
def test_a_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="the url of a bot is http://host:port, tcp://host:port or unix:///path"):
        RemoteBot("alpha", url)


async def test_a_far_bot_that_was_not_entered_says_so() -> None:
    with pytest.raises(RuntimeError, match="use `async with`"):
        await RemoteBot("alpha", "http://127.0.0.1:8000").execute(close())
