"""The handle of a gateway in somebody else's process: its end, and how it is."""

import asyncio
import atexit
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bot_integration import Bot
from bot_integration.own_loop import OwnLoop
from chatops.lives import Lives

log = logging.getLogger(__name__)

#: How long the gateway may take to close, unless somebody says otherwise.
CLOSE_S = 10.0
#: How long commands of a bot without a loop may still take when the gateway has closed.
_FINISH_S = 60.0


class Attached:
    """The gateway that `attach` began. Whatever breaks in it is logged, and never raised to its bot.

    It closes by itself when the program ends; `close` it, or use it as a context manager, to have that sooner.
    """

    def __init__(
        self,
        bots: Sequence[Bot],
        lives: Lives | None,
        *,
        commands: OwnLoop | None = None,
        left_behind: Callable[[], None] = lambda: None,
        data_dir: Path | None = None,
        error: Exception | None = None,
    ) -> None:
        """Without `lives` it never was, for the reason of `error`.

        `commands` ends with it. `left_behind` ends by force what a gateway that did not close leaves running.
        `data_dir` is where its own database is.
        """
        self._bots = tuple(bots)
        self._lives = lives
        self._commands = commands
        self._left_behind = left_behind
        self._data_dir = data_dir
        self._error = error
        self._process = os.getpid()

    @property
    def is_running(self) -> bool:
        """Whether it is open for people now."""
        lives = self._here
        return lives is not None and lives.is_open

    @property
    def last_error(self) -> BaseException | None:
        """Why it broke when it last did, or was not attached; None where neither ever was."""
        return self._error if self._lives is None else self._lives.last_error

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Tell what is owed, and close; whether that was done within the time. Raises nothing.

        It blocks the thread that it is called on: on the bot's loop `aclose` is better, which lets commands that run
        come to their end.
        """
        lives = self._here
        if lives is None:
            return True
        lives.end()
        with suppress(TimeoutError):
            lives.ended.result(timeout_s)
        return self._has_closed(lives, timeout_s)

    async def aclose(self, timeout_s: float = CLOSE_S) -> bool:
        """The same for whoever is on a loop, which goes on meanwhile."""
        lives = self._here
        if lives is None:
            return True
        lives.end()
        await asyncio.wait([asyncio.wrap_future(lives.ended)], timeout=timeout_s)
        return self._has_closed(lives, timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # ------------------------------------------------------------------------ for attach

    def begin(self) -> None:
        """Have it opened, and closed when the program ends."""
        if self._lives is not None:
            atexit.register(self._at_exit)
            self._lives.begin()

    def holds(self, bots: Iterable[Bot]) -> str | None:
        """The name of one of these that it has while it lives."""
        if not self._may_live:
            return None
        return next((bot.name for bot in bots if any(bot is one for one in self._bots)), None)

    def lives_in(self, data_dir: Path) -> bool:
        """Whether it has this directory while it lives."""
        return self._may_live and data_dir == self._data_dir

    # ------------------------------------------------------------------------ inside

    @property
    def _here(self) -> Lives | None:
        # A process that was forked off has the object, and no thread behind it.
        return self._lives if os.getpid() == self._process else None

    @property
    def _may_live(self) -> bool:
        lives = self._here
        return lives is not None and not lives.ended.done()

    def _has_closed(self, lives: Lives, timeout_s: float) -> bool:
        atexit.unregister(self._at_exit)
        closed = lives.ended.done()
        if not closed:
            log.error("the gateway did not close within %g s, and is left", timeout_s)
            self._end_by_force()
        if self._commands is not None:
            self._commands.leave(_FINISH_S)
        return closed

    def _end_by_force(self) -> None:
        try:
            self._left_behind()
        except Exception:
            log.exception("what the gateway left running could not be ended")

    def _at_exit(self) -> None:
        try:
            self.close()
        except KeyboardInterrupt:
            # Whoever asks twice does not want to wait.
            self._end_by_force()
