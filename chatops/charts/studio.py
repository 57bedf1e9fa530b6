"""Where pictures are asked for: drawn elsewhere, one after the other, and kept for a minute."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Self

from chatops.charts.draughtsman import Draughtsman
from chatops.charts.errors import Died, NoPicture, TooLong, TooMany
from chatops.charts.facts import Facts
from chatops.charts.style import Style
from chatops.tasks import end

log = logging.getLogger(__name__)

#: So long an answer waits for its picture, in seconds.
WITHIN_S = 3.0
#: So long a single picture may be drawn before its process is ended, in seconds.
DRAWN_WITHIN_S = 10.0
#: Pictures that may wait or be drawn at one time.
MOST = 16
#: So long the picture of a question is good for the same question, in seconds.
KEPT_S = 60.0
#: Pictures kept: a hundred kilobytes each.
_MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class Picture:
    """One that was drawn."""

    png: bytes
    #: The same for the same picture: a platform that has it already need not be sent it again.
    digest: str


class Studio:
    """Pictures of facts. Drawing never runs in this process, and one that hangs or dies harms no other.

    An async context: its process begins to start on entering, and is gone on leaving. One that ended is started anew.
    """

    def __init__(
        self,
        *,
        within_s: float = WITHIN_S,
        drawn_within_s: float = DRAWN_WITHIN_S,
        most: int = MOST,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
        is_eager: bool = True,
    ) -> None:
        """`clock` is for what is kept alone. One that is not eager has no process before `warm`, or a picture."""
        self._within_s, self._drawn_within_s = within_s, drawn_within_s
        self._most, self._kept_s, self._clock = most, kept_s, clock
        self._kept: dict[Hashable, tuple[float, Picture]] = {}
        self._drawn: dict[Hashable, asyncio.Task[Picture]] = {}
        self._turn = asyncio.Lock()
        self._is_open = False
        self._is_eager = is_eager
        self._draughtsman: Draughtsman | None = None
        self._warming: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._is_open = True
        if self._is_eager:
            self.warm()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_open = False
        await end(*self._drawn.values())
        # What was drawn last may have begun it.
        await end(*([self._warming] if self._warming else []))
        if self._draughtsman is not None:
            await self._draughtsman.close()
            self._draughtsman = None

    def warm(self) -> None:
        """Let its process start, where there is none: a picture will be asked for soon."""
        is_warming = self._warming is not None and not self._warming.done()
        if self._is_open and self.pid is None and not is_warming:
            self._warming = asyncio.create_task(self._warm(), name="warming the studio")

    @property
    def pid(self) -> int | None:
        """Of the process that draws, while there is one."""
        return self._draughtsman.pid if self._draughtsman is not None and self._draughtsman.lives else None

    def kept(self, question: Hashable, style: Style) -> Picture | None:
        """The picture of the same question, if it was drawn within the last minute: then no facts need be read."""
        at, picture = self._kept.get((question, style), (0.0, None))
        return picture if picture is not None and self._clock() - at < self._kept_s else None

    async def picture(self, question: Hashable, facts: Facts, style: Style) -> Picture:
        """The picture that answers a question, such as `("equity", "alpha", "30d")`.

        Who asks the same meanwhile gets the same, of the facts of the first. Raises `NoPicture`: `TooLong` (it is
        still drawn, and there when it is asked for again), `TooMany`, `Undrawable` or `Died`.
        """
        kept = self.kept(question, style)
        if kept is not None:
            return kept
        key = (question, style)
        task = self._drawn.get(key)
        if task is None:
            if not self._is_open:
                raise Died("No pictures are drawn any more: we are ending.")
            if len(self._drawn) >= self._most:
                raise TooMany("Too many pictures are being drawn: ask again in a moment.")
            task = asyncio.create_task(self._draw(key, facts, style), name="a picture")
            self._drawn[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        try:
            return await asyncio.wait_for(asyncio.shield(task), self._within_s)
        except TimeoutError as error:
            raise TooLong(f"The picture took longer than {self._within_s:g} s.") from error

    async def _draw(self, key: Hashable, facts: Facts, style: Style) -> Picture:
        async with self._turn:
            draughtsman = await self._ready()
            try:
                async with asyncio.timeout(self._drawn_within_s):
                    png = await draughtsman.draw(facts, style)
            except TimeoutError as error:
                await self._replace(draughtsman)
                raise TooLong(f"The picture took longer than {self._drawn_within_s:g} s to draw.") from error
            except Died:
                await self._replace(draughtsman)
                raise
            except asyncio.CancelledError:
                await draughtsman.kill()
                raise
        picture = Picture(png, hashlib.sha256(png).hexdigest())
        self._keep(key, picture)
        return picture

    async def _ready(self) -> Draughtsman:
        """The one process, started where there is none. It is our turn."""
        if self._draughtsman is None or not self._draughtsman.lives:
            if self._draughtsman is not None:
                await self._draughtsman.kill()
            self._draughtsman = await Draughtsman.start()
        return self._draughtsman

    async def _replace(self, broken: Draughtsman) -> None:
        await broken.kill()
        # The next one who asks finds it warm. One that cannot even start waits to be asked for.
        self.warm()

    async def _warm(self) -> None:
        try:
            async with self._turn:
                await self._ready()
        except NoPicture as error:
            log.warning("no pictures for now: %s", error, exc_info=error)

    def _keep(self, key: Hashable, picture: Picture) -> None:
        now = self._clock()
        self._kept = {one: kept for one, kept in self._kept.items() if now - kept[0] < self._kept_s and one != key}
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now, picture)

    def _forget(self, key: Hashable, done: "asyncio.Task[Picture]") -> None:
        del self._drawn[key]
        # Nobody may be waiting for it any more.
        if not done.cancelled() and (error := done.exception()) is not None:
            is_told_whole = isinstance(error, (Died, TooLong))
            log.warning("a picture was not drawn: %s", error, exc_info=None if is_told_whole else error)
