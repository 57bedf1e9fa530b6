"""`quarterdeck replay`."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatops import logs
from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.until_stopped import run_until_stopped

if TYPE_CHECKING:
    from chatops.replay.player import Player
    from chatops.replay.tape import Tape

#: An hour in a minute.
SPEED = 60.0


def replay(
    session: Annotated[
        str, typer.Argument(help="The beginning of a session's id, a bot's name (its newest), or a file of one.")
    ],
    speed: Annotated[float, typer.Option("--speed", min=0.001, max=1e6, help="Seconds of then in a second.")] = SPEED,
    begins: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Where to begin, UTC."
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="On the dashboard of `watch`, in place of a chat.")] = False,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen", help="Behind a control API for `watch URL`, in place of a chat: HOST:PORT, unix:PATH."
        ),
    ] = None,
    config: ConfigFile = DEFAULT_FILE,
    log: Annotated[Path | None, typer.Option("--log", help="A file for the log; else there is none.")] = None,
) -> None:
    """A stored session once more, from its snapshots: into a chat with nothing but it, or into `watch`."""
    from chatops.replay.words import lines

    if watch and listen is not None:
        raise typer.BadParameter("choose one of --watch and --listen", param_hint="--listen")
    with told():
        starts = None if begins is None else begins.replace(tzinfo=UTC)
        player = run_until_stopped(
            _replay(session, config, log, speed=speed, begins=starts, watch=watch, listen=listen)
        )
        if player is not None and player.played is not None and (watch or listen is not None or not player.is_over):
            typer.echo("REPLAY is over." if player.is_over else "REPLAY was left before its end.")
            for line in lines(player.played):
                typer.echo(line)


async def _replay(
    session: str,
    config: Path,
    log: Path | None,
    *,
    speed: float,
    begins: datetime | None,
    watch: bool,
    listen: str | None,
) -> "Player":
    from chatops.ids import uuid7
    from chatops.replay.clock import ReplayClock
    from chatops.replay.player import Player

    async with _tape(session, config) as (tape, secrets):
        # What is shown has the screen to itself.
        logs.configure(file=log or Path(os.devnull), secrets=secrets)
        clock = ReplayClock(begins or tape.run.started_at, speed)
        player = Player(tape, clock, begins=begins, sleep=asyncio.sleep)
        player.expect_something()
        if listen is not None:
            from chatops.replay.board import replay_behind

            await replay_behind(player, listen, lambda url: typer.echo(f"The replay is at {url}", err=True))
        elif watch:
            from chatops.replay.board import replay_on_board

            await replay_on_board(player, clock, by=_login(), new_id=uuid7)
        else:
            from chatops.replay.chat import replay_in_chat

            await replay_in_chat(player, clock, tape.run, speed=speed, whoami=_login())
        return player


@asynccontextmanager
async def _tape(session: str, config: Path) -> "AsyncIterator[tuple[Tape, tuple[str, ...]]]":
    from chatops.replay.tape import FileTape, StoredTape

    path = Path(session)
    if await asyncio.to_thread(path.is_file):
        # A file needs neither settings nor a database.
        yield await asyncio.to_thread(FileTape, path), ()
        return
    from chatops.own_database import open_database
    from chatops.storage.history import PostgresHistory
    from chatops.storage.sessions.meant import Sessions

    settings = settings_of(config)
    async with open_database(settings, beside=True, migrate=False) as database:
        history = PostgresHistory(database)
        yield StoredTape(history, (await Sessions.read(history)).meant(session)), tuple(settings.secrets())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "you"
