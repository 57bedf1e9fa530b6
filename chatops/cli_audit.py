"""The commands `quarterdeck audit`: the record verified, exported, and the log rebuilt from its steps."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot_integration.clock import utc_now
from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.guard.verifying import BEGINNING, Broken, Whole
from chatops.settings import Settings
from chatops.storage.export_files import ExportFormat

audit = typer.Typer(help="The record of what was asked.", no_args_is_help=True)

_SPANS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@audit.command("verify")
def audit_verify(
    config: ConfigFile = DEFAULT_FILE,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="An export in place of the database: it needs neither that nor settings."),
    ] = None,
) -> None:
    """Prove that nothing on record was changed, is missing or was reordered, or name the first bad row."""
    with told():
        found = asyncio.run(_verify_database(settings_of(config)) if file is None else _verify_file(file))
    if isinstance(found, Broken):
        typer.echo(f"BROKEN at {found.where}: {found.why}.", err=True)
        raise typer.Exit(1)
    for line in _whole(found):
        typer.echo(line)


@audit.command("export")
def audit_export(
    config: ConfigFile = DEFAULT_FILE,
    form: Annotated[ExportFormat, typer.Option("--format", help="One file of JSON lines, or a folder of CSV.")] = (
        ExportFormat.JSON
    ),
    since: Annotated[
        str | None, typer.Option("--since", help="A day or a moment in UTC, or a span as in 7d, 12h, 30m.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file, or the folder of CSV.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there.")] = False,
) -> None:
    """Write the record to files that `audit verify --file` can prove anywhere."""
    from chatops.own_database import open_database
    from chatops.storage.exporting import Exported, export_record

    now = utc_now()
    begins = _since(since, now)
    path = output or Path(f"quarterdeck-audit-{now:%Y%m%dT%H%M%SZ}{'.jsonl' if form is ExportFormat.JSON else ''}")

    async def export(settings: Settings) -> Exported:
        async with open_database(settings, beside=True, migrate=False) as database:
            return await export_record(database, path, form, at=now, since=begins, force=force)

    with told():
        done = asyncio.run(export(settings_of(config)))
    typer.echo(f"{done.steps} steps of {done.asks} asks are in {path}.")
    if done.begins != BEGINNING:
        typer.echo(f"It is a part: it begins after step {done.begins.seq}, whose hash is {done.begins.hash}.")
    typer.echo(f"Its head is {done.head.hash} at step {done.head.seq}: noted elsewhere, it shows an export made anew.")


@audit.command("rebuild")
def audit_rebuild(config: ConfigFile = DEFAULT_FILE) -> None:
    """Make the log anew from its steps, where it says other than they do. The chain itself has to be whole."""
    from chatops.own_database import open_database
    from chatops.storage.rebuild import rebuild_log

    async def rebuild(settings: Settings) -> int | Broken:
        async with open_database(settings, beside=True, migrate=False) as database:
            return await rebuild_log(database)

    with told():
        changed = asyncio.run(rebuild(settings_of(config)))
    if isinstance(changed, Broken):
        typer.echo(f"BROKEN at {changed.where}: {changed.why}. Nothing was changed.", err=True)
        raise typer.Exit(1)
    rows = "1 row of the log said" if changed == 1 else f"{changed} rows of the log said"
    typer.echo(f"{rows} other than the steps; now it agrees." if changed else "The log agrees already.")


async def _verify_database(settings: Settings) -> Whole | Broken:
    from chatops.own_database import open_database
    from chatops.storage.record import verify_record

    async with open_database(settings, beside=True, migrate=False) as database:
        return await verify_record(database)


async def _verify_file(path: Path) -> Whole | Broken:
    from chatops.storage.exported import verify_export

    return await verify_export(path)


def _whole(found: Whole) -> list[str]:
    lines = [f"The record is whole: {found.steps} steps of {found.asks} asks, every one chained to the one before."]
    if found.begins != BEGINNING:
        lines.append(
            f"It is a part, and begins after step {found.begins.seq}, whose hash is said to be {found.begins.hash}: "
            "hold that against the head of the part before it, or against the database."
        )
    if found.earlier:
        lines.append(
            f"{found.earlier} of its asks began before it: what they asked for is proven by the part before, not here."
        )
    lines.append(
        f"Its head is {found.head.hash} at step {found.head.seq}: noted elsewhere, it shows a record made anew."
    )
    return lines


def _since(said: str | None, now: datetime) -> datetime | None:
    """The moment that is meant. Raises `typer.BadParameter`."""
    if said is None:
        return None
    span = re.fullmatch(r"(\d{1,5})([mhdw])", said)
    if span is not None:
        return now - timedelta(**{_SPANS[span[2]]: int(span[1])})
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise typer.BadParameter(
            f"{said!r} is no moment: 2026-05-01, 2026-05-01T12:00 or 7d", param_hint="--since"
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
