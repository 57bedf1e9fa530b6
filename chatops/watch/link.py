"""Whether the bot is heard, and since when it is not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Away:
    """The bot is not heard. What is known of it is the last that it said."""

    since: datetime
    #: A sentence for people, with what they can do where that is known.
    why: str


class Link:
    """Remembers since when. It is as exact as it is asked often."""

    def __init__(self, why: Callable[[], str | None], now: Callable[[], datetime]) -> None:
        """`why` says why the bot is not heard; None while it is."""
        self._why = why
        self._now = now
        self._since: datetime | None = None

    def __call__(self) -> Away | None:
        """How it is now."""
        why = self._why()
        if why is None:
            self._since = None
            return None
        self._since = self._since or self._now()
        return Away(self._since, why)


def heard() -> None:
    """Of a bot in this process, which is never away."""
