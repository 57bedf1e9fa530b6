"""A command id runs once, and what came of it is kept."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot_integration.commands import Command, CommandResult, Outcome

#: Results kept at least. Beyond it, only what may not start any more is let go.
CAPACITY = 10_000
#: The `error` in the data of a result: this command has the id of another one.
ID_TAKEN = "id_taken"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command that was taken on, with its result now or later."""

    command: Command
    result: "asyncio.Future[CommandResult]"


class Journal:
    """The commands taken on, by id, oldest first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: OrderedDict[UUID, Entry] = OrderedDict()
        self._capacity = capacity

    def find(self, command: UUID) -> Entry | None:
        """The entry of an id, whether it still runs or has ended."""
        return self._entries.get(command)

    def refusal(self, command: Command, now: datetime) -> CommandResult | None:
        """What is answered where its id is that of another command; None where it is not."""
        entry = self._entries.get(command.id)
        return None if entry is None or is_same(entry.command, command) else id_taken(command, entry.command.name, now)

    def begin(self, command: Command, now: datetime) -> Entry:
        """Write down that this id runs from now on.

        Raises `ValueError` where it was begun before: look with `find` first.
        """
        if command.id in self._entries:
            raise ValueError(f"the command {command.id} was begun before")
        self._let_go(now)
        entry = Entry(command, asyncio.get_running_loop().create_future())
        self._entries[command.id] = entry
        return entry

    def _let_go(self, now: datetime) -> None:
        # An id whose moment has not passed could be asked again and would then run twice: it stays, however many.
        while len(self._entries) >= self._capacity:
            oldest = next(iter(self._entries.values()))
            if not oldest.result.done() or oldest.command.not_after >= now:
                return
            self._entries.popitem(last=False)


def is_same(one: Command, other: Command) -> bool:
    """Whether both ask for the same, whoever asks, why, and until when."""
    apart = set(Command.model_fields) - {"name"}
    return one.model_dump(exclude=apart) == other.model_dump(exclude=apart)


def id_taken(command: Command, first: str, now: datetime) -> CommandResult:
    """The refusal of a command under the id of another one, which is called `first`."""
    before = f"an earlier {first.replace('_', ' ')}" + (
        " that asked for something else" if first == command.name else ""
    )
    return CommandResult(
        command_id=command.id,
        outcome=Outcome.REFUSED,
        message=f"Nothing was done: this id is that of {before}. Give every command an id of its own.",
        finished_at=now,
        data={"error": ID_TAKEN},
    )
