"""A far bot by a test's clock, and what it says."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from bot_integration.control import RemoteBot
from bot_integration.control.line import Line
from bot_integration.events import Event, Noted
from bot_integration.state import EventCategory
from tests.bot_integration.control.alpha import NOW
from tests.bot_integration.control.clock import Clock

EventT = TypeVar("EventT")


def by_clock(url: str, clock: Clock, *, name: str | None = "alpha", line: Line | None = None) -> RemoteBot:
    """It waits by the clock, and so for no time at all."""
    return RemoteBot(name, url, line=line, now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep)


def warning(message: str) -> Noted:
    return Noted("alpha", NOW, EventCategory.WARNING, message)


async def the_next(events: AsyncIterator[Event], kind: type[EventT]) -> EventT:
    """The next event of this kind."""
    async with asyncio.timeout(30):
        async for event in events:
            if isinstance(event, kind):
                return event
    raise AssertionError("the bus has no end")
