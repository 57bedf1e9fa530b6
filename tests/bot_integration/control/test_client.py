"""A far bot on a bad day: lost answers, lost requests, restarts, wrong tokens, wrong bots."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from aiohttp import web

from bot_integration.bot import Bot
from bot_integration.commands import CommandResult, Custom, Outcome, Preview
from bot_integration.control import ControlServer, RemoteBot
from bot_integration.control.client import LONGEST_RETRY_S
from bot_integration.control.wire import encode_snapshot
from bot_integration.errors import Refused, Unreachable
from bot_integration.events import Event, Noted, PositionChanged, SnapshotTaken
from bot_integration.state import EventCategory
from tests.bot_integration.control.alpha import (
    NOW,
    Alpha,
    close,
    facts,
    heard,
    line,
    position,
    rebalance,
    shows,
)
from tests.bot_integration.control.clock import Clock, hurry
from tests.bot_integration.control.faulty_line import FaultyLine

TOKEN = "quarterdeck-test-token"


def warning(message: str) -> Noted:
    return Noted("alpha", NOW, EventCategory.WARNING, message)


@pytest.fixture
def alpha() -> Alpha:
    alpha = Alpha()
    alpha.publish(facts())
    return alpha


@pytest.fixture
async def faulty(alpha: Alpha) -> AsyncIterator[FaultyLine]:
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, FaultyLine(server.url) as faulty:
        yield faulty


async def the_next(events: AsyncIterator[Event], kind: type[Noted]) -> Noted:
    """The next event of this kind."""
    async with asyncio.timeout(10):
        async for event in events:
            if isinstance(event, kind):
                return event
    raise AssertionError("the bus has no end")


def test_a_far_bot_is_a_bot() -> None:
    bot: Bot = RemoteBot("alpha", "http://127.0.0.1:8000", None)
    assert (bot.name, bot.snapshot()) == ("alpha", None)


# -------------------------------------------------------------------- lost on the way


async def test_a_lost_answer_is_asked_for_by_id(alpha: Alpha, faulty: FaultyLine) -> None:
    faulty.lose_answers = True
    command = close()
    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=hurry) as far:
        result = await far.execute(command)
    assert (result.outcome, result.message) == (Outcome.PARTIAL, "One leg.")
    assert alpha.closed == [command.id]
    assert faulty.posts == 1


async def test_a_connection_that_breaks_while_the_bot_works_is_asked_about_until_it_is_done(
    alpha: Alpha, faulty: FaultyLine
) -> None:
    command = rebalance()
    asked = 0

    async def patience(seconds: float) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        if asked == 5:
            alpha.may_rebalance.set()

    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=patience) as far:
        asking = asyncio.create_task(far.execute(command))
        await alpha.rebalancing.wait()
        asked = 0
        await faulty.go_down()
        await faulty.come_up()
        result = await asking
    assert (result.outcome, result.message) == (Outcome.DONE, "Balanced.")
    assert alpha.rebalanced == [command.id]


async def test_a_lost_request_is_unknown_and_never_sent_again(alpha: Alpha, faulty: FaultyLine) -> None:
    faulty.lose_requests = True
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=clock.now, sleep=clock.sleep) as far:
        result = await far.execute(close())
    assert result.outcome is Outcome.UNKNOWN
    assert result.message == ("No answer from alpha. It may have happened, or still happen: look before you ask again.")
    assert 28 < clock.passed_s <= 30
    assert (alpha.closed, faulty.posts) == ([], 1)


async def test_a_bot_that_dies_with_the_command_leaves_it_unknown(alpha: Alpha, faulty: FaultyLine) -> None:
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=clock.now, sleep=clock.sleep) as far:
        asking = asyncio.create_task(far.execute(rebalance()))
        await alpha.rebalancing.wait()
        await faulty.go_down()
        result = await asking
        await faulty.come_up()
    alpha.may_rebalance.set()
    assert result.outcome is Outcome.UNKNOWN


async def test_what_still_runs_when_the_time_is_up_is_unknown_in_the_bots_words(
    alpha: Alpha, faulty: FaultyLine
) -> None:
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=clock.now, sleep=clock.sleep) as far:
        asking = asyncio.create_task(far.execute(rebalance()))
        await alpha.rebalancing.wait()
        await faulty.go_down()
        await faulty.come_up()
        result = await asking
    alpha.may_rebalance.set()
    assert (result.outcome, result.message) == (Outcome.UNKNOWN, "It is still running.")


async def test_a_command_to_a_bot_that_is_not_there_surely_did_not_happen(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=clock.now, sleep=clock.sleep) as far:
        result = await far.execute(close())
        with pytest.raises(Unreachable, match="connection refused"):
            await far.recall(result.command_id)
        with pytest.raises(Unreachable, match="connection refused"):
            await far.preview(close())
    await faulty.come_up()
    assert result.outcome is Outcome.FAILED
    assert result.message == "alpha could not be reached (connection refused). Nothing was sent."


async def test_a_bot_that_comes_back_in_time_still_gets_the_command(alpha: Alpha, faulty: FaultyLine) -> None:
    await faulty.go_down()
    tries = 0

    async def patience(seconds: float) -> None:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        if tries == 5:
            await faulty.come_up()

    command = close()
    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=patience) as far:
        result = await far.execute(command)
    assert result.outcome is Outcome.PARTIAL
    assert alpha.closed == [command.id]


async def test_a_command_that_is_too_late_is_not_waited_with(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=clock.now, sleep=hurry) as far:
        result = await far.execute(close().model_copy(update={"not_after": NOW - timedelta(seconds=1)}))
    await faulty.come_up()
    assert (result.outcome, clock.slept) == (Outcome.FAILED, [])


async def test_a_command_that_json_cannot_say_is_not_sent(alpha: Alpha, faulty: FaultyLine) -> None:
    command = Custom(
        id=UUID(int=7), by="ada", not_after=NOW + timedelta(seconds=30), custom="tune", values={"by": object()}
    )
    async with RemoteBot("alpha", faulty.url, now=Clock().now, sleep=hurry) as far:
        result = await far.execute(command)
    assert result.outcome is Outcome.FAILED
    assert result.message == "custom holds a value that cannot be written as JSON. Nothing was done."
    assert faulty.posts == 0


# ------------------------------------------------------------------------ away and back


async def test_the_last_facts_stay_while_the_bot_is_away(alpha: Alpha, faulty: FaultyLine) -> None:
    clock = Clock()
    async with RemoteBot("alpha", faulty.url, now=lambda: NOW, sleep=clock.sleep) as far, far.follow() as events:
        await heard(events, 1)
        await faulty.go_down()
        gone = await the_next(events, Noted)
        before = alpha.newest()
        assert far.snapshot() == before
        alpha.publish(facts(position("sol")))
        await faulty.come_up()
        told = await heard(events, 3)
    assert gone == warning("alpha does not answer. What is shown is the last that it said.")
    assert told == [
        warning("alpha is back after 0 s."),
        SnapshotTaken(alpha.newest()),
        PositionChanged("alpha", before.position("eth"), None),
    ]


async def test_a_bot_that_is_away_is_tried_for_ever_ever_more_seldom(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with (
        RemoteBot("alpha", faulty.url, now=clock.now, sleep=clock.sleep) as far,
        far.follow() as events,
    ):
        told = [await the_next(events, Noted)]
        await clock.has_slept(20)
        await faulty.come_up()
        told.append(await the_next(events, Noted))
    assert [note.message.split(" after")[0] for note in told] == [
        "alpha does not answer. What is shown is the last that it said.",
        "alpha is back",
    ]
    waited = clock.slept[:20]
    assert all(later > earlier / 2 for earlier, later in pairwise(waited))
    assert 0.05 <= waited[0] <= 0.1
    assert LONGEST_RETRY_S / 2 <= waited[19] <= LONGEST_RETRY_S


async def test_a_bot_that_goes_again_is_tried_at_once_again(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with (
        RemoteBot("alpha", faulty.url, now=clock.now, sleep=clock.sleep) as far,
        far.follow() as events,
    ):
        await the_next(events, Noted)
        await clock.has_slept(20)
        await faulty.come_up()
        await the_next(events, Noted)
        before = len(clock.slept)
        await faulty.go_down()
        await the_next(events, Noted)
        await clock.has_slept(before + 2)
        await faulty.come_up()
    assert max(clock.slept[before : before + 2]) <= 0.2


async def test_a_restarted_bot_is_told_with_what_changed_meanwhile(alpha: Alpha, faulty: FaultyLine) -> None:
    async with (
        RemoteBot("alpha", faulty.url, now=lambda: NOW, sleep=hurry) as far,
        far.follow() as events,
        AsyncExitStack() as later,
    ):
        await shows(far, alpha.newest())
        await heard(events, 1)
        await faulty.go_down()
        await the_next(events, Noted)
        again = Alpha()
        again.publish(facts(position("sol"), timeline=[line("Started.")]))
        server = await later.enter_async_context(ControlServer(again, listen="127.0.0.1:0"))
        faulty.upstream = server.url
        await faulty.come_up()
        told = await heard(events, 5)
    assert told == [
        warning("alpha is back after 0 s."),
        SnapshotTaken(again.newest()),
        warning("alpha was restarted."),
        PositionChanged("alpha", alpha.newest().position("eth"), None),
        Noted("alpha", NOW, EventCategory.EXECUTION, "Started."),
    ]


async def test_lines_of_the_timeline_are_told_once(alpha: Alpha, faulty: FaultyLine) -> None:
    async with RemoteBot("alpha", faulty.url, now=lambda: NOW, sleep=hurry) as far, far.follow() as events:
        alpha.publish(facts(timeline=[line("one"), line("two")]))
        await shows(far, alpha.newest())
        alpha.publish(facts(timeline=[line("two"), line("two"), line("three", "warning")]))
        await shows(far, alpha.newest())
        alpha.publish(facts(timeline=[line("three", "warning"), line("four")]))
        told = [(await the_next(events, Noted)).message]
        while told[-1] != "four":
            told.append((await the_next(events, Noted)).message)
    assert told[-3:] == ["two", "three", "four"]


async def test_a_bot_without_facts_is_there_all_the_same() -> None:
    alpha = Alpha()
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, RemoteBot("alpha", server.url) as far:
        assert (await far.execute(close().model_copy(update={"not_after": NOW}))).outcome is Outcome.PARTIAL
        assert far.snapshot() is None
        alpha.publish(facts())
        await shows(far, alpha.newest())


# ------------------------------------------------------------- the wrong door, the wrong bot


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_a_wrong_token_says_what_to_do(alpha: Alpha, token: str | None) -> None:
    what_to_do = (
        "alpha does not accept our token. Give both ends the same: "
        "token or token_file of alpha here, the token of its control API there."
    )
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        RemoteBot("alpha", server.url, token, now=lambda: NOW, sleep=hurry) as far,
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


async def test_another_bot_at_the_address_is_refused_loudly(caplog: pytest.LogCaptureFixture) -> None:
    beta = Alpha("beta")
    beta.publish(facts())
    async with (
        ControlServer(beta, listen="127.0.0.1:0") as server,
        RemoteBot("älpha", server.url, now=lambda: NOW, sleep=hurry) as far,
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
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_what_is_no_control_api_leaves_a_command_unknown() -> None:
    clock = Clock()
    async with (
        whatever_answers(b"hello") as url,
        RemoteBot("alpha", url, now=clock.now, sleep=clock.sleep) as far,
    ):
        result = await far.execute(close())
        with pytest.raises(Unreachable, match="no control API that we understand"):
            await far.recall(result.command_id)
    assert result.outcome is Outcome.UNKNOWN


async def test_facts_of_another_bot_are_never_shown() -> None:
    beta = Alpha("beta")
    beta.publish(facts())
    async with (
        whatever_answers(encode_snapshot(beta.newest())) as url,
        RemoteBot("alpha", url, now=lambda: NOW, sleep=hurry) as far,
        far.follow() as events,
    ):
        told = await the_next(events, Noted)
        assert far.snapshot() is None
    assert told.message.startswith(f"Another bot answers at {url}: This is beta, not alpha.")


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
        RemoteBot("alpha", server.url, now=clock.now, sleep=clock.sleep) as far,
    ):
        assert (await far.execute(close())).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("url", ["", "alpha", "ftp://alpha", "unix:relative", "unix://", "unix:///", "http://"])
def test_a_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="the url of a bot is http://host:port or unix:///path"):
        RemoteBot("alpha", url)


async def test_a_far_bot_that_was_not_entered_says_so() -> None:
    with pytest.raises(RuntimeError, match="use `async with`"):
        await RemoteBot("alpha", "http://127.0.0.1:8000").execute(close())
