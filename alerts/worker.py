"""The one worker: has what changes decided and stored, until another takes over."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from alerts.bookkeeping import Bookkeeping, NotStored
from alerts.change import Change
from alerts.deciding import Deciding
from alerts.engine import Engine
from alerts.model import Advance, Alert, Target
from alerts.roster import Roster
from alerts.silence import Silence
from alerts.store import AlertStore, Overtaken, StoreAway
from alerts.terms import Terms

log = logging.getLogger(__name__)


class Worker:
    """Takes steps, one at a time: whoever calls sees to that."""

    def __init__(
        self,
        engine: Engine,
        store: AlertStore,
        roster: Roster,
        *,
        terms: Callable[[], Mapping[str, Terms]],
        now: Callable[[], datetime],
        bots: Collection[str],
    ) -> None:
        """`bots` are those that are watched: what is stored of others ends at the start."""
        self._engine = engine
        self._store = store
        self._now = now
        self._bots = bots
        self._books = Bookkeeping(store, now)
        self._deciding = Deciding(engine, roster, terms)
        self._knows_silences = True
        self._not_stored = 0
        #: Another one has taken over: nothing is told from here any more.
        self.is_over = False
        #: When what was due was last decided and stored.
        self.escalated_at: datetime | None = None

    @property
    def waiting(self) -> int:
        """Steps that wait in memory for the store."""
        return self._books.waiting

    @property
    def away_since(self) -> datetime | None:
        """Since when the store does not answer."""
        return self._books.away_since

    @property
    def untold(self) -> int:
        """Steps that could not be decided or stored, and are tried again."""
        return self._not_stored + self._deciding.broke

    def silence_of(self, alert: Alert) -> Silence | None:
        """What holds back this alert now, as far as silences are known; None where none does."""
        return self._deciding.silence_of(alert, self._now())

    def next_at(self) -> datetime | None:
        """When the next telling is due by time alone; one that lies behind is late."""
        return self._deciding.next_at()

    async def begin(self) -> None:
        """Take over, and go on from what is stored. Raises `StoreAway`."""
        await self._books.begin()
        await self._load()

    async def step(self, changes: Iterable[Change], now: datetime) -> None:
        """Tell what is to be told of these, and of whatever is due; stored, or waiting for the store, at the end."""
        if await self._have_stored(self._deciding.decide(changes, now)):
            self.escalated_at = now

    async def stand_in(self, lost: Collection[Target], now: datetime) -> None:
        """Tell others in place of those who are not reached."""
        await self._have_stored(self._deciding.stand_in(lost, now))

    async def learn_silences(self) -> None:
        """Take in the silences as they are now; if the store is away, as soon as `catch_up` finds it back."""
        self._knows_silences = False
        try:
            await self._learn_silences()
        except StoreAway as error:
            log.warning("silences could not be looked at, the store is away: %s", error)

    async def catch_up(self) -> None:
        """Have stored what waits, if the store is back; silences may have been made elsewhere meanwhile."""
        if self._books.away_since is not None:
            self._knows_silences = False
            if not await self._stored(self._books.flush):
                return
        if not self._knows_silences:
            try:
                await self._learn_silences()
            except StoreAway as error:
                log.debug("silences are still not known: %s", error)

    # ------------------------------------------------------------------------ inside

    async def _have_stored(self, advances: Sequence[Advance]) -> bool:
        if self.is_over:
            return False
        return not advances or await self._stored(lambda: self._books.note(advances))

    async def _stored(self, store: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await store()
        except Overtaken as error:
            await self._overtaken(error)
        except NotStored as error:
            self._not_stored += len(error.alerts)
            await self._put_back(error.alerts)
        return False

    async def _overtaken(self, error: Overtaken) -> None:
        try:
            if not await self._books.is_worker():
                log.error("alerts are watched by another worker now, this one ends: %s", error)
                self.is_over = True
                return
            log.warning("alerts are loaded again: %s", error)
            await self._load()
        except StoreAway as away:
            # What is in memory stands until then; what it stores is refused again, and loaded then.
            log.warning("alerts could not be loaded again, their store is away: %s", away)

    async def _put_back(self, alerts: Collection[UUID]) -> None:
        """To what is on record of these: what was not stored is not told, and found anew."""
        try:
            stored = {one.alert.id: one for one in await self._store.load()}
        except StoreAway as away:
            log.warning("alerts could not be put back, their store is away: %s", away)
            return
        now = self._now()
        for alert in alerts:
            self._engine.put_back(alert, stored.get(alert), now)
        self._deciding.look_again(alerts, now)

    async def _load(self) -> None:
        last, stored = await self._store.last_number(), await self._store.load()
        await self._learn_silences()
        now = self._now()
        self._engine.adopt(stored, last, now)
        self._deciding.begin()
        await self._books.note(self._deciding.decide(self._engine.keep(self._bots, now), now))

    async def _learn_silences(self) -> None:
        self._deciding.learn(await self._store.silences())
        self._knows_silences = True
