"""Whether the record is whole: every step chained to the one before it, and the log saying what the steps say."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chatops.guard.audit import GENESIS, Standing, State, Step, StepName, after, link


@dataclass(frozen=True, slots=True)
class Chained:
    """A row of `command_events` as it is stored."""

    seq: int
    step: Step
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link, as `command_chain` holds it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of `command_log` as it is stored."""

    id: UUID
    facts: dict[str, Any]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored row that nothing of ours can have written."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Whole:
    """Nothing was changed, nothing is missing."""

    steps: int
    asks: int
    #: The newest link. Who knows it from elsewhere can tell a record that was made anew as a whole.
    head: Head = field(compare=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that is not as it was written."""

    where: str
    why: str


async def verify(
    events: AsyncIterable[Chained | Unreadable], head: Head, log: AsyncIterable[Logged | Unreadable]
) -> Whole | Broken:
    """Walk the chain in the order of `seq`, then hold the log against it. Memory grows with the asks, not the steps."""
    previous, expected = GENESIS, 1
    told: dict[UUID, tuple[dict[str, Any], Standing]] = {}
    async for event in events:
        if isinstance(event, Unreadable):
            return _unread(event)
        if broken := _link(event, previous, expected):
            return broken
        facts, standing = told.get(event.step.command_id, ({}, Standing(State.RECEIVED)))
        if event.step.step is StepName.RECEIVED:
            facts = dict(event.step.data)
        told[event.step.command_id] = (facts, after(standing, event.step))
        previous, expected = event.hash, expected + 1
    if (head.seq, head.hash) != (expected - 1, previous):
        return Broken(
            f"command_events after seq {expected - 1}",
            f"the chain went on to seq {head.seq}: rows at its end are missing",
        )
    asks = 0
    async for row in log:
        if isinstance(row, Unreadable):
            return _unread(row)
        asks += 1
        if row.id not in told:
            return Broken(f"command_log {row.id}", "no step of it is on record")
        facts, standing = told.pop(row.id)
        if broken := _agrees(row, facts, standing):
            return broken
    if told:
        return Broken(f"command_log {next(iter(told))}", "the row is missing, though its steps are on record")
    return Whole(expected - 1, asks, head)


def _unread(row: Unreadable) -> Broken:
    return Broken(row.where, f"it cannot be read, so it was changed: {row.why}")


def _link(event: Chained, previous: str, expected: int) -> Broken | None:
    where = f"command_events seq {event.seq}"
    if event.seq != expected:
        return Broken(f"command_events seq {expected}", "the row is missing")
    if event.prev_hash != previous:
        return Broken(where, "it is not chained to the row before it: rows were changed or put in another order")
    if event.hash != link(previous, event.step.canonical()):
        return Broken(where, "its content is not what was hashed: the row was changed")
    return None


def _agrees(row: Logged, facts: dict[str, Any], standing: Standing) -> Broken | None:
    where = f"command_log {row.id}"
    for key in row.facts.keys() | facts.keys():
        if row.facts.get(key) != facts.get(key):
            return Broken(where, f"{key} is {row.facts.get(key)!r}, the steps say {facts.get(key)!r}")
    for name in ("state", "outcome", "answer", "latency_ms"):
        if getattr(row.standing, name) != getattr(standing, name):
            return Broken(
                where, f"{name} is {getattr(row.standing, name)!r}, the steps say {getattr(standing, name)!r}"
            )
    return None
