"""What became of a command that nobody heard the end of: learnt when the bot can be asked, and told once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from bot_integration.commands import Command, CommandResult, Outcome
from bot_integration.control import ControlServer, RemoteBot
from bot_integration.control.late_answers import ASKED_FOR_S, ON_ITS_WAY_S
from bot_integration.events import CommandFinished, Event, Noted
from tests.bot_integration.control.alpha import Alpha, close, facts, pause, rebalance, shows
from tests.bot_integration.control.clock import Clock
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.bot_integration.control.remote import by_clock, the_next

#: What ends the story in a test: all that was told before it has been heard.
THE_END = "That is all."


async def ends_told(alpha: Alpha, events: AsyncIterator[Event]) -> list[Event]:
    """The ends of commands that were told until now."""
    alpha.note(THE_END)
    told: list[Event] = []
    async with asyncio.timeout(30):
        async for event in events:
            if isinstance(event, Noted) and event.message == THE_END:
                return told
            told += [event] if isinstance(event, CommandFinished) else []
    raise AssertionError("the bus has no end")


async def left_unknown(far: RemoteBot, command: Command, alpha: Alpha, faulty: FaultyLine) -> CommandResult:
    """The line breaks while the bot works, and the bot works for longer than anybody waits."""
    asking = asyncio.create_task(far.execute(command))
    await alpha.rebalancing.wait()
    await faulty.cut()
    return await asking


async def test_an_end_that_the_stream_does_not_tell_is_asked_for(alpha: Alpha, faulty: FaultyLine) -> None:
    command = rebalance()
    async with by_clock(faulty.url, Clock()) as far, far.follow() as events:
        await shows(far, alpha.newest())
        faulty.mute_streams = True
        result = await left_unknown(far, command, alpha, faulty)
        alpha.may_rebalance.set()
        told = await the_next(events, CommandFinished)
        faulty.mute_streams = False
        await faulty.cut()
        again = await ends_told(alpha, events)
    assert result.outcome is Outcome.UNKNOWN
    assert (told.command, told.result.outcome, told.result.message) == (command, Outcome.DONE, "Balanced.")
    assert again == []


async def test_an_end_that_the_stream_tells_is_told_once(alpha: Alpha, faulty: FaultyLine) -> None:
    command = rebalance()
    async with by_clock(faulty.url, Clock()) as far, far.follow() as events:
        await shows(far, alpha.newest())
        result = await left_unknown(far, command, alpha, faulty)
        alpha.may_rebalance.set()
        told = await the_next(events, CommandFinished)
        assert (await far.execute(command)).outcome is Outcome.DONE
        again = await ends_told(alpha, events)
    assert (result.outcome, told.result.outcome, again) == (Outcome.UNKNOWN, Outcome.DONE, [])


async def test_what_never_reached_the_bot_is_told_once_it_cannot_any_more(alpha: Alpha, faulty: FaultyLine) -> None:
    clock = Clock()
    command = close()
    async with by_clock(faulty.url, clock) as far, far.follow() as events:
        await shows(far, alpha.newest())
        faulty.lose_requests = True
        result = await far.execute(command)
        told = await the_next(events, CommandFinished)
        passed_s = clock.passed_s
        again = await ends_told(alpha, events)
    assert result.outcome is Outcome.UNKNOWN
    assert (told.command, told.result.outcome) == (command, Outcome.FAILED)
    assert told.result.message == "It never reached the bot. Nothing was done."
    assert passed_s > 30 + ON_ITS_WAY_S
    assert (again, alpha.closed) == ([], [])


async def test_a_bot_that_was_started_anew_is_never_said_to_have_done_nothing(alpha: Alpha, faulty: FaultyLine) -> None:
    again = Alpha()
    again.publish(facts())
    async with (
        by_clock(faulty.url, Clock()) as far,
        far.follow() as events,
        ControlServer(again, listen="127.0.0.1:0") as server,
    ):
        await shows(far, alpha.newest())
        faulty.lose_answers = True
        asking = asyncio.create_task(far.execute(rebalance()))
        await alpha.rebalancing.wait()
        faulty.upstream = server.url
        await faulty.cut()
        result = await asking
        await shows(far, again.newest())
        told = await ends_told(again, events)
    alpha.may_rebalance.set()
    assert (result.outcome, told) == (Outcome.UNKNOWN, [])


async def test_it_is_asked_for_an_hour_ever_more_seldom(alpha: Alpha, faulty: FaultyLine) -> None:
    clock = Clock()
    given_up = asyncio.Event()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "will not be known" in record.getMessage():
                given_up.set()

    ear = Ear()
    logging.getLogger("bot_integration.control.late_answers").addHandler(ear)
    try:
        async with by_clock(faulty.url, clock) as far:
            asking = asyncio.create_task(far.execute(rebalance()))
            await alpha.rebalancing.wait()
            await faulty.go_down()
            result = await asking
            async with asyncio.timeout(60):
                await given_up.wait()
            passed_s = clock.passed_s
            await faulty.come_up()
    finally:
        logging.getLogger("bot_integration.control.late_answers").removeHandler(ear)
        alpha.may_rebalance.set()
    assert result.outcome is Outcome.UNKNOWN
    assert passed_s > ASKED_FOR_S


async def test_what_the_bot_itself_does_not_know_is_an_end(alpha: Alpha, faulty: FaultyLine) -> None:
    @alpha.on(type(pause()))
    async def lose_track(command: Command) -> CommandResult:
        return CommandResult(command_id=command.id, outcome=Outcome.UNKNOWN, message="The venue did not say.")

    async with by_clock(faulty.url, Clock()) as far, far.follow() as events:
        await shows(far, alpha.newest())
        result = await far.execute(pause())
        told = await ends_told(alpha, events)
    assert result.message == "The venue did not say."
    assert [event.result for event in told if isinstance(event, CommandFinished)] == [result]


# ------------------------------------------------------------------------ clocks that jump


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)], ids=["forward", "back"])
async def test_a_clock_that_is_set_neither_hurries_nor_holds_up_the_end(
    alpha: Alpha, faulty: FaultyLine, jump: timedelta
) -> None:
    faulty.lose_requests = True
    clock = Clock()

    async def ask(far: RemoteBot) -> tuple[CommandResult, float]:
        return await far.execute(close()), clock.passed_s

    async with by_clock(faulty.url, clock) as far:
        asking = asyncio.create_task(ask(far))
        await clock.has_slept(2)
        clock.jump(jump)
        result, passed_s = await asking
    assert result.outcome is Outcome.UNKNOWN
    assert 28 < passed_s <= 30


async def test_a_bot_whose_clock_is_set_back_is_followed_all_the_same(alpha: Alpha, faulty: FaultyLine) -> None:
    async with by_clock(faulty.url, Clock()) as far:
        await shows(far, alpha.newest())
        for jump in (timedelta(days=1), timedelta(days=-2)):
            alpha.publish(facts(metrics={"days": float(jump.days)}, at=alpha.newest().at + jump))
            await shows(far, alpha.newest())


async def test_a_stream_that_is_numbered_from_an_earlier_moment_is_followed_all_the_same(
    alpha: Alpha, faulty: FaultyLine
) -> None:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0") as earlier,
        ControlServer(alpha, listen="127.0.0.1:0") as later,
        by_clock(faulty.url, Clock()) as far,
    ):
        for server in (later, earlier, later, earlier):
            faulty.upstream = server.url
            await faulty.cut()
            alpha.publish(facts(metrics={"n": float(alpha.newest().seq)}))
            await shows(far, alpha.newest())
            assert (await far.recall(UUID(int=7))) is None
