"""What is owed: in the database, and aside while that is away. Nothing is in one of the two alone and forgotten."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import UUID

from chatops.delivery.aside import Allowed, Aside
from chatops.delivery.beside import Beside, Nobody
from chatops.delivery.endings import Ending, Moves, Waits
from chatops.delivery.noting import note
from chatops.guard.presses import StoredPress
from chatops.lasting import Lasting
from chatops.owed import Owed
from chatops.storage.deliveries import Claimed, Claims, Deliveries
from chatops.storage.errors import DatabaseAway
from chatops.storage.spool import Spool
from chatops.tasks import first_of

log = logging.getLogger(__name__)

ValueT = TypeVar("ValueT")
Storing: TypeAlias = Callable[[], Awaitable[ValueT]]

#: So often what is aside is carried again, where more came of it meanwhile.
_TIMES = 10
#: Between two looks whether the database is back.
LOOK_EVERY_S = 5.0


class Book:
    """Stores what is owed before it is sent, hands it out, and notes what came of it.

    Once PostgreSQL has failed nobody asks it but `run`: all goes aside, so that no alarm waits for a server that hangs.
    When it is back, what was aside is carried into the table before anything is handed out from there, and what of the
    table is in doubt is settled, so that nothing goes out twice.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        spool: Spool,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        beside: Beside | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._beside = beside or Nobody()
        self._beside.when_lost(self.lost)
        self._aside = Aside(spool, now)
        self._now = now
        self._sleep = sleep
        #: Whether the database is there, as far as we know; not before what the last run left on disk is carried.
        self._is_here = False
        self._was_asked = False
        #: Whether it is, and only what is on its way from aside is waited for.
        self._is_draining = False
        #: Statements that were sent and have not been answered.
        self._asking = 0
        #: What was handed out from the table, until what became of it is noted; how often each was tried.
        self._in_hand: dict[UUID, int] = {}
        #: What is being stored, and whether it was handed out before that was answered.
        self._storing: dict[UUID, bool] = {}
        #: What another message may or may not stand for: not to be tried before that is known.
        self._in_doubt: set[UUID] = set()
        #: What came of those, for when it is known.
        self._unnoted: list[tuple[Owed, Ending]] = []
        self._carrying = asyncio.Lock()
        self._away = Lasting(log, "the database is away, and what is owed is kept on disk")
        self._look = asyncio.Event()

    @property
    def is_here(self) -> bool:
        """Whether the database is there, as far as anybody here knows."""
        return self._is_here and self._beside.is_here

    async def run(self, is_back: Callable[[], None]) -> None:
        """Look after the database while it is away, until cancelled; calls `is_back` each time that it is there."""
        while True:
            self._look.clear()
            if not self.is_here and await self._returns():
                is_back()
            if self.is_here:
                await self._look.wait()
            else:
                await first_of(self._look.wait(), self._sleep(LOOK_EVERY_S))

    def lost(self, error: DatabaseAway | None = None) -> None:
        """Somebody met it away: nothing more is asked of it until it is back. None where the ledger has told us."""
        self._is_here = False
        if error is not None:
            self._away.met(error)
            self._beside.lost(error)
        self._look.set()

    def look(self) -> None:
        """See at once whether it is back."""
        self._look.set()

    async def owe(self, owed: Sequence[Owed], minted: Sequence[StoredPress] = ()) -> None:
        """Store messages, in their order. They will go out, whatever stops."""
        await self.owe_by(owed, lambda: self._deliveries.store(owed, minted))

    async def owe_by(
        self, owed: Sequence[Owed], storing: Storing[ValueT], aside: Storing[None] | None = None
    ) -> ValueT | None:
        """What `storing` gives, which stores these too; None where they are set aside, after the rest by `aside`."""
        if not self._was_asked:
            await self._returns()
        self._storing.update({one.id: False for one in owed})
        try:
            if self._is_here:
                async with self._statement():
                    return await storing()
        except DatabaseAway as error:
            log.debug("owed without a database: %s", error)
        finally:
            met = {one.id for one in owed if self._storing.pop(one.id, False)}
        if aside is not None:
            await aside()
        for one in owed:
            # It may have been stored all the same, and handed out before we were told that it was not; or be by now.
            if one.id not in met and (aside is None or not self._is_here):
                await self._aside.add(one)
        return None

    async def owe_first(self, owed: Owed, minted: Sequence[StoredPress]) -> Claimed | None:
        """Store a message, and claim it where nothing stands before it in its chat; None where it waits."""
        claimed = await self.owe_by([owed], lambda: self._deliveries.store_first(owed, minted, self._now()))
        if claimed is not None:
            self._in_hand[owed.id] = claimed.attempts
        return claimed

    async def claim(self, platform: str, allowed: Allowed) -> Claims:
        """What may go out now, the most urgent first."""
        if self._is_here:
            try:
                async with self._statement():
                    claims = await self._deliveries.claim(
                        platform,
                        now=self._now(),
                        limit=allowed.limit,
                        busy=allowed.busy,
                        urgent_only=allowed.urgent_only,
                        all_urgent_only=allowed.all_urgent_only,
                    )
                    for one in claims.claimed:
                        self._in_hand[one.owed.id] = one.attempts
                        if one.owed.id in self._storing:
                            self._storing[one.owed.id] = True
                    return claims
            except DatabaseAway:
                log.debug("handed out from what is aside")
        if self._is_draining:
            return Claims((), None)
        return await self._aside.claim(platform, allowed)

    async def waiting(self, first: Owed) -> list[Claimed]:
        """What waits behind it and could be folded; nothing while the database is away."""
        if not self._is_here or first.id in self._aside:
            return []
        try:
            async with self._statement():
                return await self._deliveries.waiting(first)
        except DatabaseAway:
            return []

    async def fold(self, into: Owed, of: Sequence[UUID]) -> bool:
        """Have one message stand for others. False where there is nothing left to stand for.

        Raises `DatabaseAway`: then nobody knows, and neither it nor any of them goes before that is known.
        """
        self._in_hand[into.id] = 1
        folded = False
        try:
            async with self._statement():
                folded = bool(await self._deliveries.fold(into, of, self._now()))
        except DatabaseAway:
            self._in_doubt.update(of)
            raise
        finally:
            if not folded:
                del self._in_hand[into.id]
        for one in of if folded else ():
            self._in_hand.pop(one, None)
        return folded

    async def note(self, owed: Owed, ending: Ending) -> None:
        """What came of a try to send."""
        if owed.id in self._aside:
            await self._aside.note(owed, ending)
            if not self._aside.is_out:
                self._look.set()
            return
        attempts = self._in_hand.get(owed.id, 1)
        if not self._was_asked:
            await self._returns()
        if self._is_here:
            with suppress(DatabaseAway):
                async with self._statement():
                    await note(self._deliveries, owed, ending, self._now())
                self._in_hand.pop(owed.id, None)
                return
        await self._note_aside(owed, ending, attempts)

    async def carry(self) -> None:
        """Bring what is aside into the database, and settle what is in doubt there. Raises `DatabaseAway`."""
        async with self._carrying:
            try:
                await self._beside.carry()
                for _ in range(_TIMES):
                    if self._is_here:
                        return
                    await self._carry_once()
            finally:
                self._was_asked = True
        if not self._is_here:
            raise DatabaseAway("more is set aside all the time")

    async def _carry_once(self) -> None:
        if self._asking:
            raise DatabaseAway("what it was asked has to be answered first")
        if self._aside.is_out:
            # Where it is there, nothing more is sent from aside.
            await self._deliveries.take_back(self._in_hand)
            self._is_draining = True
            raise DatabaseAway("what is on its way has to arrive first")
        changes = self._aside.changes
        records = await self._aside.records()
        if records:
            await self._deliveries.carry(records, self._now())
        # What was claimed, and never heard of here.
        await self._deliveries.take_back(self._in_hand)
        while self._unnoted:
            await self._note_once_more(*self._unnoted.pop())
        if self._aside.changes != changes:
            # Carried again it is brought to how it is now.
            return
        await self._aside.clear()
        if self._aside.changes != changes:
            return
        self._in_doubt.clear()
        self._is_here, self._is_draining = True, False
        self._away.over()
        if records:
            log.info("carried %s messages into the database", len(records))

    async def _returns(self) -> bool:
        try:
            await self.carry()
        except DatabaseAway as error:
            self._is_draining = self._is_draining and self._aside.is_out
            self._away.met(error)
        except Exception:
            log.exception("what is aside could not be carried into the database")
        return self.is_here

    @asynccontextmanager
    async def _statement(self) -> AsyncIterator[None]:
        """Something is asked of the database; where it is away, nothing more is until it is back."""
        if not self._is_here:
            raise DatabaseAway("it was away just now")
        self._asking += 1
        try:
            yield
        except DatabaseAway as error:
            self.lost(error)
            raise
        finally:
            self._asking -= 1
            if not self.is_here:
                self._look.set()

    async def _note_aside(self, owed: Owed, ending: Ending, attempts: int) -> None:
        if owed.id in self._in_doubt:
            # It goes again if the table says so. Where we are stopped before, its row is found as it is.
            self._unnoted.append((owed, ending))
            return
        if isinstance(ending, Waits | Moves):
            await self._aside.take_over(owed, attempts, ending)
        else:
            await self._aside.jot(owed, ending)
        self._in_hand.pop(owed.id, None)
        log.info("what became of %s is noted aside", owed.id)

    async def _note_once_more(self, owed: Owed, ending: Ending) -> None:
        try:
            await note(self._deliveries, owed, ending, self._now())
        except DatabaseAway:
            self._unnoted.append((owed, ending))
            raise
        except Exception:
            # It must not keep all the others away for ever.
            log.exception("what became of %s cannot be noted", owed.id)
        self._in_hand.pop(owed.id, None)
