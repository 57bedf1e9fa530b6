"""A bot that breaks or hangs, as the desk holds it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot_integration import Command, CommandResult, Event, Outcome, Ping, Preview, Refused, Snapshot, Unreachable
from chatops.fleet import Fleet
from chatops.steady import Steady
from tests.chatops.notices.looks import look


class Broken:
    """A bot that raises whatever it is asked, once it has spoken."""

    name = "gamma"

    def __init__(self, error: Exception, facts: Snapshot | None = None) -> None:
        self.error = error
        self.facts = facts

    def snapshot(self) -> Snapshot | None:
        facts, self.facts = self.facts, None
        if facts is None:
            raise self.error
        return facts

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        raise self.error

    async def execute(self, command: Command) -> CommandResult:
        raise self.error

    async def recall(self, command: UUID) -> CommandResult | None:
        raise self.error

    async def preview(self, command: Command) -> Preview | None:
        raise self.error


def ping() -> Ping:
    return Ping(id=uuid4(), by="ada", not_after=datetime.now(UTC) + timedelta(seconds=30))


def test_its_last_good_facts_stay_and_grow_old(caplog: pytest.LogCaptureFixture) -> None:
    facts = look()
    bot = Steady(Broken(ZeroDivisionError("inside"), facts))
    assert [bot.snapshot() for _ in range(3)] == [facts] * 3
    assert caplog.text.count("cannot be looked at") == 1


def test_one_that_never_spoke_is_silent_and_keeps_nobody_from_the_others() -> None:
    fleet = Fleet([Broken(ZeroDivisionError("inside"))])
    assert [snapshot for _, snapshot in fleet.snapshots()] == [None]
    assert fleet.silent() == ("gamma",)


async def test_what_breaks_is_an_answer_and_never_called_failed() -> None:
    bot = Steady(Broken(ZeroDivisionError("inside")))
    result = await bot.execute(ping())
    assert (result.outcome, result.message) == (Outcome.UNKNOWN, "gamma broke on this. Look before you ask again.")
    with pytest.raises(Unreachable, match="gamma broke on being asked"):
        await bot.preview(ping())
    with pytest.raises(Unreachable, match="gamma broke on being asked"):
        await bot.recall(uuid4())


@pytest.mark.parametrize("error", [Refused("No."), Unreachable("Away.")])
async def test_what_the_port_allows_comes_through(error: Exception) -> None:
    bot = Steady(Broken(error))
    with pytest.raises(type(error), match=str(error)):
        await bot.preview(ping())
