"""Does for one bot what its facts call for: has it hold again, tells that it does not, or leaves it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from bot_integration import Bot, Snapshot
from chatops.desired.asserting import Asserting, Ends
from chatops.desired.folding import Everything
from chatops.desired.judging import Tries, Verdict
from chatops.desired.taking_back import TakingBack
from chatops.desired.telling import Telling
from chatops.desired.watched import Watched, look_at
from chatops.restraints import Wish, holds, in_order, missing

log = logging.getLogger(__name__)

#: Runs something beside; None where it is too late for that.
Begin = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None] | None"]


class Tending:
    """What takes its time goes on beside, one thing a bot."""

    def __init__(
        self,
        asserting: Asserting,
        telling: Telling,
        taking_back: TakingBack,
        *,
        wanted: Everything,
        begin: Begin,
        monotonic: Callable[[], float],
    ) -> None:
        """`wanted` is what people want now; it changes."""
        self._asserting = asserting
        self._telling = telling
        self._taking_back = taking_back
        self._wanted = wanted
        self._begin = begin
        self._tick = monotonic

    async def see_to(self, bot: Bot, watched: Watched, facts: Snapshot) -> None:
        """Judge each wish by these facts, and do what is to be done. One at a time of a bot."""
        look, tick = look_at(facts), self._tick()
        if look.session != watched.session:
            await self._begin_run(watched, look.session)
        if watched.is_busy:
            return
        if watched.cut_off:
            watched.task = self._begin(self._finish(bot, watched, look.session), f"cut off on {bot.name}")
            return
        for wish in in_order(self._wanted.get(bot.name, {})):
            is_held = holds(look.pause, wish.what)
            await self._taking_back.adopt(watched, self._wanted, look.session, wish, is_held=is_held)
        wishes = in_order(self._wanted.get(bot.name, {}))
        verdicts = watched.verdicts(wishes, look, tick)
        if late := watched.note_held(verdicts[Verdict.HELD], look.session):
            await self._telling.held(watched, late)
        await self._asserting.let_go(watched, "No answer came. Look at the bot.", missing(look.pause, wishes))
        watched.forget_all_but(wishes)
        if drifted := verdicts[Verdict.DRIFTED]:
            for wish in drifted:
                watched.note(wish, look.session, held=True, told=True)
            await self._telling.drifted(watched, tuple(drifted))
        if missed := verdicts[Verdict.ASSERT]:
            watched.task = self._begin(self._assert(bot, watched, look.session, missed), f"asserting on {bot.name}")
        else:
            await self._telling.restart(watched)
            await self._telling.untold(watched, tick)

    async def _begin_run(self, watched: Watched, session: UUID) -> None:
        if watched.is_busy and watched.task is not None:
            # It went to a run that is over, whatever came of it there.
            watched.task.cancel()
            await asyncio.wait([watched.task])
        if watched.session is not None:
            await self._asserting.let_go(watched, f"{watched.name} was restarted before it answered.")
            await self._telling.untold(watched, float("inf"))
        watched.enter(session)

    async def _assert(self, bot: Bot, watched: Watched, session: UUID, wishes: list[Wish]) -> None:
        seq = facts.seq if (facts := bot.snapshot()) is not None else -1
        try:
            ends = await self._asserting.run(bot, watched, session, wishes)
        except Exception:
            log.exception("what people want of %s could not be asserted", bot.name)
            ends = Ends(failed=tuple((wish, "It broke on our side; the log has it all.") for wish in wishes))
        watched.note_held(list(ends.again), session)
        for wish, why in ends.refused:
            log.warning("%s refuses %s: %s", bot.name, wish.what, why)
            watched.note(wish, session, refused=True)
        for wish, why in ends.failed:
            log.warning("%s on %s could not be asserted: %s", wish.what, bot.name, why)
            key = wish.what.casefold()
            watched.tries[key] = watched.tries.get(key, Tries()).failed(self._tick(), seq)
        for wish in wishes:
            watched.missing_since.pop(wish.what.casefold(), None)
        await self._telling.ended(watched, session, ends)

    async def _finish(self, bot: Bot, watched: Watched, session: UUID) -> None:
        try:
            again = await self._asserting.finish(bot, watched, in_order(self._wanted.get(bot.name, {})))
        except Exception:
            log.exception("what was cut off on %s could not be finished", bot.name)
            return
        watched.note_held(list(again), session)
        await self._telling.ended(watched, session, Ends(again=again))
