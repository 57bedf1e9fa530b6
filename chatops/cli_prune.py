"""The command `quarterdeck db prune`."""

from typing import TYPE_CHECKING

import typer

from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.settings import Settings
from chatops.until_stopped import run_until_stopped

if TYPE_CHECKING:
    from chatops.storage.pruning import Pruned


def prune(config: ConfigFile = DEFAULT_FILE) -> None:
    """Forget now what is old, which `run` does by itself once a day, and say how large the database is."""
    from bot_integration.clock import utc_now
    from chatops.own_database import open_database
    from chatops.storage.pruning import prune as forget

    async def look(settings: Settings) -> "Pruned":
        async with open_database(settings, beside=True, migrate=False) as database:
            return await forget(database, utc_now())

    with told():
        done = run_until_stopped(look(settings_of(config)))
    if done is None:
        typer.echo("Stopped. What had not gone by then goes the next time.", err=True)
        raise typer.Exit(1)
    for what, count in done.gone.items():
        if count:
            typer.echo(f"{what.capitalize()}: {count} gone.")
    if not any(done.gone.values()):
        typer.echo("Nothing is old enough to go.")
    typer.echo(f"The database has {done.bytes / 1e6:.1f} MB; it had {done.bytes_before / 1e6:.1f} MB.")
