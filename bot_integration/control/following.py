"""A copy of a far bot's state, kept true over a line that breaks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime

from bot_integration.control.backoff import backoff
from bot_integration.control.errors import NotTaken, NotUnderstood
from bot_integration.control.line import Line
from bot_integration.control.news import news
from bot_integration.control.presence import Presence
from bot_integration.errors import Unreachable
from bot_integration.events import Event, Noted
from bot_integration.frames import Beat, Frame
from bot_integration.replica import OutOfStep, Replica
from bot_integration.state import EventCategory, Snapshot

log = logging.getLogger(__name__)

#: Between tries to follow a bot that is away: the first, and the longest.
FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 5.0
#: A stream in which everything fitted for so long is a good one: what did not fit before it is forgotten.
CALM_S = 60.0


class Following:
    """Runs until cancelled: resumes where it was, begins anew with a whole snapshot where what came did not fit."""

    def __init__(
        self,
        line: Line,
        *,
        name: str,
        tell: Callable[[Event], None],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
    ) -> None:
        """`name` may be empty: then it is the one in the first facts. `tell` is called with all that happens."""
        self._line = line
        self._name = name
        self._tell = tell
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._chance = chance
        self._replica = Replica()
        self._presence = Presence()
        #: Set whenever something came.
        self._moved = asyncio.Event()
        #: Whether what came last fitted what was known; else the next stream has to begin with the whole.
        self._fits = True
        self._heard = False

    @property
    def name(self) -> str:
        """The bot's name; empty until it is known."""
        return self._name

    @property
    def snapshot(self) -> Snapshot | None:
        """The last facts that came through, however old."""
        return self._replica.snapshot

    @property
    def away(self) -> str | None:
        """Why the bot is not heard, in a sentence for people; None while it is."""
        return self._presence.away

    @property
    def fault(self) -> Unreachable | None:
        """What came of the last try to follow it; None while it is heard."""
        return self._presence.fault

    async def reached(self, seq: int) -> None:
        """Wait until all that the bot told up to this number has come."""
        while self._replica.seq < seq:
            self._moved.clear()
            await self._moved.wait()

    async def run(self) -> None:
        """Follow it, however often the line breaks."""
        waits, misfits = self._patience(), self._patience()
        while True:
            began, self._heard = self._monotonic(), False
            try:
                await self._stream()
            except (OutOfStep, NotUnderstood) as error:
                self._misfitted(error)
                waiting = misfits
            except Unreachable as error:
                self._lost(error)
                if self._heard:
                    waits = self._patience()
                waiting = waits
            except Exception:
                log.exception("following %s broke", self._who)
                self._fits = False
                waiting = misfits
            await self._sleep(next(waiting))
            if self._monotonic() - began > CALM_S:
                misfits = self._patience()

    # ------------------------------------------------------------------------ inside

    async def _stream(self) -> None:
        resume = self._replica.resume if self._fits else None
        async with self._line.follow(resume) as frames:
            async for frame in frames:
                self._take(frame)
        raise Unreachable("the stream ended")

    def _take(self, frame: Frame) -> None:
        before = self._replica.snapshot
        if isinstance(frame, Beat) and frame.stamp.seq > self._replica.seq:
            raise OutOfStep("the heartbeat is ahead of all that came")
        said = self._replica.apply(frame)
        after = self._replica.snapshot
        self._heard = self._fits = True
        self._name = self._name or ("" if after is None else after.bot)
        if (message := self._presence.here(self._who, self._monotonic())) is not None:
            log.info("%s", message)
            self._note(message)
        for event in () if after is None else news(before, after, self._now()):
            self._tell(event)
        for one in said:
            self._tell(one)
        self._moved.set()

    def _lost(self, error: Unreachable) -> None:
        if self._heard and not isinstance(error, NotTaken):
            # A stream that breaks is taken up again before anybody is told: most are there again at once.
            log.info("the stream of %s broke: %s", self._who, error)
            return
        self._gone(error)

    def _misfitted(self, error: OutOfStep | NotUnderstood) -> None:
        self._fits = False
        if isinstance(error, NotUnderstood) and not self._heard:
            self._gone(error)
        else:
            log.warning("what came from %s does not fit, all of it is asked for: %s", self._who, error)

    def _gone(self, error: Unreachable) -> None:
        # It is tried for ever, and told once.
        if (message := self._presence.gone(self._who, error, self._monotonic())) is not None:
            log.warning("%s cannot be followed: %s", self._who, error)
            self._note(message)

    def _note(self, message: str) -> None:
        self._tell(Noted(self._name, self._now(), EventCategory.WARNING, message))

    @property
    def _who(self) -> str:
        return self._name or f"The bot at {self._line.where}"

    def _patience(self) -> Iterator[float]:
        return backoff(FIRST_RETRY_S, LONGEST_RETRY_S, self._chance)
