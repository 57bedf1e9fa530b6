"""A desk that runs, and how long it does."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from chatops.fleet import Fleet
from chatops.parts import Desk
from chatops.storage.claim import Claim
from chatops.storage.database import Database
from chatops.storage.delivery_search import DeliverySearch
from chatops.storage.errors import DatabaseAway
from chatops.tasks import first_of

#: At the end: for what is owed, and between two looks whether it is.
LAST_WORDS_S, LAST_LOOK_S = 2.0, 0.1


class Deaths:
    """The first of the parts that died, of those that run as long as the desk."""

    def __init__(self) -> None:
        self._first: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    def note(self, error: BaseException) -> None:
        """One died of this."""
        if not self._first.done():
            self._first.set_result(error)

    async def wait(self) -> None:
        """Until one dies; raises what it died of."""
        raise await asyncio.shield(self._first)


@dataclass(frozen=True, slots=True)
class Open:
    """A desk that runs."""

    desk: Desk
    fleet: Fleet
    database: Database
    claim: Claim
    deaths: Deaths

    async def lost(self) -> None:
        """Wait until it is not whole any more: another one has the database, or a part died. Raises why."""
        await first_of(self.claim.lost(), self.deaths.wait())

    async def said(self) -> None:
        """Wait, for a moment at most, until what happened up to now has been told."""
        search = DeliverySearch(self.database)
        # Without the database what is owed stays on disk, and goes out at the next start.
        with suppress(TimeoutError, DatabaseAway):
            async with asyncio.timeout(LAST_WORDS_S):
                # What followers have just heard is owed within the first wait.
                await asyncio.sleep(LAST_LOOK_S)
                while any(one.count for one in await search.waiting()):  # noqa: ASYNC110 - the database sets no event
                    await asyncio.sleep(LAST_LOOK_S)
