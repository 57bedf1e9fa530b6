"""The commands `quarterdeck users`: who is known, let in, changed and put out, beside a desk that runs."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.people import Role

if TYPE_CHECKING:
    from chatops.membership.people_desk import PeopleDesk

Who = Annotated[str, typer.Argument(metavar="NAME", help="Whom.")]

users = typer.Typer(help="Who is known, and as what.", no_args_is_help=True)


@users.command("list")
def users_list(config: ConfigFile = DEFAULT_FILE) -> None:
    """List everybody, of the settings file and of the database."""
    from chatops.people_list import put_people

    async def look(desk: "PeopleDesk") -> None:
        put_people(await desk.directory(), sys.stdout)

    _at(config, look)


@users.command("invite")
def users_invite(
    role: Annotated[Role, typer.Argument(help="As what.")],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="How they will be called.")] = "",
    config: ConfigFile = DEFAULT_FILE,
) -> None:
    """Print a code that lets one person in, within ten minutes."""

    async def invite(desk: "PeopleDesk") -> None:
        code = await desk.invite(role, name)
        typer.echo(f"Good once, for 10 minutes. Whoever is meant says to the bot: start {code}")

    _at(config, invite)


@users.command("role")
def users_role(
    name: Who, role: Annotated[Role, typer.Argument(help="As what.")], config: ConfigFile = DEFAULT_FILE
) -> None:
    """Make somebody viewer, operator or admin."""

    async def change(desk: "PeopleDesk") -> None:
        typer.echo(await desk.set_role(name, role))

    _at(config, change)


@users.command("revoke")
def users_revoke(
    name: Who,
    account: Annotated[str, typer.Argument(help="One linked account alone: its id, or its platform.")] = "",
    config: ConfigFile = DEFAULT_FILE,
) -> None:
    """Make somebody a stranger, at once, or one account of theirs: also for a desk that runs."""

    async def revoke(desk: "PeopleDesk") -> None:
        typer.echo(await desk.revoke(name, account))

    _at(config, revoke)


@users.command("claim")
def users_claim(config: ConfigFile = DEFAULT_FILE) -> None:
    """Print a code for the first admin, where there is none. Codes of before are void."""
    from chatops.views.joining import claim_words

    async def claim(desk: "PeopleDesk") -> None:
        typer.echo(claim_words(await desk.claim()))

    _at(config, claim)


def _at(config: ConfigFile, act: "Callable[[PeopleDesk], Awaitable[None]]") -> None:
    """Do it on the database of the settings; what is refused is told in a line."""
    from chatops.membership.people_desk import PeopleDesk
    from chatops.membership.roster import Unwilling
    from chatops.own_database import open_database

    async def run() -> None:
        settings = settings_of(config)
        async with open_database(settings, beside=True, migrate=False) as database:
            await act(PeopleDesk(database, settings.directory(), _user()))

    with told():
        try:
            asyncio.run(run())
        except Unwilling as refusal:
            typer.echo(str(refusal), err=True)
            raise typer.Exit(1) from refusal


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "?"
