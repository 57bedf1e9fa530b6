"""The settings of a command, and how it tells a person what they can mend there or elsewhere."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from bot_integration import BotError
from chatops import logs
from chatops.adapters.apprise.errors import UnusableChannel
from chatops.bots import NoMarket
from chatops.elsewhere.sqlite import WrongHistory
from chatops.room_names import NoSuchRoom
from chatops.settings import BotSettings, Settings, SettingsError, read_settings
from chatops.settings.problems import explain
from chatops.storage.errors import StorageError

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The settings file.")]

DEFAULT_FILE = Path("quarterdeck.toml")
#: Options that are not called as their setting is.
_OPTIONS = {"begins": "from"}


def settings_of(config: Path, level: str = "ERROR") -> Settings:
    """Read them, and log from this level on, with their secrets taken out."""
    settings = read_settings(config, os.environ)
    logs.configure(level, secrets=settings.secrets())
    return settings


@contextmanager
def told() -> Iterator[None]:
    """What a person can mend is told in a few lines, without a traceback."""
    try:
        yield
        # Not only at Python's own end, which would tell of a reader that has gone.
        sys.stdout.flush()
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
    except BrokenPipeError as error:
        # Whoever read it has enough (`| head`). What is left of it must not be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from error
    except (BotError, NoMarket, StorageError, UnusableChannel, WrongHistory, OSError) as error:
        # What a library says of an address may hold its password.
        typer.echo(logs.redactor()(str(error)), err=True)
        raise typer.Exit(1) from error
