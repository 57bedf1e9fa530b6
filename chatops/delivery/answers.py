"""Recorded answers: shown at once where it is their turn, and else in line."""

import logging
from collections.abc import Mapping

from chatops.delivery.book import Book
from chatops.delivery.courier import Courier
from chatops.delivery.endings import Ending, Ends, Sent, Waits
from chatops.drafts import Draft
from chatops.owed import Owed, State

log = logging.getLogger(__name__)


class Answers:
    """Shows drafts that are on record, through the courier of their platform."""

    def __init__(self, book: Book, couriers: Mapping[str, Courier]) -> None:
        self._book = book
        self._couriers = couriers

    async def put(self, draft: Draft) -> Ending | None:
        """Put it before people; gives what came of its first part, None where it has to wait."""
        first: Ending | None = None
        for number, owed in enumerate(draft.owed):
            ending = await self._show(owed)
            if number == 0:
                first = ending
            if not isinstance(ending, Sent | Ends):
                # What comes behind it stays behind it.
                for later in draft.owed[number + 1 :]:
                    await self._wait_in_line(later, "waits for what is before it")
                break
        return first

    async def _show(self, owed: Owed) -> Ending | None:
        courier = self._couriers.get(owed.room.platform)
        if courier is None:
            nowhere = Ends(State.DEAD, f"there is no {owed.room.platform} here")
            await self._book.note(owed, nowhere)
            return nowhere
        try:
            ending = await courier.deliver_now(owed)
        except Exception:
            log.exception("message %s could not be shown", owed.id)
            # Nobody knows how far it came: as with a try that nobody answered.
            ending = Waits("it broke on our side", repeat=not owed.edits)
        if ending is None:
            await self._wait_in_line(owed, "waits its turn")
            return None
        if not isinstance(ending, Sent | Ends):
            courier.lines.join(owed.room.id, owed.id)
        await courier.note(owed, ending)
        # Not before it is noted could it go again.
        courier.wake()
        return ending

    async def _wait_in_line(self, owed: Owed, reason: str) -> None:
        courier = self._couriers[owed.room.platform]
        # At once: while it is noted another may be answered.
        courier.lines.join(owed.room.id, owed.id)
        await self._book.note(owed, Waits(reason))
        courier.wake()
