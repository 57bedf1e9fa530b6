"""A desk whose bot lives on in a process of its own, and what became of a close there after a `kill -9`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from bot_integration import Outcome, PositionStage, SetParameter, Snapshot
from bot_integration.control import RemoteBot
from bot_integration.control.line import Line
from chatops.storage.database import Database, Record
from tests.faults.desk import DeskFiles, log_of, wait_until_settled
from tests.faults.holdup import Holdup, What
from tests.faults.program import Program, outcome
from tests.servers.telegram import Message

#: How a person hears what became of a close that a kill cut off.
TOLD = "“close SOL-1”, which ran while I was restarted"


@dataclass(frozen=True)
class Place:
    """A desk with its bot in a process of its own, and a way between the two on which things can be held up."""

    desk: DeskFiles
    way: Holdup
    #: The bot as the test sees it, past the gateway.
    bot: RemoteBot
    line: Line

    async def ask_to_close(self) -> Message:
        """Ada asks; gives the question."""
        await self.desk.chat.say(self.desk.ada, "/close SOL-1")
        return await self.desk.hears("Close SOL-1?")

    async def confirm(self, question: Message) -> None:
        await self.desk.chat.press(self.desk.ada, question, "Confirm")

    async def trade_slowly(self, seconds: float) -> None:
        """From now on every order takes this long; a close has two."""
        command = SetParameter(id=uuid4(), by="test", not_after=_soon(), key="order_latency_s", value=seconds)
        assert (await self.bot.execute(command)).outcome is Outcome.DONE

    async def ran(self, command_id: UUID) -> Outcome | None:
        """What the bot itself knows of a command."""
        result = await self.bot.recall(command_id)
        return result.outcome if result else None

    async def holds(self, position: str) -> bool:
        """Whether the bot, asked now, holds it."""
        held = [one.id for one in (await self.newest()).positions if one.stage is not PositionStage.CLOSED]
        return position in held

    async def closings(self, position: str) -> int:
        """How often the bot began to close it."""
        begun = f"Closing {position}: asked by ada"
        return [event.message for event in (await self.newest()).timeline].count(begun)

    async def newest(self) -> Snapshot:
        """Facts of this moment, not the last that were heard."""
        snapshot = await self.line.snapshot()
        assert snapshot is not None
        return snapshot


@asynccontextmanager
async def started_again(place: Place) -> AsyncIterator[Database]:
    """Another run, and its database; at the end nothing is in the middle, and all agrees."""
    place.way.what = What.NOTHING
    async with place.desk.gateway(), place.desk.database() as database:
        yield database
        await wait_until_settled(database)
        code, said = await outcome("audit", "verify", "-c", str(place.desk.settings))
        assert (code, "The record is whole" in said) == (0, True), said


@asynccontextmanager
async def after_a_kill(place: Place, gateway: Program) -> AsyncIterator[Database]:
    """Kill it, start it again, and look into its database."""
    await gateway.kill()
    async with started_again(place) as database:
        yield database


async def close_row(database: Database) -> Record:
    """The first ask to close."""
    return next(row for row in await log_of(database) if row["word"] == "close")


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=30)
