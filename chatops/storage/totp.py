"""Who proves themselves with codes, and which of these were used: tables `totp` and `recovery_codes`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatops.room import Room
from chatops.storage.database import Database


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with a secret in it, to be taken away."""

    room: Room
    message_id: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """From its id, and a key that is elsewhere, the seed follows."""

    id: UUID
    #: Whether a code of it has come: only then does it count.
    is_confirmed: bool
    #: The newest step whose code was used.
    last_step: int
    shown: Shown | None = None


class Enrolments:
    """One for each person at most. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, person: str) -> Enrolment | None:
        """That of this person."""
        row = await self._database.fetchrow("SELECT * FROM totp WHERE person = $1", person)
        if row is None:
            return None
        shown = None
        if row["shown_id"] is not None:
            shown = Shown(Room.of(row["shown_platform"], row["shown_room"]), row["shown_id"])
        return Enrolment(row["enrolment"], row["confirmed_at"] is not None, row["last_step"], shown)

    async def begin(self, person: str, enrolment: UUID, at: datetime, *, instead: bool = False) -> bool:
        """A new one, unconfirmed; `instead` of one that counts too. Whether it was begun."""
        row = await self._database.fetchrow(
            """
            WITH begun AS (
                INSERT INTO totp (person, enrolment, made_at) VALUES ($1, $2, $3)
                ON CONFLICT (person) DO UPDATE
                SET enrolment = $2, made_at = $3, confirmed_at = NULL, last_step = 0,
                    shown_platform = NULL, shown_room = NULL, shown_id = NULL
                WHERE totp.confirmed_at IS NULL OR $4
                RETURNING person
            ), gone AS (
                DELETE FROM recovery_codes USING begun WHERE recovery_codes.person = begun.person
            )
            SELECT person FROM begun
            """,
            person,
            enrolment,
            at,
            instead,
        )
        return row is not None

    async def show(self, person: str, enrolment: UUID, shown: Shown | None) -> None:
        """Where a secret of it stands; None: nowhere any more."""
        await self._database.execute(
            """
            UPDATE totp SET shown_platform = $3, shown_room = $4, shown_id = $5
            WHERE person = $1 AND enrolment = $2
            """,
            person,
            enrolment,
            shown and shown.room.platform,
            shown and shown.room.key,
            shown and shown.message_id,
        )

    async def confirm(self, person: str, enrolment: UUID, step: int, hashes: Iterable[str], at: datetime) -> bool:
        """The code of this step came: from now on it counts, with these recovery codes. Only the first time."""
        row = await self._database.fetchrow(
            """
            WITH confirmed AS (
                UPDATE totp SET confirmed_at = $4, last_step = $3
                WHERE person = $1 AND enrolment = $2 AND confirmed_at IS NULL
                RETURNING person
            ), given AS (
                INSERT INTO recovery_codes (person, hash) SELECT person, unnest($5::text[]) FROM confirmed
            )
            SELECT person FROM confirmed
            """,
            person,
            enrolment,
            step,
            at,
            list(hashes),
        )
        return row is not None

    async def use_step(self, person: str, enrolment: UUID, step: int) -> bool:
        """Use up the code of this step and all before it. Of any number at once only the first goes through."""
        word = await self._database.execute(
            """
            UPDATE totp SET last_step = $3
            WHERE person = $1 AND enrolment = $2 AND confirmed_at IS NOT NULL AND last_step < $3
            """,
            person,
            enrolment,
            step,
        )
        return word == "UPDATE 1"

    async def use_recovery_code(self, person: str, hash_: str, at: datetime) -> bool:
        """Use up the recovery code of this hash, where there is one. Only the first goes through."""
        word = await self._database.execute(
            "UPDATE recovery_codes SET used_at = $3 WHERE person = $1 AND hash = $2 AND used_at IS NULL",
            person,
            hash_,
            at,
        )
        return word == "UPDATE 1"

    async def recovery_codes_left(self, person: str) -> int:
        """How many are not used."""
        left: int = await self._database.fetchval(
            "SELECT count(*) FROM recovery_codes WHERE person = $1 AND used_at IS NULL", person
        )
        return left

    async def end(self, person: str) -> bool:
        """Forget it, with its recovery codes. Whether there was one."""
        return await self._database.execute("DELETE FROM totp WHERE person = $1", person) == "DELETE 1"

    async def count(self) -> int:
        """How many people have one that counts."""
        found: int = await self._database.fetchval("SELECT count(*) FROM totp WHERE confirmed_at IS NOT NULL")
        return found
