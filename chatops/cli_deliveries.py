"""The commands `quarterdeck deliveries`: what is owed to rooms, listed, shown whole, and sent again by hand."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli_settings import DEFAULT_FILE, ConfigFile, settings_of, told
from chatops.owed import Kind, State
from chatops.room_names import RoomNames
from chatops.settings import Settings

if TYPE_CHECKING:
    from chatops.storage.delivery_search import DeliverySearch

Part = Annotated[str, typer.Argument(metavar="ID", help="Its id, or 8 characters or more of either end.")]
OwnConfigFile = Annotated[Path | None, typer.Option("--config", "-c", help="The settings file.")]

deliveries = typer.Typer(help="What is owed to rooms: listed, and sent again by hand.", invoke_without_command=True)


@deliveries.callback()
def deliveries_list(
    context: typer.Context,
    config: ConfigFile = DEFAULT_FILE,
    room: Annotated[str | None, typer.Option("--room", help="Its name, PLATFORM:ID, or the id alone.")] = None,
    state: Annotated[State | None, typer.Option("--state", help="How far they have come.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Why somebody is told.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 50,
    former: Annotated[
        bool, typer.Option("--all", help="Also what cards that are kept up to date said before.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, and nothing else.")] = False,
) -> None:
    """List what is owed to rooms and what became of it, the newest first."""
    from chatops.delivery_list import put_json, put_list
    from chatops.own_database import open_database
    from chatops.storage.delivery_facts import Which
    from chatops.storage.delivery_search import DeliverySearch

    if context.invoked_subcommand is not None:
        return

    async def look(settings: Settings) -> None:
        async with open_database(settings, beside=True, migrate=False) as database:
            search = DeliverySearch(database)
            names = await _room_names(settings, search)
            rooms = None if room is None else names.meant(room, await search.rooms())
            which = Which(rooms, kind, state, former)
            listed = await search.newest(which, limit)
            if json:
                put_json(listed, names, sys.stdout)
            else:
                put_list(listed, await search.counted(which), names, sys.stdout, state)

    with told():
        asyncio.run(look(settings_of(config)))


@deliveries.command("show")
def deliveries_show(
    context: typer.Context,
    delivery: Part,
    config: OwnConfigFile = None,
) -> None:
    """Print one whole: what it says, its buttons, its file, and all that is known of it."""
    from chatops.delivery_card import put_whole
    from chatops.own_database import open_database
    from chatops.storage.delivery_search import DeliverySearch

    async def show(settings: Settings) -> None:
        async with open_database(settings, beside=True, migrate=False) as database:
            search = DeliverySearch(database)
            put_whole(await search.whole(delivery), await _room_names(settings, search), sys.stdout)

    with told():
        asyncio.run(show(settings_of(config or _before(context))))


@deliveries.command("retry")
def deliveries_retry(
    context: typer.Context,
    delivery: Part,
    config: OwnConfigFile = None,
) -> None:
    """Send a dead or an ambiguous one again."""
    from chatops.own_database import open_database
    from chatops.storage.delivery_search import DeliverySearch

    async def retry(settings: Settings) -> str:
        async with open_database(settings, beside=True, migrate=False) as database:
            search = DeliverySearch(database)
            again = await search.retry(delivery)
            room = (await _room_names(settings, search)).name(again.room)
        marked = ", marked as a possible repeat" if again.state is State.AMBIGUOUS else ""
        return f"{again.id} to {room} will go out as soon as a desk runs{marked}."

    with told():
        typer.echo(asyncio.run(retry(settings_of(config or _before(context)))))


def _before(context: typer.Context) -> Path:
    """The settings file that is named before the word: it may stand there as well as after it."""
    before: Path = context.parent.params["config"] if context.parent else DEFAULT_FILE
    return before


async def _room_names(settings: Settings, search: "DeliverySearch") -> RoomNames:
    return RoomNames({room.name: (room.room, await search.moved(room.room)) for room in settings.rooms})
