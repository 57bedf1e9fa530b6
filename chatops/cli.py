"""The command line: `quarterdeck`, the same as `python -m chatops`."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from bot_integration import BotError
from chatops import logs
from chatops.bots import NoMarket
from chatops.owed import Kind, State
from chatops.room_names import NoSuchRoom, RoomNames
from chatops.settings import BotSettings, Settings, SettingsError, read_settings
from chatops.settings.problems import explain
from chatops.storage.errors import StorageError

if TYPE_CHECKING:
    from chatops.storage.delivery_book import DeliveryBook

app = typer.Typer(
    name="quarterdeck",
    help="Watch and command trading bots from a phone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
audit = typer.Typer(help="The record of what was asked.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
deliveries = typer.Typer(help="What is owed to rooms: listed, and sent again by hand.", invoke_without_command=True)
app.add_typer(audit, name="audit")
app.add_typer(db, name="db")
app.add_typer(deliveries, name="deliveries")

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The settings file.")]
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

DEFAULT_FILE = Path("quarterdeck.toml")
#: Told to stop: Ctrl-C, a service manager, a terminal that is closed.
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Options that are not called as their setting is.
_OPTIONS = {"begins": "from"}


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
    from chatops.demo import demo as run_demo
    from chatops.demo import demo_settings

    with _told():
        settings = demo_settings(
            data_dir, scenario=scenario, market=market, begins=_utc(begins), speed=speed, seed=seed
        )
        data_dir.mkdir(parents=True, exist_ok=True)
        # The chat has the terminal to itself.
        logs.configure(file=data_dir / "demo.log", secrets=())
        _run(run_demo(settings))


@app.command()
def run(config: ConfigFile = DEFAULT_FILE) -> None:
    """Run the gateway: the bots of the settings, in the chats of the settings."""
    from chatops.app import run as run_desk

    with _told():
        _run(run_desk(_settings(config, "INFO")))


@app.command()
def check(config: ConfigFile = DEFAULT_FILE) -> None:
    """Say what is wrong with the settings, the database, the tokens, the rooms, the clock, and what to do."""
    from chatops.checkup import checkup, lines, passed

    with _told():
        findings = asyncio.run(checkup(_settings(config)))
    for line in lines(findings):
        typer.echo(line)
    raise typer.Exit(0 if passed(findings) else 1)


@app.command()
def paper(
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT or unix:PATH.")] = "127.0.0.1:8000",
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
    """The paper bot alone, behind its control API."""
    from chatops.app import utc_now
    from chatops.bots import serve_paper
    from chatops.settings import PAPER

    with _told():
        token = token_file.read_text().strip() if token_file else None
        logs.configure(secrets=(token,) if token else ())
        bot = BotSettings(
            name=name, url=PAPER, scenario=scenario, market=market, begins=_utc(begins), speed=speed, seed=seed
        )
        _run(serve_paper(bot, listen, token, utc_now))


@audit.command("verify")
def audit_verify(config: ConfigFile = DEFAULT_FILE) -> None:
    """Prove that nothing on record was changed, is missing or was reordered, or name the first bad row."""
    from chatops.app import open_database
    from chatops.guard.verifying import Broken, Whole
    from chatops.storage.record import verify_record

    async def verify(settings: Settings) -> Whole | Broken:
        async with open_database(settings, beside=True, migrate=False) as database:
            return await verify_record(database)

    with _told():
        found = asyncio.run(verify(_settings(config)))
    if isinstance(found, Broken):
        typer.echo(f"BROKEN at {found.where}: {found.why}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The record is whole: {found.steps} steps of {found.asks} asks, every one chained to the one before.")
    typer.echo(f"Its head is {found.head.hash} at step {found.head.seq}: noted elsewhere, it shows a record made anew.")


@deliveries.callback()
def deliveries_list(
    context: typer.Context,
    config: ConfigFile = DEFAULT_FILE,
    room: Annotated[str | None, typer.Option("--room", help="Its name, PLATFORM:ID, or the id alone.")] = None,
    state: Annotated[State | None, typer.Option("--state", help="How far they have come.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Why somebody is told.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, and nothing else.")] = False,
) -> None:
    """List what is owed to rooms and what became of it, the newest first."""
    from chatops.app import open_database
    from chatops.delivery_list import put_json, put_list
    from chatops.storage.delivery_book import DeliveryBook, Which

    if context.invoked_subcommand is not None:
        return

    async def look(settings: Settings) -> None:
        async with open_database(settings, beside=True, migrate=False) as database:
            book = DeliveryBook(database)
            names = await _room_names(settings, book)
            rooms = None if room is None else names.meant(room, await book.rooms())
            which = Which(rooms, kind, state)
            listed = await book.newest(which, limit)
            if json:
                put_json(listed, names, sys.stdout)
            else:
                put_list(listed, await book.counted(which), names, sys.stdout)

    with _told():
        asyncio.run(look(_settings(config)))


@deliveries.command("retry")
def deliveries_retry(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="ID", help="Its id, or 8 characters or more of either end.")],
    config: Annotated[Path | None, typer.Option("--config", "-c", help="The settings file.")] = None,
) -> None:
    """Send a dead or an ambiguous one again."""
    from chatops.app import open_database
    from chatops.storage.delivery_book import DeliveryBook

    async def retry(settings: Settings) -> str:
        async with open_database(settings, beside=True, migrate=False) as database:
            book = DeliveryBook(database)
            again = await book.retry(delivery)
            room = (await _room_names(settings, book)).name(again.room)
        marked = ", marked as a possible repeat" if again.state is State.AMBIGUOUS else ""
        return f"{again.id} to {room} will go out as soon as a desk runs{marked}."

    # The file may stand before the word as well as after it.
    before: Path = context.parent.params["config"] if context.parent else DEFAULT_FILE
    with _told():
        typer.echo(asyncio.run(retry(_settings(config or before))))


@db.command("migrate")
def db_migrate(config: ConfigFile = DEFAULT_FILE) -> None:
    """Bring the database to the newest shape. `run` does it by itself at every start."""
    from chatops.app import open_database

    async def migrate(settings: Settings) -> None:
        async with open_database(settings, beside=True):
            pass

    with _told():
        asyncio.run(migrate(_settings(config)))
    typer.echo("The database has the newest shape.")


@app.command()
def version() -> None:
    """Which Quarterdeck this is."""
    typer.echo(f"quarterdeck {installed('quarterdeck')}")


def _settings(config: Path, level: str = "ERROR") -> Settings:
    """Read them, and log from this level on, with their secrets taken out."""
    settings = read_settings(config, os.environ)
    logs.configure(level, secrets=settings.secrets())
    return settings


async def _room_names(settings: Settings, book: "DeliveryBook") -> RoomNames:
    return RoomNames({room.name: (room.room, await book.moved(room.room)) for room in settings.rooms})


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


@contextmanager
def _told() -> Iterator[None]:
    """What a person can mend is told in a few lines, without a traceback."""
    try:
        yield
    except SettingsError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(2) from error
    except ValidationError as error:
        for problem in explain(error, BotSettings, {}, "", {}):
            option = _OPTIONS.get(problem.key, problem.key)
            typer.echo(f"--{option}: {problem.what}" + (f": {problem.todo}" if problem.todo else ""), err=True)
        raise typer.Exit(2) from error
    except NoSuchRoom as error:
        typer.echo(f"--room: {error}.", err=True)
        raise typer.Exit(2) from error
    except (BotError, NoMarket, StorageError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it until it ends, or until we are told to stop; then it puts things away, and that is no failure."""

    async def until_stopped() -> None:
        task = asyncio.ensure_future(coroutine)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            # Once: a second Ctrl-C must not cut off the closing that the first one began.
            if not task.cancelling():
                task.cancel()

        def told(number: int, frame: FrameType | None) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(stop)

        # Not the loop's own handlers: those end with the loop, and Ctrl-C once more would then be a crash.
        for number in numbers:
            signal.signal(number, told)
        with suppress(asyncio.CancelledError):
            await task

    # Whoever started us with `nohup` does not want the third.
    numbers = [one for one in STOPPING if signal.getsignal(one) is not signal.SIG_IGN]
    try:
        asyncio.run(until_stopped())
    finally:
        # All is put away; what is left is Python's own end, which would take the next one for a crash.
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)


def main() -> None:
    """The entry point of the command."""
    app()
