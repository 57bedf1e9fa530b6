"""Whether the record is whole: every step chained to the one before it, and the log saying what the steps say."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chatops.guard.audit import GENESIS, Standing, Step, link
from chatops.guard.rebuilding import Told


@dataclass(frozen=True, slots=True)
class Chained:
    """A row of `command_events` as it is stored."""

    seq: int
    step: Step
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """A link of the chain: the newest, as `command_chain` holds it, or the one that a part of it begins after."""

    seq: int
    hash: str


#: What the first step of all is chained to.
BEGINNING = Head(0, GENESIS)


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
    #: The link that it begins after: of a part, what it was said to be.
    begins: Head = BEGINNING
    #: Asks of a part whose first step stands before it: what they asked for cannot be told from the part.
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that is not as it was written."""

    where: str
    why: str


async def verify(
    events: AsyncIterable[Chained | Unreadable],
    head: Head,
    log: AsyncIterable[Logged | Unreadable],
    begins: Head = BEGINNING,
) -> Whole | Broken:
    """Walk the chain in the order of `seq`, then hold the log against it. Memory grows with the asks, not the steps.

    A part of it `begins` after a link that is taken on trust.
    """
    walked = await walk(events, head, begins)
    if isinstance(walked, Broken):
        return walked
    told = dict(walked)
    asks = earlier = 0
    is_part = begins != BEGINNING
    async for row in log:
        if isinstance(row, Unreadable):
            return _unread(row)
        asks += 1
        if row.id not in told:
            return Broken(f"command_log {row.id}", "no step of it is on record")
        said = told.pop(row.id)
        began_before = is_part and said.text is None
        earlier += began_before
        if broken := _agrees_in_part(row, said) if began_before else agrees(row, said):
            return broken
    if told:
        return Broken(f"command_log {next(iter(told))}", "the row is missing, though its steps are on record")
    return Whole(head.seq - begins.seq, asks, head, begins, earlier)


async def walk(
    events: AsyncIterable[Chained | Unreadable], head: Head, begins: Head = BEGINNING
) -> Mapping[UUID, Told] | Broken:
    """What the steps tell of every ask, where they are chained to each other and end at the head."""
    previous, expected = begins.hash, begins.seq + 1
    told: dict[UUID, Told] = {}
    async for event in events:
        if isinstance(event, Unreadable):
            return _unread(event)
        if broken := _link(event, previous, expected):
            return broken
        id_ = event.step.command_id
        told[id_] = told.get(id_, Told()).and_then(event.step)
        previous, expected = event.hash, expected + 1
    if (head.seq, head.hash) != (expected - 1, previous):
        return Broken(
            f"command_events after seq {expected - 1}",
            f"the chain went on to seq {head.seq}: rows at its end are missing",
        )
    return told


def agrees(row: Logged, told: Told) -> Broken | None:
    """In what a row of the log says other than its steps; None where it does not."""
    facts: Mapping[str, Any] = told.facts or {}
    for key in row.facts.keys() | facts.keys():
        if row.facts.get(key) != facts.get(key):
            return _differs(row, key, row.facts.get(key), facts.get(key))
    for name in ("state", "outcome", "answer", "latency_ms"):
        if getattr(row.standing, name) != getattr(told.standing, name):
            return _differs(row, name, getattr(row.standing, name), getattr(told.standing, name))
    return None


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


def _agrees_in_part(row: Logged, told: Told) -> Broken | None:
    """What the last steps alone can tell: where it stands, and what they say of how it ended."""
    for name in ("state", "outcome", "answer", "latency_ms"):
        said = getattr(told.standing, name)
        if said is not None and getattr(row.standing, name) != said:
            return _differs(row, name, getattr(row.standing, name), said)
    return None


def _differs(row: Logged, name: str, is_: object, said: object) -> Broken:
    return Broken(f"command_log {row.id}", f"{name} is {is_!r}, the steps say {said!r}")
