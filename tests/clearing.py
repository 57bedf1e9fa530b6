"""An empty database again, where a new one for every example would take too long."""

from chatops.storage.database import Database


async def clear(database: Database) -> None:
    """Forget all asks, as nobody but whoever owns the database can."""
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "TRUNCATE command_events, command_log, presses, deliveries, delivery_chats, moved_chats, inbox"
        )
        await connection.execute("UPDATE command_chain SET seq = 0, hash = repeat('0', 64)")
