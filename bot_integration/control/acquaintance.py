"""Whom a line leads to."""

from bot_integration.control.errors import WrongBot
from bot_integration.state import Snapshot


class Acquaintance:
    """The bot that is meant, by name; without one it is whoever says the first facts."""

    def __init__(self, name: str | None, where: str) -> None:
        """`where` is the address, as people may read it."""
        self._name = name
        self._where = where

    @property
    def name(self) -> str | None:
        """The name, once it is known."""
        return self._name

    def __str__(self) -> str:
        return self._name or f"the bot at {self._where}"

    def check(self, snapshot: Snapshot) -> Snapshot:
        """Gives it back where it is of this bot; raises `WrongBot` where it is of another."""
        if self._name is None:
            self._name = snapshot.bot
        elif snapshot.bot != self._name:
            raise self.another(f"This is {snapshot.bot}, not {self._name}.")
        return snapshot

    def another(self, said: str) -> WrongBot:
        """What is raised where another bot answers, with what was said of it."""
        return WrongBot(
            f"Another bot answers at {self._where}: {said} Correct the url, or the name, of {self._name or 'the bot'}."
        )
