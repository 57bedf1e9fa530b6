"""What a bot author embeds: publish facts, handle commands."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from pydantic import ValidationError

from bot_integration.bus import Bus
from bot_integration.clock import utc_now
from bot_integration.commands import Command, CommandResult, CommandRisk, Custom, Outcome, Ping, Preview, unknown
from bot_integration.errors import Refused
from bot_integration.events import CommandFinished, Event, Noted, PositionChanged, SnapshotTaken
from bot_integration.journal import Entry, Journal
from bot_integration.own_commands import OwnCommands, OwnPreviewT, OwnT
from bot_integration.state import EventCategory, Snapshot
from bot_integration.unsaid import unsaid

log = logging.getLogger(__name__)

CommandT = TypeVar("CommandT", bound=Command)
#: What a handler gives back: a whole result, a sentence for a plain "done", or nothing for the same without words.
Answer = CommandResult | str | None
Handler = Callable[[CommandT], Awaitable[Answer]]
Previewer = Callable[[CommandT], Awaitable[Preview]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a snapshot was not taken: the field, as a dotted path, and what is wrong with it."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class BotController:
    """A `Bot` in this process. Publish from any thread; commands run on the loop that `execute` is called on."""

    def __init__(
        self,
        name: str,
        *,
        now: Callable[[], datetime] = utc_now,
        journal: Journal | None = None,
        bus: Bus | None = None,
    ) -> None:
        self._name = name
        self._now = now
        self._journal = journal or Journal()
        self._bus = bus or Bus()
        self._session_id = uuid4()
        self._snapshot: Snapshot | None = None
        self._faults: tuple[Fault, ...] = ()
        self._handlers: dict[type[Command], Handler[Any]] = {Ping: self._pong}
        self._previewers: dict[type[Command], Previewer[Any]] = {}
        self._own = OwnCommands()
        self._running: set[asyncio.Task[None]] = set()
        self._publishing = threading.Lock()

    @property
    def name(self) -> str:
        """The name that people know the bot by."""
        return self._name

    @property
    def session_id(self) -> UUID:
        """This run of the bot."""
        return self._session_id

    # ----------------------------------------------------------------- the bot's side

    def publish(self, facts: Snapshot | Mapping[str, Any]) -> tuple[Fault, ...]:
        """Make these the facts of now. A plain call from any thread that never waits and never raises.

        A mapping may leave out `bot`, `session_id`, `seq` and `at`. What is wrong is not taken: the faults are given
        back, logged, noted once, and the last good snapshot stays with its age.
        """
        try:
            # Two threads that publish at once must not take the same number. Nothing waits inside.
            with self._publishing:
                return self._publish(facts)
        except Exception:
            log.exception("publishing a snapshot of %s broke", self._name)
            return (Fault("snapshot", "broke on our side; the log has the traceback"),)

    def note(self, message: str, category: EventCategory = EventCategory.INFO) -> None:
        """Tell followers something, from any thread."""
        self._bus.publish(Noted(self._name, self._now(), category, message))

    def on(self, kind: type[CommandT]) -> Callable[[Handler[CommandT]], Handler[CommandT]]:
        """Decorate the coroutine that carries out this kind of command.

        It may raise `Refused` with the reason. Anything else that it raises is answered as failed, and logged whole.
        """

        def register(handler: Handler[CommandT]) -> Handler[CommandT]:
            self._handlers[kind] = handler
            return handler

        return register

    def previews(self, kind: type[CommandT]) -> Callable[[Previewer[CommandT]], Previewer[CommandT]]:
        """Decorate the coroutine that says what this kind of command would do now."""

        def register(previewer: Previewer[CommandT]) -> Previewer[CommandT]:
            self._previewers[kind] = previewer
            return previewer

        return register

    def command(
        self,
        name: str,
        *,
        role: str = "admin",
        risk: CommandRisk | None = CommandRisk.INCREASES,
        confirm: bool | None = None,
        text: str | None = None,
    ) -> Callable[[OwnT], OwnT]:
        """Decorate the coroutine behind a command of your own; from the next snapshot on people can ask for it.

        It takes a pydantic model of its arguments, the `Custom` itself (who asks), both or neither, and gives what a
        handler gives, or a mapping, shown as a table. Its docstring, or `text`, is the help. `risk` None is for what
        only looks, and is not confirmed. Raises `ValueError` where people could not be shown it, with what they can.
        """
        return self._own.declare(name, role=role, risk=risk, confirm=confirm, text=text)

    def previews_command(self, name: str) -> Callable[[OwnPreviewT], OwnPreviewT]:
        """Decorate the coroutine that says, in a sentence or a `Preview`, what the command of this name would do now.

        Raises `ValueError` where no such command is declared yet.
        """

        return self._own.foretell(name)

    # --------------------------------------------------------------- the outside's side

    def snapshot(self) -> Snapshot | None:
        """The last good facts."""
        return self._snapshot

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on."""
        return self._bus.follow()

    async def execute(self, command: Command) -> CommandResult:
        """Run it once. It goes on when the caller stops waiting, and its result is kept for `recall`."""
        if (refusal := self._journal.refusal(command, self._now())) is not None:
            return refusal
        entry = self._journal.find(command.id)
        if entry is None:
            if self._now() > command.not_after:
                return self._result(command, Outcome.REFUSED, "This came too late to be started. Nothing was done.")
            entry = self._journal.begin(command, self._now())
            task = asyncio.create_task(self._run(entry), name=f"{command.name} {command.id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            async with asyncio.timeout(command.timeout_s):
                return await asyncio.shield(entry.result)
        except TimeoutError:
            return unknown(
                command,
                f"No answer within {command.timeout_s:g} s. It may still happen: look before you ask again.",
                self._now(),
            )

    async def recall(self, command: UUID) -> CommandResult | None:
        """What came of a command of this id; one that still runs is `unknown`."""
        entry = self._journal.find(command)
        if entry is None:
            return None
        if not entry.result.done():
            return unknown(entry.command, "It is still running.", self._now())
        return entry.result.result()

    async def preview(self, command: Command) -> Preview | None:
        """What the command would do now. Raises `Refused` where it would be."""
        previewer = self._previewers.get(type(command))
        try:
            if isinstance(command, Custom) and self._own.knows(command):
                return await self._own.preview(command, self._now())
            return None if previewer is None else await previewer(command)
        except Refused:
            raise
        except Exception:
            # A person must be able to close what cannot be foretold.
            log.exception("the preview of %s %s broke", command.name, command.id)
            return None

    async def aclose(self) -> None:
        """Wait for commands that run, so that none is cut in the middle."""
        while self._running:
            await asyncio.gather(*self._running)

    # ------------------------------------------------------------------------ inside

    def _publish(self, facts: Snapshot | Mapping[str, Any]) -> tuple[Fault, ...]:
        before = self._snapshot
        try:
            snapshot = facts if isinstance(facts, Snapshot) else self._read(facts, before)
        except ValidationError as error:
            return self._refuse(
                tuple(
                    Fault(".".join(str(part) for part in detail["loc"]) or "snapshot", detail["msg"])
                    for detail in error.errors(include_url=False, include_input=False)
                )
            )
        if snapshot.bot != self._name:
            return self._refuse((Fault("bot", f"is {snapshot.bot!r}, but this is {self._name!r}"),))
        if before and snapshot.session_id == before.session_id and snapshot.seq <= before.seq:
            return self._refuse((Fault("seq", f"is {snapshot.seq}, after {before.seq}; it must rise"),))
        self._snapshot = snapshot = self._own.stamp(snapshot)
        self._faults = ()
        self._bus.publish(SnapshotTaken(snapshot))
        for change in changes(before, snapshot):
            self._bus.publish(change)
        return ()

    def _read(self, facts: Mapping[str, Any], before: Snapshot | None) -> Snapshot:
        ours = {
            "bot": self._name,
            "session_id": self._session_id,
            "seq": before.seq + 1 if before else 0,
            "at": self._now(),
        }
        return Snapshot.model_validate({**ours, **facts})

    def _refuse(self, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        # A bot that publishes the same mistake every second is told of it once.
        if faults != self._faults:
            log.warning("snapshot of %s refused: %s", self._name, "; ".join(map(str, faults)))
            self.note(f"Snapshot refused: {faults[0]}", EventCategory.WARNING)
        self._faults = faults
        return faults

    async def _run(self, entry: Entry) -> None:
        command = entry.command
        started = self._now()
        try:
            result = await self._answer(command)
        except Refused as refusal:
            result = self._result(command, Outcome.REFUSED, str(refusal))
        except asyncio.CancelledError:
            entry.result.set_result(unknown(command, "The bot stopped while this ran.", self._now()))
            raise
        except Exception:
            log.exception("%s %s broke", command.name, command.id)
            result = self._result(command, Outcome.FAILED, "The bot broke on this. Its log has the whole story.")
        result = result.model_copy(
            update={
                "started_at": result.started_at or started,
                "finished_at": result.finished_at or self._now(),
            }
        )
        entry.result.set_result(result)
        self._bus.publish(CommandFinished(self._name, *unsaid(command, result, self._snapshot)))

    async def _answer(self, command: Command) -> CommandResult:
        if isinstance(command, Custom) and self._own.knows(command):
            return await self._own.run(command, self._now())
        handler = self._handlers.get(type(command))
        if handler is None:
            what = command.custom if isinstance(command, Custom) else command.name
            raise Refused(f"{self._name} does not know how to {what.replace('_', ' ')}.")
        answer = await handler(command)
        if isinstance(answer, CommandResult):
            # The id is ours to say: a handler that mixes ids up must not answer for another command.
            return answer.model_copy(update={"command_id": command.id})
        return self._result(command, Outcome.DONE, answer or "Done.")

    async def _pong(self, command: Ping) -> str:
        return "Here."

    def _result(self, command: Command, outcome: Outcome, message: str) -> CommandResult:
        return CommandResult(command_id=command.id, outcome=outcome, message=message, finished_at=self._now())


def changes(before: Snapshot | None, after: Snapshot) -> list[PositionChanged]:
    """The positions that came, went or reached another stage between two snapshots."""
    if before is None or before.positions is after.positions:
        return []
    held = {position.id: position for position in before.positions}
    changed = []
    for position in after.positions:
        known = held.pop(position.id, None)
        if known is None or known.stage is not position.stage:
            changed.append(PositionChanged(after.bot, known, position))
    gone = [PositionChanged(after.bot, position, None) for position in held.values()]
    return cast("list[PositionChanged]", [*changed, *gone])
