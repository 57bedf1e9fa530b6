"""A database that goes away, and comes back."""

from urllib.parse import urlsplit

import asyncpg


class Plug:
    """Keeps everybody out of one database of a real server, and lets them in again."""

    def __init__(self, postgres_url: str, database_url: str) -> None:
        self._server = postgres_url
        self._name = urlsplit(database_url).path.lstrip("/")

    async def pull(self) -> None:
        connection = await asyncpg.connect(self._server)
        try:
            await connection.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", self._name
            )
        finally:
            await connection.close()

    async def put_back(self) -> None:
        connection = await asyncpg.connect(self._server)
        try:
            await connection.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")
        finally:
            await connection.close()
