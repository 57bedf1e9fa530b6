"""Databases for the tests: what a test did to its own is undone, and the next test has it.

Copying and dropping one makes and removes some three hundred files each time; undoing what a test did takes a tenth.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

#: Stands in a schema of its own. Only rows are undone: what alters more is counted, by a sequence, since that goes on
#: counting where the altering was rolled back.
UNDOING = r"""
CREATE SCHEMA beside;

CREATE SEQUENCE beside.alterations;

CREATE FUNCTION beside.altered() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A partition that is made for a time holds nothing when it is undone: the next test may well want it.
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()) AND NOT EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() AS made
        WHERE made.object_identity !~ '_20\d\d_\d\d(\M|_)'
            AND NOT EXISTS (SELECT FROM pg_class WHERE oid = made.objid AND relkind = 'p'))
    THEN
        RETURN;
    END IF;
    PERFORM nextval('beside.alterations');
END $$;

-- The rows that a new database has.
DO $$
DECLARE
    name text;
    has_rows boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE beside.%1$I AS TABLE public.%1$I', name);
        END IF;
    END LOOP;
END $$;

-- Gives the tables that had rows and have none now; null where more than rows was altered.
CREATE FUNCTION beside.undo() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    name text;
    differs boolean;
    emptied text[] = '{}';
BEGIN
    -- Whoever is connected still may hold locks. Of the catalogs, what is asked of a new connection takes its time: of
    -- functions and tables it is half as long as of the views for people.
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_get_activity(NULL)
        WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid();
    IF (SELECT is_called FROM beside.alterations) OR EXISTS (
        SELECT FROM pg_database JOIN pg_db_role_setting ON setdatabase = oid WHERE datname = current_database()
    ) THEN
        RETURN NULL;
    END IF;
    -- Neither what forbids deleting nor what refers to others is asked.
    SET LOCAL session_replication_role = replica;
    -- That of alterations was not called, as we have just seen.
    PERFORM setval(seqrelid::regclass, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'beside'::regnamespace LOOP
        EXECUTE format(
            'WITH had AS (SELECT t::text FROM beside.%1$I t), has AS (SELECT t::text FROM public.%1$I t)'
            ' SELECT EXISTS ((TABLE had EXCEPT ALL TABLE has) UNION ALL (TABLE has EXCEPT ALL TABLE had))', name
        ) INTO differs;
        IF differs THEN
            EXECUTE format('DELETE FROM public.%I', name);
            EXECUTE format('INSERT INTO public.%1$I TABLE beside.%1$I', name);
        END IF;
    END LOOP;
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND to_regclass(format('beside.%I', relname)) IS NULL
            -- A file without a page has never had a row, or is vacuumed.
            AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        emptied = emptied || quote_ident(name);
    END LOOP;
    RETURN emptied;
END $$;

CREATE EVENT TRIGGER altered ON ddl_command_end EXECUTE FUNCTION beside.altered();
"""
#: No file is left longer than a new one: rows would come in another order.
_VACUUM = "VACUUM (INDEX_CLEANUP on, SKIP_DATABASE_STATS, PARALLEL 0)"
#: What is not undone by then is dropped.
_PATIENCE = {"lock_timeout": "5000", "statement_timeout": "20000"}


class Databases:
    """Lends databases that are as new."""

    def __init__(self, postgres_url: str, shape: str) -> None:
        """They are copies of the database `shape`, in which `UNDOING` has been run."""
        self._postgres_url = postgres_url
        self._shape = shape
        self._free: list[str] = []

    async def lend(self) -> str:
        """The URL of one that is nobody else's until it is taken back."""
        if self._free:
            return self._free.pop()
        name = f"test_{uuid.uuid4().hex}"
        async with connected(self._postgres_url) as connection:
            # Copied file by file, in half the time that it takes to log each page.
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._shape} STRATEGY file_copy")
        return beside(self._postgres_url, name)

    async def take_back(self, url: str) -> None:
        """Undo what was done to it; what cannot be undone is dropped."""
        try:
            is_undone = await _undo(url)
        except (asyncpg.PostgresError, OSError):
            # It lets nobody in, say.
            is_undone = False
        if is_undone:
            self._free.append(url)
        else:
            async with connected(self._postgres_url) as connection:
                await connection.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")


async def _undo(url: str) -> bool:
    async with connected(url, _PATIENCE) as connection:
        emptied: list[str] | None = await connection.fetchval("SELECT beside.undo()")
        if emptied:
            await connection.execute(f"{_VACUUM} {', '.join(emptied)}")
    return emptied is not None


@asynccontextmanager
async def connected(
    url: str, settings: dict[str, str] | None = None
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of one's own, until the block ends."""
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        yield connection
    finally:
        await connection.close()


def beside(postgres_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
