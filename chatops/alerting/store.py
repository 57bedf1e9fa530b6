"""Alerts stored together with the messages that tell of them (`alerts.store.AlertStore`)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from alerts.model import Advance, Alert
from alerts.silence import Silence
from alerts.store import Open, StoreAway
from alerts.why import Why
from chatops.alerting.cards import Buttons
from chatops.alerting.drafting import Drafted, Drafting
from chatops.guard.presses import StoredPress
from chatops.storage.alert_voices import voices
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.lasting_alerts import LastingAlerts

ValueT = TypeVar("ValueT")

#: So many steps are one transaction: nobody else here waits longer than it takes to word these.
AT_ONCE = 25
_WORSE = frozenset({Why.FIRED, Why.ROSE, Why.WORSENED})


class TellingStore:
    """Each step of an alert, and what rooms are owed because of it: one transaction, and then it goes out.

    While the database is away both are on disk, and it goes out all the same.
    """

    def __init__(
        self,
        kept: LastingAlerts,
        database: Database,
        drafting: Drafting,
        buttons: Buttons,
        *,
        remember: Callable[[Sequence[StoredPress]], None] = lambda minted: None,
        alerted: Callable[[str], None] = lambda bot: None,
    ) -> None:
        """`remember` keeps in mind what buttons stand for: they are pressed while the database is away, too.

        `alerted` is told of each bot something is said to have gone wrong with, or to have become worse.
        """
        self._kept = kept
        self._database = database
        self._drafting = drafting
        self._buttons = buttons
        self._remember = remember
        self._alerted = alerted

    async def take_over(self) -> int:
        """Be the worker from now on."""
        return await _asked(self._kept.take_over)

    async def load(self) -> Sequence[Open]:
        """All that stand, oldest first; and which of their messages has the buttons."""
        stored = await _asked(self._kept.load)
        self._buttons.learn(await _asked(lambda: voices(self._database, [one.alert.id for one in stored])))
        return stored

    async def last_number(self) -> int:
        """The highest number that an alert was ever given."""
        return await _asked(self._kept.last_number)

    async def silences(self) -> Sequence[Silence]:
        """Those in force and to come."""
        return await _asked(self._kept.silences)

    async def advance(self, fence: int, advances: Sequence[Advance]) -> Mapping[UUID, Alert]:
        """Store these steps, each whole with what it tells, and have that sent.

        Of very many the first are stored, and on their way, before the last are worded: they are the worst.
        """
        stored: dict[UUID, Alert] = {}
        # What quiet hours held is told as one.
        is_morning = any(telling.why == Why.QUIET_OVER for one in advances for telling in one.tellings)
        at_once = len(advances) if is_morning else AT_ONCE
        for start in range(0, max(len(advances), 1), at_once):
            some = advances[start : start + at_once]
            drafted = self._drafting.draft(some)
            for bot in {one.alert.key.bot for one in some if any(telling.why in _WORSE for telling in one.tellings)}:
                self._alerted(bot)
            stored |= await _asked(partial(self._store, fence, some, drafted))
        return stored

    async def _store(self, fence: int, advances: Sequence[Advance], drafted: Drafted) -> dict[UUID, Alert]:
        stored = await self._kept.advance(fence, advances, drafted.owed, drafted.minted, drafted.carriers)
        self._remember(drafted.minted)
        return stored


async def _asked(ask: Callable[[], Awaitable[ValueT]]) -> ValueT:
    try:
        return await ask()
    except DatabaseAway as error:
        raise StoreAway(str(error)) from error
