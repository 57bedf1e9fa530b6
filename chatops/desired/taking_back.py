"""What people want no more, though nobody took it back here in the plain way."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from bot_integration import Bot, CommandFinished, KillSwitch, Outcome, Resume
from chatops.desired.folding import Asked, Everything, covered, what_of
from chatops.desired.judging import SETTLES_S
from chatops.desired.recording import Recording
from chatops.desired.watched import Resumed, Watched
from chatops.notices.happenings import Happening, TakenBack
from chatops.restraints import KILL_SWITCH, Wish, missing

log = logging.getLogger(__name__)


class TakingBack:
    """Changes what is wanted, puts that on record, and tells it."""

    def __init__(
        self,
        recording: Recording,
        tell: Callable[[Happening], Awaitable[None]],
        *,
        is_ours: Callable[[UUID], bool],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """`is_ours` is whether a command of this id was asked here."""
        self._recording = recording
        self._tell = tell
        self._is_ours = is_ours
        self._now = now
        self._tick = monotonic

    def hear(self, watched: Watched, wanted: Everything, finished: CommandFinished) -> None:
        """A command has ended: one of another gateway may have taken something back."""
        command, outcome = finished.command, finished.result.outcome
        is_off = isinstance(command, KillSwitch) and not command.active
        if outcome not in (Outcome.DONE, Outcome.PARTIAL) or not (isinstance(command, Resume) or is_off):
            return
        if self._is_ours(command.id):
            return
        what = command.scope if isinstance(command, Resume) else KILL_SWITCH
        for wish in covered(wanted.get(watched.name, {}), what):
            watched.resumed[wish.what.casefold()] = Resumed(command.by, command.id, wish.ask, self._tick())

    async def adopt(self, watched: Watched, wanted: Everything, session: UUID, wish: Wish, *, is_held: bool) -> None:
        """Want it no more, where another gateway took it back and the bot shows so."""
        key = wish.what.casefold()
        resumed = watched.resumed.get(key)
        if resumed is None:
            return
        if resumed.ask == wish.ask and not is_held:
            told = TakenBack(wish.bot, (wish,), self._now(), resumed.by)
            await self._take_back(wanted, told, resumed.command, session)
        if resumed.ask != wish.ask or not is_held or self._tick() - resumed.at > SETTLES_S:
            watched.resumed.pop(key, None)

    async def withdraw(self, bot: Bot, wanted: Everything, asked: Asked) -> None:
        """Somebody took back what the bot does not do anyway, which it refused: from now on it is wanted no more."""
        facts = bot.snapshot()
        found = covered(wanted.get(bot.name, {}), what_of(asked))
        if facts is not None and found and len(missing(facts.session.pause, found)) == len(found):
            told = TakenBack(bot.name, tuple(found), self._now(), asked.by, elsewhere=False)
            await self._take_back(wanted, told, asked.id, facts.session_id)

    async def _take_back(self, wanted: Everything, told: TakenBack, cause: UUID, session: UUID) -> None:
        for wish in told.wishes:
            wanted.get(wish.bot, {}).pop(wish.what.casefold(), None)
        why = "took it back through another gateway" if told.elsewhere else "took back what was gone already"
        try:
            for wish in told.wishes:
                await self._recording.take_back(wish, cause, session, f"{told.by} {why}")
        except Exception:
            log.exception("what is wanted of %s no more is on no record", told.bot)
        await self._tell(told)
