"""The commands `quarterdeck history`: stored sessions listed, written to a file, and put back from one."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot_integration.clock import utc_now
from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.layout import plain
from chatops.settings import Settings

if TYPE_CHECKING:
    from chatops.history.rows import Run
    from chatops.storage.sessions.file import Written

history = typer.Typer(help="What was recorded of bots.", no_args_is_help=True)

SessionMeant = Annotated[str, typer.Argument(help="The beginning of its id, or the name of a bot: its newest.")]


@history.command("list")
def history_list(
    bot: Annotated[list[str] | None, typer.Option("--bot", help="Of this bot alone; may be said again.")] = None,
    config: ConfigFile = DEFAULT_FILE,
) -> None:
    """The sessions that are stored, the newest first."""
    from chatops.own_database import open_database
    from chatops.storage.history import PostgresHistory
    from chatops.storage.sessions.meant import Sessions

    async def read(settings: Settings) -> "tuple[Run, ...]":
        async with open_database(settings, beside=True, migrate=False) as database:
            return (await Sessions.read(PostgresHistory(database), bot or ())).runs

    with told():
        found = asyncio.run(read(settings_of(config)))
        for run in found:
            typer.echo(_line(run))
        if not found:
            typer.echo("No session is stored.", err=True)


@history.command("export")
def history_export(
    session: SessionMeant,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file of JSON lines to write.")],
    config: ConfigFile = DEFAULT_FILE,
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there.")] = False,
) -> None:
    """Write all that is stored of a session to a file."""
    from chatops.own_database import open_database
    from chatops.storage.history import PostgresHistory
    from chatops.storage.sessions.file import write_session
    from chatops.storage.sessions.meant import Sessions

    async def write(settings: Settings) -> "Written":
        async with open_database(settings, beside=True, migrate=False) as database:
            run = (await Sessions.read(PostgresHistory(database))).meant(session)
            return await write_session(database, run, file, at=utc_now(), force=force)

    with told():
        done = asyncio.run(write(settings_of(config)))
    typer.echo(f"{file}: {_line(done.run)}")
    typer.echo(_counted(done.counts))


@history.command("import")
def history_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `history export` wrote.")],
    config: ConfigFile = DEFAULT_FILE,
) -> None:
    """Put a session of a file into the database: all of it or nothing, and once however often it is asked for."""
    from chatops.own_database import open_database
    from chatops.storage.sessions.importing import import_session

    async def put(settings: Settings) -> "Written | None":
        async with open_database(settings, beside=True, migrate=False) as database:
            return await import_session(database, file)

    with told():
        done = asyncio.run(put(settings_of(config)))
    if done is None:
        typer.echo("This session is stored already; nothing was imported.")
    else:
        typer.echo(f"Imported: {_line(done.run)}")
        typer.echo(_counted(done.counts))


def _line(run: "Run") -> str:
    ended = run.ended_at or run.seen_at
    state = "" if run.ended_at else " (no end seen)"
    return (
        f"{run.session_id}  {run.bot}  {run.mode}  {plain(run.strategy)}  {run.started_at:%Y-%m-%d %H:%M:%S} to "
        f"{ended:%Y-%m-%d %H:%M:%S} UTC{state}"
    )


_NAMED = {
    "Kept": "snapshots",
    "Happened": "events",
    "Trade": "trades",
    "Booking": "bookings",
    "FundingPayment": "payments",
    "Transfer": "transfers",
    "Sample": "samples",
    "Gap": "gaps",
}


def _counted(counts: Counter[str]) -> str:
    return "It has " + ", ".join(f"{counts[kind]:,} {name}" for kind, name in _NAMED.items()) + "."
