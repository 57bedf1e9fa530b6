"""Asks as they are recorded, and a database that fails as it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chatops.arrival import Arrival
from chatops.asks import Cancel, Close
from chatops.guard.audit import Asked, State, Step, StepName
from chatops.guard.presses import StoredPress
from chatops.ids import uuid7
from chatops.ledger import Aside, Entry, Redemption
from chatops.messages import Receipt
from chatops.room import Room
from chatops.storage.database import Connection, Database
from chatops.storage.errors import DatabaseAway

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ROOM = Room("telegram", "1")


class FrailDatabase(Database):
    """The real one, of which a test says when it is away, and when an answer of it is lost."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._pool, database.url)
        self._database = database
        self.is_away = False
        #: Of so many of the next statements the answer is lost.
        self.loses = 0
        #: How often it was asked anything.
        self.asked = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        self.asked += 1
        if self.is_away:
            raise DatabaseAway("away")
        async with self._database.acquire() as connection:
            yield connection
        if self.loses:
            self.loses -= 1
            raise DatabaseAway("lost the answer")


@dataclass(frozen=True)
class Question:
    """An ask that waits for its second press, and the tokens of its buttons."""

    id: UUID
    entry: Entry
    confirm: str
    cancel: str


class Sequence:
    """Makes steps, each a moment after the one before."""

    def __init__(self) -> None:
        self.at = NOON

    def step(self, command_id: UUID, name: StepName, data: dict[str, Any] | None = None) -> Step:
        self.at += timedelta(milliseconds=1)
        return Step(command_id, self.at, name, "ada", data or {})

    def question(self, receipt: Receipt | None = None, aside: Aside = Aside.ON_DISK) -> Question:
        """An ask with its question."""
        id_ = receipt.command_id if receipt else uuid7()
        asked = Asked(
            id_, self.at, "telegram", "ada", "telegram:1", "1", "alpha", "close", {"position": "S"}, "reduces"
        )
        steps = (
            self.step(id_, StepName.RECEIVED, asked.facts()),
            self.step(id_, StepName.ASKED_TO_CONFIRM, {"preview": {"fees": 0.2}}),
        )
        confirm, cancel = f"yes-{id_.hex[-18:]}", f"no--{id_.hex[-18:]}"
        minted = tuple(
            StoredPress(token, ask, "ada", ROOM, id_, self.at, self.at + timedelta(hours=9))
            for token, ask in ((confirm, Close(position="S")), (cancel, Cancel()))
        )
        return Question(id_, Entry(steps, asked, minted, receipt=receipt, aside=aside), confirm, cancel)

    def confirmed(self, question: Question, aside: Aside = Aside.ON_DISK) -> Entry:
        """The press that lets it run."""
        steps = (self.step(question.id, StepName.CONFIRMED), self.step(question.id, StepName.RUNNING))
        redeems = Redemption(question.confirm, question.id, "ada", State.AWAITING_CONFIRMATION)
        return Entry(steps, redeems=redeems, aside=aside)

    def cancelled(self, question: Question) -> Entry:
        """The press that ends it."""
        step = self.step(question.id, StepName.CANCELLED, {"answer": "Cancelled."})
        return Entry((step,), redeems=Redemption(question.cancel, question.id, "ada"))

    def finished(self, question: Question) -> Entry:
        """How it ended."""
        data = {"outcome": "done", "answer": "S closed", "latency_ms": 1.5}
        return Entry((self.step(question.id, StepName.FINISHED, data),), aside=Aside.ANYHOW)


def came(update: int = 7, text: str = "/status") -> Receipt:
    """An update that was not stored first."""
    return Receipt(None, uuid7(), Arrival("telegram", str(update), {"update_id": update, "message": {"text": text}}))


async def steps_of(database: Database, command_id: UUID) -> list[str]:
    """What is on record of an ask, in its order."""
    rows = await database.fetch("SELECT step FROM command_events WHERE command_id = $1 ORDER BY seq", command_id)
    return [row["step"] for row in rows]
