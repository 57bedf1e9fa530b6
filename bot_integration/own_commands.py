"""The commands that a bot author declares, by name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from bot_integration.commands import Command, CommandResult, Custom, Preview
from bot_integration.declarations import MOST_COMMANDS, Declaration
from bot_integration.declaring import Declared, Own, OwnPreview, declare
from bot_integration.state import Snapshot

OwnT = TypeVar("OwnT", bound=Own)
OwnPreviewT = TypeVar("OwnPreviewT", bound=OwnPreview)


class OwnCommands:
    """Those of one bot. `stamp` makes them known."""

    def __init__(self) -> None:
        self._declared: dict[str, Declared] = {}
        #: The same object until another one is declared: readers tell by that whether they know it.
        self._declarations: tuple[Declaration, ...] = ()

    def declare(self, name: str, **about: Any) -> Callable[[OwnT], OwnT]:
        """Decorate the coroutine behind one; see `BotController.command`."""

        def register(function: OwnT) -> OwnT:
            declared = declare(name, function, **about)
            if name in self._declared:
                raise ValueError(f"the command “{name}” is declared already")
            if len(self._declared) >= MOST_COMMANDS:
                raise ValueError(f"the command “{name}” is one too many: a bot declares at most {MOST_COMMANDS}")
            self._declared[name] = declared
            self._declarations = tuple(one.declaration for one in self._declared.values())
            return function

        return register

    def foretell(self, name: str) -> Callable[[OwnPreviewT], OwnPreviewT]:
        """Decorate the coroutine behind a preview; see `BotController.previews_command`."""

        def register(function: OwnPreviewT) -> OwnPreviewT:
            if name not in self._declared:
                raise ValueError(f"no command “{name}” is declared yet: declare it first, then its preview")
            self._declared[name].foretold_by(function)
            return function

        return register

    def knows(self, command: Command) -> bool:
        """Whether it is one of these."""
        return isinstance(command, Custom) and command.custom in self._declared

    async def run(self, command: Custom, now: datetime) -> CommandResult:
        """Carry it out. Raises `Refused` where the values do not fit."""
        return await self._declared[command.custom].run(command, now)

    async def preview(self, command: Custom, now: datetime) -> Preview | None:
        """What it would do now. Raises `Refused` where the values do not fit."""
        return await self._declared[command.custom].preview(command, now)

    def stamp(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot, saying what is declared. Where nothing is, it stays as its author made it."""
        if not self._declared or snapshot.commands is self._declarations:
            return snapshot
        return snapshot.model_copy(update={"commands": self._declarations})
