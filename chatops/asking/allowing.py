"""Whether an ask may be made at this moment: what stands against it is answered, and on record."""

import logging
from collections.abc import Callable
from datetime import datetime

from chatops.asking.clerk import Clerk
from chatops.asking.visit import Visit
from chatops.asks import Ask
from chatops.guard.audit import Asked, StepName
from chatops.guard.limits import Limits
from chatops.guard.permissions import Allowed, Permissions
from chatops.ledger import Ledger
from chatops.patience import Patience
from chatops.people import Directory
from chatops.views import answers

log = logging.getLogger(__name__)


class Allowing:
    """Knows the limits, what everybody may, and how old an ask may be."""

    def __init__(
        self,
        *,
        clerk: Clerk,
        ledger: Ledger,
        directory: Directory,
        permissions: Permissions,
        limits: Limits,
        now: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        self._clerk = clerk
        self._ledger = ledger
        self._directory = directory
        self._permissions = permissions
        self._limits = limits
        self._now = now
        self._patience = patience

    async def is_too_much(self, visit: Visit, asked: Asked, ask: Ask | None, *, is_new: bool = True) -> bool:
        """Whether it is over a limit: then it is denied, and answered the first time. It counts from now on.

        `ask` is None where none was made; not `is_new` is what settles an ask that was counted.
        """
        terms = self._permissions.policy.terms(ask) if ask is not None else None
        over = self._limits.take(visit.person, ask, terms, is_new=is_new)
        if over is None:
            return False
        log.info("over the limit of %s: %s", over.what, visit.person.name)
        if over.is_first:
            data = {"reason": "limit", "answer": (message := answers.too_many(over)).title}
            await self._clerk.answer(visit, asked, message, (StepName.DENIED, data), new=True, alone=True)
        else:
            await self._clerk.leave_unanswered(visit, asked, "limit")
        return True

    async def may(self, visit: Visit, asked: Asked, ask: Ask) -> bool:
        """Whether whoever has this account at this very moment may; that they may not is answered."""
        is_away = not self._ledger.is_here
        person = self._directory.identify(visit.asking.sender)
        if person is not None and person.name != visit.person.name:
            person = None
        allowed = self._permissions.check(person, ask, visit.asking.room, database_is_away=is_away)
        if isinstance(allowed, Allowed):
            return True
        log.info("denied %s to %s", ask.word, visit.person.name)
        await self._clerk.close_with(visit, asked, StepName.DENIED, answers.denied(allowed), new=True)
        return False

    def is_stale(self, ask: Ask, at: datetime | None) -> bool:
        """Whether it acts, and came (or may have come, where nobody knows when) while we were away."""
        return not ask.reads and (at is None or self._now() - at > self._patience.stale)
