"""Who else keeps things aside while the database is away (port)."""

from collections.abc import Callable
from typing import Protocol


class Beside(Protocol):
    """Who else keeps things aside while the database is away. It has them carried before the book is."""

    @property
    def is_here(self) -> bool:
        """Whether the database is there, as far as it knows, and all is carried."""
        ...

    def lost(self, error: object) -> None:
        """Told that the database does not answer."""
        ...

    def when_lost(self, told: Callable[[], None]) -> None:
        """Have it called each time that it finds the database away."""
        ...

    async def carry(self) -> None:
        """Bring what it keeps into the database. Raises `DatabaseAway`."""
        ...


class Nobody:
    """Nobody keeps anything else."""

    is_here = True

    def lost(self, error: object) -> None:
        """Nothing to do."""

    def when_lost(self, told: Callable[[], None]) -> None:
        """It never is."""

    async def carry(self) -> None:
        """Nothing to carry."""
