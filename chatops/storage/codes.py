"""What lets somebody in once: table `codes`."""

from datetime import datetime, timedelta

from chatops.guard.codes import CodeKind, StoredCode
from chatops.people import Role, Source
from chatops.storage.database import Connection, Database

#: What is longer over than this is forgotten: nobody is told any more that it was real.
_KEPT = timedelta(days=30)


class CodeTable:
    """Codes by their hash. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, connection: "Connection | Database") -> None:
        """On a connection it is part of that one's transaction."""
        self._connection = connection

    async def find(self, hashed: str) -> StoredCode | None:
        """What is known of it; None where there never was such a code."""
        row = await self._connection.fetchrow("SELECT * FROM codes WHERE hash = $1", hashed)
        if row is None:
            return None
        return StoredCode(
            kind=CodeKind(row["kind"]),
            made_by=row["made_by"],
            made_at=row["made_at"],
            expires_at=row["expires_at"],
            role=Role(row["role"]) if row["role"] else None,
            person=row["person"],
            source=Source(row["source"]) if row["source"] else None,
            used_by=row["used_by"],
        )

    async def add(self, hashed: str, code: StoredCode) -> None:
        """A new one."""
        await self._connection.execute(
            """
            WITH forgotten AS (DELETE FROM codes WHERE expires_at < $9 OR used_at < $9)
            INSERT INTO codes (hash, kind, role, person, source, made_by, made_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            hashed,
            code.kind,
            code.role,
            code.person,
            code.source,
            code.made_by,
            code.made_at,
            code.expires_at,
            code.made_at - _KEPT,
        )

    async def use(self, hashed: str, by: str, at: datetime) -> bool:
        """Spend it on this account; False where somebody was faster, or its time has passed."""
        spent = await self._connection.fetchval(
            """
            UPDATE codes SET used_at = $3, used_by = $2
            WHERE hash = $1 AND used_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
            RETURNING true
            """,
            hashed,
            by,
            at,
        )
        return spent is True

    async def void_claims(self, at: datetime) -> None:
        """None of before is good any more."""
        await self._connection.execute("UPDATE codes SET expires_at = $1 WHERE kind = 'claim' AND used_at IS NULL", at)

    async def void_of(self, person: str, at: datetime) -> None:
        """None that this person made is good any more."""
        await self._connection.execute(
            """
            UPDATE codes SET expires_at = $2
            WHERE made_by = $1 AND used_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
            """,
            person,
            at,
        )
