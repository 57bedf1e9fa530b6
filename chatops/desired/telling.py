"""Tells what was done about what people want: a restart, and what was asserted after it, in one message."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chatops.desired.asserting import Ends
from chatops.desired.watched import Watched
from chatops.notices.happenings import Drifted, Happening, NotHeld, Reasserted, Restarted
from chatops.restraints import Wish

#: So long what was asserted waits for the news of the restart, to be told with it.
JOIN_WITHIN_S = 5.0


class Telling:
    """Each thing once. `tell` never raises."""

    def __init__(
        self,
        tell: Callable[[Happening], Awaitable[None]],
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._tell = tell
        self._now = now
        self._tick = monotonic

    async def ended(self, watched: Watched, session: UUID, ends: Ends) -> None:
        """What came of asserting something."""
        if ends.again:
            await self._again(watched, session, ends.again)
        await self.restart(watched)
        if ends.unwanted:
            await self._tell(Reasserted(watched.name, ends.unwanted, self._now(), unwanted=True))
        for found, goes_on in ((ends.refused, False), (ends.failed, True)):
            new = [(wish, why) for wish, why in found if not goes_on or wish.what.casefold() not in watched.told_failed]
            if new:
                watched.told_failed |= {wish.what.casefold() for wish, _ in new}
                wishes = tuple(wish for wish, _ in new)
                await self._tell(NotHeld(watched.name, wishes, self._now(), new[0][1], goes_on))

    async def held(self, watched: Watched, wishes: tuple[Wish, ...]) -> None:
        """These are so by now, though it was told that they are not."""
        await self._tell(Reasserted(watched.name, wishes, self._now()))

    async def drifted(self, watched: Watched, wishes: tuple[Wish, ...]) -> None:
        """These were so, and are no more."""
        await self._tell(Drifted(watched.name, wishes, self._now()))

    async def restart(self, watched: Watched, also: Restarted | None = None) -> None:
        """The restart that was left to us, if there is one; or this one, which was before it."""
        if also is not None:
            await self._tell(also)
            return
        restarted, watched.restarted = watched.restarted, None
        if restarted is not None:
            watched.told_restart = watched.session
            await self._tell(restarted)

    async def untold(self, watched: Watched, tick: float) -> None:
        """What was asserted, by itself, where nobody has brought the news of the restart in time."""
        if watched.untold is not None and tick >= watched.untold[1]:
            again, _ = watched.untold
            watched.untold = None
            await self._tell(Reasserted(watched.name, again, self._now()))

    async def _again(self, watched: Watched, session: UUID, again: tuple[Wish, ...]) -> None:
        if watched.restarted is not None:
            watched.restarted = with_these(watched.restarted, again)
        elif watched.told_restart == session or all(wish.session == session for wish in again):
            await self._tell(Reasserted(watched.name, again, self._now()))
        else:
            watched.untold = (again, self._tick() + JOIN_WITHIN_S)


def with_these(restarted: Restarted, again: tuple[Wish, ...]) -> Restarted:
    """The restart, and that these were asserted after it."""
    return replace(restarted, again=(*restarted.again, *again))
