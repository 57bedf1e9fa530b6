"""What every chat of one server has in common."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.servers.common.bell import Bell
from tests.servers.telegram.callbacks import CallbackQueries
from tests.servers.telegram.person import Person
from tests.servers.telegram.updates import UpdateQueue


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The bot that is served, the clock (Unix seconds), and what is owed to the bot."""

    bot: Person
    now: Callable[[], float]
    updates: UpdateQueue
    queries: CallbackQueries
    #: Rings whenever something that a test can see has changed.
    changed: Bell
    #: In groups the bot then gets only commands and answers to itself, unless it is an admin.
    privacy: bool

    def seconds(self) -> int:
        return int(self.now())
