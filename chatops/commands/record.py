"""Answers from the record: who asked what, and every step of one ask."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from bot_integration import Outcome
from chatops.asks import Audit
from chatops.commands.registry import Asking, Registry, Reply, ZoneOf
from chatops.guard.lookup import Lookup
from chatops.views.record import all_steps, asks_on_record, nothing_on_record

#: Digits of an id that only one ask can mean.
_END_OF_ID = 6


class RecordCommands:
    """Looks into the record. Who is bound to some bots sees what was asked of those."""

    def __init__(self, lookup: Lookup, now: Callable[[], datetime], zone_of: ZoneOf) -> None:
        """`zone_of` is in whose zone moments are told."""
        self._lookup = lookup
        self._now = now
        self._zone_of = zone_of

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(Audit, self.audit)

    async def audit(self, ask: Audit, asking: Asking) -> Reply:
        """The newest asks, or one with all its steps."""
        # One more than is shown tells whether there are older ones.
        found = await self._lookup.find(ask.about, bots=asking.person.bots, limit=ask.count + 1, before=_id(ask.before))
        if not found:
            return Reply(nothing_on_record(ask), Outcome.DONE)
        now = self._now().astimezone(self._zone_of(asking))
        if len(found) == 1 and _means(ask.about, found[0].id):
            steps = await self._lookup.steps(found[0].id)
            return Reply(all_steps(found[0], steps, now, ask))
        return Reply(asks_on_record(found[: ask.count], len(found) > ask.count, now, ask))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _means(about: str, id_: UUID) -> bool:
    end = about.casefold().replace("-", "")
    return len(end) >= _END_OF_ID and id_.hex.endswith(end)
