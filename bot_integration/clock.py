"""The clock that is meant where none is handed in."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
