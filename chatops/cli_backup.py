"""The commands `quarterdeck db backup` and `quarterdeck db restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.guard.verifying import Broken, Whole
from chatops.settings import Settings
from chatops.storage.totp_key import TOTP_KEY
from chatops.until_stopped import run_until_stopped

if TYPE_CHECKING:
    from chatops.storage.backup import BackedUp

_OWED = "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write.")],
    config: ConfigFile = DEFAULT_FILE,
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there.")] = False,
) -> None:
    """Copy the whole database into one file, as it is at this moment. A desk may run meanwhile."""
    from chatops.own_database import open_as_it_is
    from chatops.storage.backup import back_up

    async def copy(settings: Settings) -> "BackedUp":
        async with open_as_it_is(settings, beside=True) as database:
            return await back_up(database, file, force=force)

    with told():
        settings = settings_of(config)
        done = run_until_stopped(copy(settings))
    if done is None:
        typer.echo("Stopped: no backup was made.", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"{file}: {done.size / 1e6:.1f} MB, the database as it was at {done.at:%Y-%m-%d %H:%M:%S} UTC, "
        f"revision {done.revision}."
    )
    if done.head is not None:
        typer.echo(f"The head of its record is {done.head.hash} at step {done.head.seq}.")
    if (key := settings.desk.data_dir / TOTP_KEY).exists():
        typer.echo(f"Not in it: the settings, the secrets they name, and {key}: keep those elsewhere.")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `db backup` wrote.")],
    config: ConfigFile = DEFAULT_FILE,
) -> None:
    """Put a backup into the empty database of the settings, bring it to the newest shape, and verify the record."""
    with told():
        done = run_until_stopped(_restore(settings_of(config), file))
    if done is None:
        typer.echo("Stopped. Where the database is empty still, ask again; else `quarterdeck audit verify`.", err=True)
        raise typer.Exit(1)
    revision, found, owed = done
    typer.echo(f"The database is restored from a backup of revision {revision}, and has the newest shape.")
    if owed:
        typer.echo(f"Owed at that moment, and sent once the desk starts: {owed} (`quarterdeck deliveries list`).")
    if isinstance(found, Broken):
        typer.echo(f"Its record is BROKEN at {found.where}: {found.why}. It was so when the backup was made.", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"Its record is whole: {found.steps} steps of {found.asks} asks. Its head is {found.head.hash} at step "
        f"{found.head.seq}."
    )


async def _restore(settings: Settings, file: Path) -> tuple[str, Whole | Broken, int]:
    from chatops.own_database import open_as_it_is
    from chatops.storage.record import verify_record
    from chatops.storage.restoring import SERVER_SETTINGS, revision_in
    from chatops.storage.restoring import restore as put

    # Before a server is made for it.
    revision = await revision_in(file)
    async with open_as_it_is(settings, make=True, server=SERVER_SETTINGS) as database:
        await put(file, database)
        await database.migrate()
        return revision, await verify_record(database), await database.fetchval(_OWED)
