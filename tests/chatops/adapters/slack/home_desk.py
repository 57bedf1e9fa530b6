"""What a desk knows, and the App Home that shows it on the strict server; by a clock of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.home import HomeTab
from chatops.home import Page
from chatops.messages import Paragraph
from chatops.people import Identity
from chatops.room import Room
from chatops.tasks import running
from tests.chatops.test_herald import Time
from tests.servers.common.bell import Bell
from tests.servers.slack import Person, SlackServer

PATIENCE_S = 30.0


class Desk:
    """What the desk knows, and the tab that shows it; by a clock of ours."""

    def __init__(self, server: SlackServer, time: Time) -> None:
        self.server = server
        self.time = time
        self.says = "PnL +1.00"
        self.strangers: set[str] = set()
        self.guests: set[str] = set()
        self.broken: set[str] = set()
        #: When a page was made, in that order.
        self.made: list[datetime] = []
        self._bell = Bell()
        self.api = SlackApi(server.base_url, server.bot_token)
        self.tab = HomeTab(
            self.api,
            lambda: self,
            known=lambda identity: identity,
            why_not=self.why_not,
            now=time.now,
            sleep=time.sleep,
        )

    def page(self, identity: Identity, room: Room) -> Page:
        self.made.append(self.time.now())
        self._bell.ring()
        if identity.id in self.broken:
            raise ValueError("no page")
        if identity.id in self.strangers:
            return self.closed()
        return Page("alpha", (Paragraph(self.says),), self.time.now())

    def closed(self) -> Page:
        return Page("I do not know you", (), self.time.now(), is_open=False)

    async def why_not(self, identity: Identity) -> str | None:
        return "a guest" if identity.id in self.guests else None

    def opens(self, person: Person) -> None:
        """As the adapter hears it."""
        shown = person.home.hash if person.home is not None else ""
        self.tab.opened(Identity("slack", person.id), Room("slack", person.id), shown)

    async def sees(self, person: Person, words: str) -> None:
        await self.server.wait_for(lambda: words in seen(person))

    async def looked(self, count: int) -> None:
        """Wait until so many pages were made in all."""
        assert await self._bell.until(lambda: len(self.made) >= count, PATIENCE_S), self.made

    async def later(self, by: timedelta) -> None:
        """Let that much time go by, and have the pages looked at."""
        await self.time.until_napping(1)
        self.time.pass_by(by.total_seconds())

    @property
    def gaps(self) -> list[timedelta]:
        """What lies between a page and the next."""
        return [after - before for before, after in pairwise(self.made)]

    @property
    def published(self) -> int:
        return len(self.server.calls_of("views.publish"))

    async def publishes(self, count: int) -> None:
        """Wait until so many pages were published in all."""
        await self.server.wait_for(lambda: self.published >= count)


async def told(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until it is in the log: then what went wrong was taken in."""
    async with asyncio.timeout(PATIENCE_S):
        while words not in caplog.text:  # noqa: ASYNC110 - it tells nobody here
            await asyncio.sleep(0.001)


def seen(person: Person) -> str:
    return str(person.home.blocks) if person.home is not None else ""


@asynccontextmanager
async def shown(server: SlackServer, time: Time) -> AsyncIterator[Desk]:
    desk = Desk(server, time)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(desk.api)
        await stack.enter_async_context(running(desk.tab.run(), "homes"))
        await stack.enter_async_context(running(desk.tab.tick(), "looking"))
        yield desk
