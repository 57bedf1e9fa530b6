"""The database of the settings, for the gateway and for every command that looks into it.

Apart from the gateway itself, whose parts take a command longer to import than most of them run.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from chatops.settings import Settings
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.errors import DatabaseTooOld, DataDirInUse
from chatops.storage.visiting import is_made, visiting
from chatops.tasks import running


@asynccontextmanager
async def open_database(settings: Settings, *, beside: bool = False, migrate: bool = True) -> AsyncIterator[Database]:
    """The database of the settings or the embedded one, in its newest shape.

    With `beside`, that of a desk which runs already is opened too, and left running. Without `migrate` nothing is made
    or changed: raises `DatabaseTooOld` where that is needed first.
    """
    async with open_as_it_is(settings, beside=beside, make=migrate) as database:
        await (database.migrate() if migrate else database.expect_newest())
        yield database


@asynccontextmanager
async def open_as_it_is(
    settings: Settings, *, beside: bool = False, make: bool = False, server: Mapping[str, str] | None = None
) -> AsyncIterator[Database]:
    """The same in whatever shape it is: to be copied, or to be filled.

    `server` are settings of the embedded PostgreSQL meanwhile. Raises `DatabaseTooOld` where there is none, and
    `make` does not say that it is made.
    """
    async with AsyncExitStack() as stack:
        if settings.database.url is not None:
            url = settings.database.url.get_secret_value()
        else:
            if not make and not is_made(settings.desk.data_dir):
                raise DatabaseTooOld(
                    f"There is no database in {settings.desk.data_dir} yet: `quarterdeck run` makes it, and so does "
                    "`quarterdeck db migrate`."
                )
            url = await _open_embedded(stack, settings.desk.data_dir, beside, server)
        yield await stack.enter_async_context(Database.open(url))


async def _open_embedded(stack: AsyncExitStack, data_dir: Path, beside: bool, server: Mapping[str, str] | None) -> str:
    postgres = EmbeddedPostgres(data_dir, server)
    try:
        url = await stack.enter_async_context(postgres)
    except DataDirInUse:
        if not beside:
            raise
        return stack.enter_context(visiting(data_dir))
    await stack.enter_async_context(running(postgres.keep(), "the embedded PostgreSQL"))
    return url
