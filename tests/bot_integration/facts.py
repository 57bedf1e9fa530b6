"""The smallest facts a bot may publish, for the tests of what carries them."""

from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def facts(**more: Any) -> dict[str, Any]:
    """A mapping that `publish` takes."""
    return {
        "session": {"strategy": "carry", "mode": "paper", "started_at": NOON},
        "portfolio": {"equity": 1000},
        **more,
    }


def position(position_id: str = "ETH-1", stage: str = "open", **more: Any) -> dict[str, Any]:
    """A position that `facts(positions=[…])` takes."""
    return {"id": position_id, "asset": "ETH", "stage": stage, "opened_at": NOON, "updated_at": NOON, **more}
