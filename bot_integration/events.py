"""What a bot tells those who follow it."""

from dataclasses import dataclass
from datetime import datetime

from bot_integration.commands import Command, CommandResult
from bot_integration.position import Position
from bot_integration.state import EventCategory, Snapshot


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """A new snapshot was published."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position came, went, or reached another stage. `before` is None when it opened, `after` when it went."""

    bot: str
    before: Position | None
    after: Position | None


@dataclass(frozen=True, slots=True)
class CommandFinished:
    """A command ended, whoever asked for it."""

    bot: str
    command: Command
    result: CommandResult


@dataclass(frozen=True, slots=True)
class Noted:
    """The bot has something to say: a line of its timeline."""

    bot: str
    at: datetime
    category: EventCategory
    message: str


@dataclass(frozen=True, slots=True)
class EventsMissed:
    """This reader fell behind, and `count` events were let go. What follows is current."""

    count: int


Event = SnapshotTaken | PositionChanged | CommandFinished | Noted | EventsMissed
