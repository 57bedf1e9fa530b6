"""The command line: `quarterdeck`, the same as `python -m chatops`."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer

from chatops import logs
from chatops.cli_audit import audit
from chatops.cli_backup import backup, restore
from chatops.cli_deliveries import deliveries
from chatops.cli_history import history
from chatops.cli_prune import prune
from chatops.cli_replay import replay
from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.cli_slack import slack
from chatops.cli_users import users
from chatops.cli_watch import watch
from chatops.loading import loading
from chatops.settings import BotSettings, Settings
from chatops.until_stopped import run_until_stopped

app = typer.Typer(
    name="quarterdeck",
    help="Watch and command trading bots from a phone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
db = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(audit, name="audit")
app.add_typer(db, name="db")
db.command()(backup)
db.command()(prune)
db.command()(restore)
app.add_typer(deliveries, name="deliveries")
app.add_typer(history, name="history")
app.add_typer(slack, name="slack")
app.add_typer(users, name="users")
app.command()(replay)
app.command()(watch)

Market = Annotated[
    Path | None, typer.Option("--market", exists=True, dir_okay=False, help="A CSV of 8-hour bars to replay.")
]
Begins = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Where to begin, UTC."),
]
Speed = Annotated[float | None, typer.Option("--speed", min=0.001, max=1e6, help="Seconds of the market in a second.")]
Scenario = Annotated[
    str | None, typer.Option("--scenario", help="A made market: calm, funding-flip, crash, depeg or outage.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Makes another market of the same scenario.")]


#: Where the control API of the paper bot is, where nothing is said.
LISTEN = "127.0.0.1:8000"


@app.command()
def demo(
    market: Market = None,
    begins: Begins = None,
    speed: Speed = None,
    scenario: Scenario = None,
    seed: Seed = None,
    data_dir: Annotated[Path, typer.Option("--data-dir", help="Where the demo keeps its database.")] = Path(
        ".quarterdeck/demo"
    ),
) -> None:
    """A paper bot, the gateway and a chat in this terminal. Needs no tokens."""
    with loading():
        from chatops.demo import demo as run_demo
        from chatops.demo import demo_settings
        from chatops.storage.visiting import is_made

    with told():
        settings = demo_settings(
            data_dir, scenario=scenario, market=market, begins=_utc(begins), speed=speed, seed=seed
        )
        data_dir.mkdir(parents=True, exist_ok=True)
        if not is_made(data_dir):
            typer.echo(f"Making a database in {data_dir}, once: some seconds.", err=True)
        # The chat has the terminal to itself.
        logs.configure(file=data_dir / "demo.log", secrets=())
        run_until_stopped(run_demo(settings))


@app.command()
def run(config: ConfigFile = DEFAULT_FILE) -> None:
    """Run the gateway: the bots of the settings, in the chats of the settings."""
    with loading():
        from chatops.app import run as run_desk
        from chatops.views.joining import claim_words

    with told():
        # Past the log: whoever reads that must not become admin.
        run_until_stopped(run_desk(settings_of(config, "INFO"), lambda code: typer.echo(claim_words(code), err=True)))


@app.command()
def check(config: ConfigFile = DEFAULT_FILE) -> None:
    """Say what is wrong with the settings, the database, the tokens, the rooms, the clock, and what to do."""
    from chatops.checkup import checkup, lines, passed

    with told():
        findings = asyncio.run(checkup(settings_of(config)))
    for line in lines(findings):
        typer.echo(line)
    raise typer.Exit(0 if passed(findings) else 1)


@app.command()
def paper(
    listen: Annotated[
        str | None,
        typer.Option("--listen", help="Its control API: HOST:PORT or unix:PATH.", show_default="127.0.0.1:8000"),
    ] = None,
    socket: Annotated[
        str | None, typer.Option("--socket", help="Its control socket, besides --listen or without it: HOST:PORT.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What people call it.")] = "paper",
    token_file: Annotated[
        Path | None, typer.Option("--token-file", exists=True, dir_okay=False, help="Holds the token of its callers.")
    ] = None,
    market: Market = None,
    begins: Begins = None,
    speed: Speed = None,
    scenario: Scenario = None,
    seed: Seed = None,
) -> None:
    """The paper bot alone, behind its control API or its control socket."""
    with loading():
        from bot_integration.clock import utc_now
        from chatops.bots import serve_paper
        from chatops.settings import PAPER

    with told():
        token = token_file.read_text().strip() if token_file else None
        logs.configure(secrets=(token,) if token else ())
        bot = BotSettings(
            name=name, url=PAPER, scenario=scenario, market=market, begins=_utc(begins), speed=speed, seed=seed
        )
        run_until_stopped(serve_paper(bot, listen or (None if socket else LISTEN), token, utc_now, socket=socket))


@db.command("migrate")
def db_migrate(config: ConfigFile = DEFAULT_FILE) -> None:
    """Bring the database to the newest shape. `run` does it by itself at every start."""
    from chatops.own_database import open_database

    async def migrate(settings: Settings) -> None:
        async with open_database(settings, beside=True):
            pass

    with told():
        asyncio.run(migrate(settings_of(config)))
    typer.echo("The database has the newest shape.")


@app.command()
def version() -> None:
    """Which Quarterdeck this is."""
    typer.echo(f"quarterdeck {installed('quarterdeck')}")


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def main() -> None:
    """The entry point of the command."""
    logs.take_last_words()
    # Not `app()`: Typer puts a hook of its own in place of ours.
    typer.main.get_command(app)()
