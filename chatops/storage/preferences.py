"""What rooms have chosen: table `room_preferences`."""

from collections.abc import Collection, Mapping, Sequence

from chatops.preferences import Chosen
from chatops.room import Room
from chatops.storage.database import Database


class PostgresPreferences:
    """A `PreferenceStore`. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Chosen]:
        """All of them, each for the room as it is called now."""
        rows = await self._database.fetch(
            """
            SELECT platform, moved_room(platform, room) AS room, key, value FROM room_preferences
            -- What a chat chose under its new id goes before what it had chosen under the old one.
            ORDER BY platform, moved_room(platform, room) = room, room, key
            """
        )
        return [Chosen(Room.of(row["platform"], row["room"]), row["key"], row["value"]) for row in rows]

    async def where(self, rooms: Collection[Room]) -> Mapping[Room, Room]:
        """Where each of these rooms is now."""
        rows = await self._database.fetch(
            """
            SELECT platform, room, moved_room(platform, room) AS now_at
            FROM unnest($1::text[], $2::text[]) AS asked (platform, room)
            """,
            [room.platform for room in rooms],
            [room.key for room in rooms],
        )
        return {Room.of(row["platform"], row["room"]): Room.of(row["platform"], row["now_at"]) for row in rows}

    async def keep(self, chosen: Sequence[Chosen], by: str) -> None:
        """Store these, all or none, in place of what the rooms had chosen for those keys."""
        await self._database.execute(
            """
            INSERT INTO room_preferences (platform, room, key, value, changed_by)
            SELECT platform, room, key, value, $2
            FROM jsonb_to_recordset($1) AS chosen (platform text, room text, key text, value jsonb)
            ON CONFLICT (platform, room, key) DO UPDATE
            SET value = excluded.value, changed_by = excluded.changed_by, at = now()
            """,
            [
                {"platform": one.room.platform, "room": one.room.key, "key": one.key, "value": one.value}
                for one in chosen
            ],
            by,
        )

    async def forget(self, room: Room, key: str) -> None:
        """As if the room had never chosen, under whatever id it has had."""
        await self._database.execute(
            "DELETE FROM room_preferences WHERE platform = $1 AND moved_room(platform, room) = $2 AND key = $3",
            room.platform,
            room.key,
            key,
        )

    async def muted(self) -> Collection[Room]:
        """The rooms that are told nothing unasked, each as it is called now."""
        rows = await self._database.fetch("SELECT platform, moved_room(platform, room) AS room FROM mutes")
        return frozenset(Room.of(row["platform"], row["room"]) for row in rows)

    async def mute(self, room: Room, by: str) -> None:
        """Have it be one of them."""
        await self._database.execute(
            "INSERT INTO mutes (platform, room, by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            room.platform,
            room.key,
            by,
        )

    async def unmute(self, room: Room) -> None:
        """Have it be none of them, under whatever id it has had."""
        await self._database.execute(
            "DELETE FROM mutes WHERE platform = $1 AND moved_room(platform, room) = $2", room.platform, room.key
        )
