"""People that are not in the settings file, and their accounts: tables `people` and `identities`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from chatops.guard.codes import StoredCode
from chatops.people import Account, Identity, Principal, Role, Source, StoredPeople
from chatops.storage.codes import CodeTable
from chatops.storage.database import Connection, Database
from chatops.storage.revoking import end_what_waits


class PeopleTables:
    """Whoever came by a claim or an invitation. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> StoredPeople:
        """All of them."""
        async with self._database.transaction() as connection:
            return await _load(connection)

    async def last_seen(self, since: datetime) -> dict[str, datetime]:
        """When each person asked something last, by name; of those who did not since then nothing."""
        rows = await self._database.fetch(
            """
            SELECT principal, max(at) AS at FROM command_log
            WHERE principal IS NOT NULL AND at > $1 GROUP BY principal
            """,
            since,
        )
        return {row["principal"]: row["at"] for row in rows}

    async def code(self, hashed: str) -> StoredCode | None:
        """What is known of a code by its hash; None where there never was such a one."""
        return await CodeTable(self._database).find(hashed)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator["PeopleChange"]:
        """Change them, all or nothing, while nobody else does. Other programs hear of it when the block has ended."""
        async with self._database.transaction() as connection:
            # Two changes at once could each leave the other's admin, and both none.
            await connection.execute("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE")
            yield PeopleChange(connection)


class PeopleChange:
    """One change, until the block ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        #: The codes, in the same transaction.
        self.codes = CodeTable(connection)

    async def load(self) -> StoredPeople:
        """All of them, as they are after what was changed so far."""
        return await _load(self._connection)

    async def add_person(self, name: str, role: Role, by: str, at: datetime) -> None:
        """Somebody new, who has no account yet, nor codes: those were of another one of that name."""
        await self._connection.execute("DELETE FROM totp WHERE lower(person) = lower($1)", name)
        await self._connection.execute(
            "INSERT INTO people (name, role, created_at, created_by) VALUES ($1, $2, $3, $4)", name, role, at, by
        )

    async def set_role(self, name: str, role: Role) -> None:
        """Make them that."""
        await self._connection.execute("UPDATE people SET role = $2 WHERE name = $1", name, role)

    async def remove_person(self, name: str) -> None:
        """As if they had never been here; their TOTP goes by a trigger of `people`. What they did stays on record."""
        await self.remove_accounts(name, Source.HERE)
        await self._connection.execute("DELETE FROM people WHERE name = $1", name)

    async def add_account(self, account: Account, at: datetime) -> None:
        """One more. An account that was somebody's is theirs no more."""
        await self._connection.execute(
            """
            INSERT INTO identities (platform, workspace, id, person, source, since) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (platform, workspace, id) DO UPDATE
            SET person = excluded.person, source = excluded.source, since = excluded.since
            """,
            account.identity.platform,
            account.identity.workspace,
            account.identity.id,
            account.person,
            account.source,
            at,
        )

    async def remove_accounts(self, person: str, source: Source) -> None:
        """All that are stored of this person."""
        await self._connection.execute("DELETE FROM identities WHERE person = $1 AND source = $2", person, source)

    async def remove_account(self, identity: Identity) -> None:
        """This one."""
        await self._connection.execute(
            "DELETE FROM identities WHERE platform = $1 AND workspace = $2 AND id = $3",
            identity.platform,
            identity.workspace,
            identity.id,
        )

    async def end_what_waits(self, person: str, by: str, at: datetime, *, because: str) -> int:
        """Void every button that is theirs and end what waits for them; gives how many asks that were."""
        return await end_what_waits(self._connection, person, by, at, because=because)


async def _load(connection: Connection) -> StoredPeople:
    # One statement: people and accounts of one moment.
    rows = await connection.fetch(
        """
        SELECT p.name, p.role, i.platform, i.workspace, i.id, i.person, i.source
        FROM people AS p FULL JOIN identities AS i ON i.source = 'here' AND i.person = p.name
        """
    )
    people = {row["name"]: Principal(row["name"], Role(row["role"])) for row in rows if row["name"] is not None}
    accounts = tuple(
        Account(Identity(row["platform"], row["id"], row["workspace"]), row["person"], Source(row["source"]))
        for row in rows
        if row["platform"] is not None
    )
    return StoredPeople(tuple(people.values()), accounts)
