"""The record verified without a database: any one change of it is found, and the row named."""

import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.guard.audit import GENESIS, Asked, Standing, State, Step, StepName, link, standing
from chatops.guard.verifying import Broken, Chained, Head, Logged, Unreadable, Whole, verify

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ENDS = (StepName.DENIED, StepName.MISREAD, StepName.FINISHED)


def record(asks: int) -> tuple[list[Chained], list[Logged]]:
    """Asks of two steps each, as they stand in the chain and in the log."""
    events: list[Chained] = []
    log: list[Logged] = []
    for number in range(asks):
        id_ = uuid.UUID(int=number)
        asked = Asked(id_, AT, "memory", "ada", "memory:1", "desk", None, "status", {"n": number}, None)
        steps = (
            Step(id_, AT, StepName.RECEIVED, "ada", asked.facts()),
            Step(id_, AT, ENDS[number % 3], "ada", {"answer": f"No. {number}"}),
        )
        for step in steps:
            previous = events[-1].hash if events else GENESIS
            events.append(Chained(len(events) + 1, step, previous, link(previous, step.canonical())))
        log.append(Logged(id_, asked.facts(), standing(steps)))
    return events, log


async def each(rows: Iterable[Any]) -> AsyncIterator[Any]:
    for row in rows:
        yield row


async def verdict(events: list[Any], log: list[Any], head: Head | None = None) -> Whole | Broken:
    last = Head(events[-1].seq, events[-1].hash) if events else Head(0, GENESIS)
    return await verify(each(events), head or last, each(log))


async def where(events: list[Any], log: list[Any], head: Head | None = None) -> str:
    found = await verdict(events, log, head)
    assert isinstance(found, Broken)
    return found.where


@pytest.mark.parametrize("asks", [0, 1, 30])
async def test_what_nobody_touched_is_whole(asks: int) -> None:
    assert await verdict(*record(asks)) == Whole(2 * asks, asks, ANY)


@given(
    st.integers(0, 19),
    st.sampled_from(
        [
            {"by": "eve"},
            {"at": AT.replace(microsecond=1)},
            {"data": {}},
            {"step": StepName.CANCELLED},
            {"command_id": uuid.UUID(int=99)},
        ]
    ),
)
async def test_any_change_of_a_step_is_found_where_it_is(place: int, change: dict[str, Any]) -> None:
    events, log = record(10)
    events[place] = replace(events[place], step=replace(events[place].step, **change))
    assert await where(events, log) == f"command_events seq {place + 1}"


@given(st.integers(0, 18))
async def test_a_step_that_is_missing_is_named(place: int) -> None:
    events, log = record(10)
    del events[place]
    assert await where(events, log) == f"command_events seq {place + 1}"


@given(st.integers(0, 18))
async def test_steps_that_were_exchanged_are_found(place: int) -> None:
    events, log = record(10)
    one, two = events[place : place + 2]
    events[place : place + 2] = [replace(two, seq=one.seq), replace(one, seq=two.seq)]
    assert await where(events, log) == f"command_events seq {place + 1}"


async def test_a_chain_written_anew_from_somewhere_does_not_meet_its_head() -> None:
    events, log = record(3)
    forged = replace(events[-1].step, data={"answer": "Done."})
    hash_ = link(events[-2].hash, forged.canonical())
    head = Head(events[-1].seq, events[-1].hash)
    events[-1] = replace(events[-1], step=forged, hash=hash_)
    assert await where(events, log, head) == "command_events after seq 6"


async def test_an_end_that_was_cut_off_is_found_by_the_head() -> None:
    events, log = record(3)
    assert await where(events[:4], log[:2], Head(6, events[-1].hash)) == "command_events after seq 4"


@given(
    st.integers(0, 9),
    st.sampled_from(
        [
            {"standing": Standing(State.FINISHED, "done")},
            {"facts": {}},
            {"facts": {"word": "close"}},
            {"id": uuid.UUID(int=99)},
        ]
    ),
)
async def test_a_log_that_says_other_than_the_steps_is_found(place: int, change: dict[str, Any]) -> None:
    events, log = record(10)
    log[place] = replace(log[place], **change)
    assert await where(events, log) == f"command_log {log[place].id}"


async def test_a_row_of_the_log_that_is_missing_or_was_never_asked_is_found() -> None:
    events, log = record(3)
    assert await where(events, log[1:]) == f"command_log {log[0].id}"
    assert await where(events[:4], log, Head(4, events[3].hash)) == f"command_log {log[2].id}"


async def test_what_cannot_be_read_was_changed() -> None:
    events, log = record(2)
    unread = Unreadable("command_events seq 3", "no object")
    assert await where([*events[:2], unread, *events[3:]], log) == "command_events seq 3"
    assert await where(events, [Unreadable("command_log 1", "no object"), *log[1:]]) == "command_log 1"
