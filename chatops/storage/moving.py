"""A chat that has another id now: what is owed to it follows, and so do its open buttons."""

from chatops.storage.database import Connection


async def move(connection: Connection, platform: str, old: str, new: str) -> None:
    """Write it all, in the transaction that the connection is in. What was sent stays where it was."""
    # A chat that comes back to an id it had: no chain of moves may end where it began.
    await connection.execute("DELETE FROM moved_chats WHERE platform = $1 AND old = $2", platform, new)
    await connection.execute(
        "UPDATE moved_chats SET new = $3 WHERE platform = $1 AND new = $2 AND old <> $3", platform, old, new
    )
    await connection.execute(
        """
        INSERT INTO moved_chats (platform, old, new) VALUES ($1, $2, $3)
        ON CONFLICT (platform, old) DO UPDATE SET new = excluded.new, at = now()
        """,
        platform,
        old,
        new,
    )
    # Whoever sends there goes on doing so, alone.
    await connection.execute(
        """
        WITH given AS (
            UPDATE delivery_chats AS c SET sender = NULL, lease_until = NULL, delivery = NULL
            FROM delivery_chats AS was
            WHERE c.platform = $1 AND c.chat = $2 AND was.platform = c.platform AND was.chat = c.chat
            RETURNING was.sender, was.lease_until, was.delivery
        )
        INSERT INTO delivery_chats AS c (platform, chat, sender, lease_until, delivery)
        SELECT $1, $3, g.sender, g.lease_until, g.delivery FROM (VALUES (1)) AS one LEFT JOIN given AS g ON true
        ON CONFLICT (platform, chat) DO UPDATE
        SET sender = excluded.sender, lease_until = excluded.lease_until, delivery = excluded.delivery
        WHERE c.sender IS NULL
        """,
        platform,
        old,
        new,
    )
    await connection.execute(
        """
        UPDATE deliveries SET room = $3 || substr(room, length($2) + 1)
        WHERE platform = $1 AND chat = $2 AND state IN ('pending', 'sending')
        """,
        platform,
        old,
        new,
    )
    await connection.execute(
        """
        UPDATE presses SET room = $3 || substr(room, length($2) + 1)
        WHERE platform = $1 AND split_part(room, '/', 1) = $2 AND state = 'open'
        """,
        platform,
        old,
        new,
    )
    await connection.execute("SELECT pg_notify('deliveries', $1)", platform)
