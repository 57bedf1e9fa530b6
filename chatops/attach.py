"""The gateway in the bot's own process, by one call."""

import asyncio
import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from signal import SIGINT
from typing import TypeAlias

from bot_integration import Bot
from bot_integration.ferry import Ferry
from bot_integration.own_loop import OwnLoop
from chatops import host_logs
from chatops.app import open_desk
from chatops.attached import Attached
from chatops.bots import market_of
from chatops.lives import AGAIN_S, Life, Lives
from chatops.settings import Problem, Settings, SettingsError, read_settings
from chatops.storage.desk_lock import LOCK, DeskLock
from chatops.storage.postmaster import Postmaster
from chatops.views.joining import claim_words

log = logging.getLogger(__name__)

#: Opens a gateway for these settings and bots; the third is told the code for the first admin.
Opening: TypeAlias = Callable[[Settings, Sequence[Bot], Callable[[str], None]], AbstractAsyncContextManager[Life]]


class AlreadyAttached(Exception):
    """This bot has a gateway already, or this data directory a desk."""


def desk_opening(
    settings: Settings, bots: Sequence[Bot], announce: Callable[[str], None]
) -> AbstractAsyncContextManager[Life]:
    """What `attach` opens unless it is told otherwise: the whole desk."""
    return open_desk(settings, bots=bots, announce=announce)


def attach(
    bots: Bot | Sequence[Bot],
    settings: Settings | Path | str,
    *,
    loop: asyncio.AbstractEventLoop | None = None,
    raises: bool = True,
    announce: Callable[[str], None] | None = None,
    opening: Opening = desk_opening,
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    again_s: float = AGAIN_S,
) -> Attached:
    """Run the gateway beside these bots, on a thread and a loop of its own. Returns at once, with its handle.

    `settings` are those of a desk, or the path of its `quarterdeck.toml`; these bots need no `[[bots]]` there. Commands
    run on `loop`; left out, on the loop that this is called on; where there is none, on a thread of their own.
    `announce` is told the code for the first admin; left out, it is written to standard error. `new_loop` makes the
    gateway's loop: not uvloop's, which keeps a program from ending while it looks up the name of a host.

    Raises `SettingsError` with all that is wrong, `AlreadyAttached`, and `NoMarket` for a paper bot of the settings,
    before anything is begun; with `raises=False` that is logged, and the handle says so. What breaks later is logged,
    and the gateway is opened again after a wait that grows: it never reaches the bot.
    """
    chosen = tuple(bots) if isinstance(bots, Sequence) else (bots,)
    commands: OwnLoop | None = None
    try:
        read = _settings(settings, [bot.name for bot in chosen])
        for bot in read.bots:
            if bot.is_paper:
                market_of(bot)
        host_logs.spare(read.secrets())
        with _guard:
            _check(chosen, read)
            there = loop or _running_loop()
            if there is None:
                commands = OwnLoop(f"commands of {', '.join(bot.name for bot in chosen)}")
                commands.start()
                there = commands.loop
            ferries = [Ferry(bot, there) for bot in chosen]
            opened = partial(opening, read, ferries, announce or _print_claim)
            attached = Attached(
                chosen,
                Lives(f"quarterdeck beside {', '.join(bot.name for bot in chosen)}", opened, new_loop, again_s),
                commands=commands,
                left_behind=partial(_end_database, read),
                data_dir=_own_data_dir(read),
            )
            _attached.add(attached)
        attached.begin()
    except Exception as error:
        if commands is not None:
            commands.leave(0)
        if raises:
            raise
        log.exception("the gateway was not attached")
        return Attached((), None, error=error)
    return attached


#: What is attached in this process: two gateways would act for one bot.
_attached: "weakref.WeakSet[Attached]" = weakref.WeakSet()
_guard = threading.Lock()


def _settings(given: Settings | Path | str, names: Sequence[str]) -> Settings:
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if not names or twice:
        what = f"two bots are called {twice[0]}" if twice else "no bot is attached"
        raise SettingsError([Problem("attach", "", what, "a name of its own for each" if twice else "at least one")])
    if not isinstance(given, Settings):
        return read_settings(Path(given), os.environ, attached=names)
    problems = [
        Problem(
            "settings",
            f"bots.{number}.name",
            "is the bot that is attached here",
            "take this [[bots]] out: an attached bot needs none",
            bot.name,
        )
        for number, bot in enumerate(given.bots)
        if bot.name.casefold() in folded
    ]
    if problems:
        raise SettingsError(problems)
    return given


def _check(bots: Iterable[Bot], settings: Settings) -> None:
    """Raises `AlreadyAttached` where one of the bots or the place is another gateway's."""
    data_dir = _own_data_dir(settings)
    for one in list(_attached):
        if (name := one.holds(bots)) is not None:
            raise AlreadyAttached(
                f"{name} is attached already. Close that gateway first, or attach all bots in one call."
            )
        if data_dir is not None and one.lives_in(data_dir):
            raise AlreadyAttached(
                f"Another gateway of this process lives in {data_dir}. Attach all bots in one call, or give this one a "
                "desk.data_dir of its own."
            )
    if data_dir is not None and (data_dir / LOCK).exists():
        # Another process: raises `DataDirInUse`. Who comes in between is met when the gateway is opened.
        lock = DeskLock(data_dir / LOCK)
        lock.acquire()
        lock.release()


def _own_data_dir(settings: Settings) -> Path | None:
    """Where the gateway has its database; None where somebody else runs that."""
    return settings.desk.data_dir.absolute() if settings.database.url is None else None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _print_claim(code: str) -> None:
    # Past the log: whoever reads that must not become admin.
    if sys.stderr is not None:
        sys.stderr.write(claim_words(code) + "\n")


def _end_database(settings: Settings) -> None:
    """Tell a PostgreSQL of ours to end, whose gateway cannot any more."""
    data_dir = _own_data_dir(settings)
    if data_dir is None or not DeskLock(data_dir / LOCK).is_ours:
        return
    server = Postmaster.of(data_dir / "postgres")
    if server is not None and server.lives(data_dir / "postgres"):
        server.send(SIGINT)
