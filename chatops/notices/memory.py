"""What was last told of a bot: so much as tells, another time, what has happened meanwhile."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from bot_integration import Mode, Position, PositionStage, Risk, Snapshot


class Remembered(BaseModel):
    """A bot as it was last told of. Of its positions no more than a notice says: no legs."""

    # A later version may have stored more.
    model_config = ConfigDict(frozen=True, extra="ignore")

    session_id: UUID
    version: str
    mode: Mode
    at: datetime
    positions: tuple[Position, ...]

    @classmethod
    def of(cls, snapshot: Snapshot, but: Collection[str] = ()) -> Self:
        """What is held, but for those that were not told of yet."""
        return cls(
            session_id=snapshot.session_id,
            version=snapshot.session.version,
            mode=snapshot.session.mode,
            at=snapshot.at,
            positions=tuple(
                position.model_copy(update={"legs": (), "risk": Risk(), "extra": {}})
                for position in snapshot.positions
                if position.stage is not PositionStage.CLOSED and position.id not in but
            ),
        )

    def differs(self, other: "Remembered") -> bool:
        """Whether something would be told wrong with the other one, and not money alone be older."""
        return (self.session_id, self.version, self.mode, self._held) != (
            other.session_id,
            other.version,
            other.mode,
            other._held,
        )

    @property
    def _held(self) -> list[tuple[str, datetime, PositionStage]]:
        return [(position.id, position.opened_at, position.stage) for position in self.positions]


class Memory(Protocol):
    """Keeps it from one run of the desk to the next."""

    async def recall(self, bot: str) -> Remembered | None:
        """What was kept of this bot; None where that is nothing, or nothing that can be read. Raises `DatabaseAway`."""
        ...

    async def keep(self, bot: str, seen: Remembered) -> None:
        """Keep this in place of what was kept before. Raises `DatabaseAway`."""
        ...
