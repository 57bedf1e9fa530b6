"""`quarterdeck watch`."""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot_integration.clock import utc_now
from chatops import logs
from chatops.cli_settings import told
from chatops.until_stopped import run_until_stopped

URL = "http://127.0.0.1:8000"


def watch(
    url: Annotated[str, typer.Argument(help="http://HOST:PORT, unix:PATH or tcp://HOST:PORT.")] = URL,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            envvar="QUARTERDECK_WATCH_TOKEN_FILE",
            exists=True,
            dir_okay=False,
            help="Holds the token of the bot's control API.",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who asks, in the bot's record; left out, your login.")] = "",
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines instead of a dashboard, as where this is piped.")
    ] = False,
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two lines.")] = 10.0,
    once: Annotated[bool, typer.Option("--once", help="One line; exits with 1 where nobody answers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Whole snapshots as lines of JSON.")] = False,
    log: Annotated[Path | None, typer.Option("--log", help="A file for the log; else there is none.")] = None,
) -> None:
    """A bot live on this terminal: positions, funding, money, timeline; c, p, r, k and s ask before they act."""
    from chatops.ids import uuid7
    from chatops.watch.watching import NotHeard, watch_lines
    from chatops.watch.watching import watch as watch_bot

    with told():
        token = token_file.read_text().strip() if token_file else None
        # The screen is the dashboard's alone.
        logs.configure(file=log or Path(os.devnull), secrets=(token,) if token else ())
        if once or plain or as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            every_s = None if once else every
            try:
                run_until_stopped(
                    watch_lines(url, token, every_s=every_s, as_json=as_json, write=typer.echo, now=utc_now)
                )
            except NotHeard as error:
                if said := str(error):
                    typer.echo(said, err=True)
                raise typer.Exit(1) from error
        else:
            asker = by or _login()
            for said in run_until_stopped(watch_bot(url, token, by=asker, now=utc_now, new_id=uuid7)) or ():
                typer.echo(f"{said}: was asked, and had not ended when you left. Look before you ask again.", err=True)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "you"
