"""The log follows from its steps: whatever is written, it can be made again from them."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatops.guard.audit import Asked, State, Step, StepName, storable_value
from chatops.guard.rebuilding import Told
from chatops.guard.verifying import Broken, Chained, Logged, Whole
from chatops.ids import uuid7
from chatops.ledger import Entry
from chatops.storage.database import Database
from chatops.storage.ledger import PostgresLedger
from chatops.storage.rebuild import rebuild_log
from chatops.storage.record import asks_of, steps_of, verify_record
from tests.clearing import clear

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
MIDDLE = [StepName.ASKED_TO_CONFIRM, StepName.CONFIRMED, StepName.ASKED_TO_APPROVE, StepName.APPROVED, StepName.RUNNING]
ENDS = [StepName.DENIED, StepName.MISREAD, StepName.REJECTED, StepName.CANCELLED, StepName.EXPIRED, StepName.FINISHED]
SAID = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(["done", "partial", "refused", "failed", "unknown", None]),
        "answer": st.text(max_size=20),
        "latency_ms": st.floats(0, 1e6),
    },
)
ARGUMENTS = st.dictionaries(
    st.text(max_size=5),
    st.text(max_size=5) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    max_size=3,
)


@st.composite
def streams(draw: st.DrawFn) -> list[Entry]:
    """Asks with their steps, those of several in between each other."""
    waiting: list[list[Entry]] = []
    for number in range(draw(st.integers(1, 4))):
        at = AT + timedelta(seconds=number)
        asked = Asked(
            uuid7(), at, "memory", "ada", "memory:1", "desk", None, "status", storable_value(draw(ARGUMENTS)), None
        )
        names = [
            *draw(st.lists(st.sampled_from(MIDDLE), max_size=3)),
            *draw(st.lists(st.sampled_from(ENDS), max_size=1)),
        ]
        steps = [Step(asked.id, at, name, "ada", storable_value(draw(SAID))) for name in names]
        first = Step(asked.id, at, StepName.RECEIVED, "ada", asked.facts())
        waiting.append([Entry((first,), asked=asked), *(Entry((step,)) for step in steps)])
    order = draw(st.permutations([place for place, entries in enumerate(waiting) for _ in entries]))
    return [waiting[place].pop(0) for place in order]


def rebuilt(steps: Iterable[Step]) -> dict[uuid.UUID, Told]:
    told: dict[uuid.UUID, Told] = {}
    for step in steps:
        told[step.command_id] = told.get(step.command_id, Told()).and_then(step)
    return told


async def as_stored(database: Database) -> tuple[list[Logged], list[Step]]:
    async with database.transaction() as connection:
        log = [row async for row in asks_of(connection) if isinstance(row, Logged)]
        steps = [row.step async for row in steps_of(connection) if isinstance(row, Chained)]
    return log, steps


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=streams())
async def test_of_whatever_is_recorded_the_log_is_what_its_steps_tell(database: Database, entries: list[Entry]) -> None:
    await clear(database)
    ledger = PostgresLedger(database, uuid.uuid4())
    for entry in entries:
        await ledger.record(entry)
    log, steps = await as_stored(database)
    told = rebuilt(steps)
    assert {row.id: (row.facts, row.standing) for row in log} == {
        id_: (said.facts, said.standing) for id_, said in told.items()
    }


def test_what_ended_before_a_part_of_the_steps_has_no_facts_in_it() -> None:
    id_ = uuid.UUID(int=1)
    told = Told().and_then(Step(id_, AT, StepName.FINISHED, "ada", {"outcome": "done"}))
    assert told.facts is None
    assert (told.standing.state, told.standing.outcome) == (State.FINISHED, "done")


async def some_asks(database: Database) -> None:
    ledger = PostgresLedger(database, uuid.uuid4())
    for number in range(3):
        asked = Asked(uuid7(), AT, "memory", "ada", "memory:1", "desk", None, "status", {"n": number}, None)
        steps = (
            Step(asked.id, AT, StepName.RECEIVED, "ada", asked.facts()),
            Step(asked.id, AT, StepName.FINISHED, "ada", {"outcome": "done", "answer": f"No. {number}"}),
        )
        await ledger.record(Entry(steps, asked=asked))


async def tamper(database: Database, *statements: str) -> None:
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)


async def test_a_log_that_was_changed_is_made_again_from_its_steps(database: Database) -> None:
    await some_asks(database)
    before: Any = await database.fetch("SELECT * FROM command_log ORDER BY id")
    assert await rebuild_log(database) == 0
    await tamper(
        database,
        "UPDATE command_log SET outcome = 'failed', principal = 'eve' WHERE arguments ->> 'n' = '0'",
        "UPDATE command_log SET arguments = '[1]' WHERE arguments ->> 'n' = '1'",
        "DELETE FROM command_log WHERE arguments ->> 'n' = '2'",
    )
    assert await rebuild_log(database) == 3
    assert await database.fetch("SELECT * FROM command_log ORDER BY id") == before
    assert isinstance(await verify_record(database), Whole)


async def test_a_chain_that_is_broken_proves_nothing_and_changes_nothing(database: Database) -> None:
    await some_asks(database)
    await tamper(
        database,
        "UPDATE command_events SET by = 'eve' WHERE seq = 3",
        "UPDATE command_log SET principal = 'eve' WHERE arguments ->> 'n' = '1'",
    )
    found = await rebuild_log(database)
    assert isinstance(found, Broken)
    assert found.where == "command_events seq 3"
    assert await database.fetchval("SELECT count(*) FROM command_log WHERE principal = 'eve'") == 1
