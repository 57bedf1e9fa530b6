"""What is on record: one text for one value, a chain that anybody can check, a state that follows from the steps."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatops.guard.audit import (
    GENESIS,
    Asked,
    Standing,
    State,
    Step,
    StepName,
    canonical_json,
    link,
    moment,
    standing,
    storable,
    storable_value,
)
from chatops.guard.verifying import Whole
from chatops.ledger import Entry
from chatops.storage.database import Database
from chatops.storage.ledger import PostgresLedger
from chatops.storage.record import verify_record
from tests.clearing import clear

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ID = uuid.UUID("01936c2e-7b00-7000-8000-000000000001")

#: Also halves of characters, and the character 0.
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANYTHING
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANYTHING, inner, max_size=4))
ARGUMENTS = st.dictionaries(ANYTHING, VALUES, max_size=4)


def step(name: StepName, **data: Any) -> Step:
    return Step(ID, AT, name, "ada", data)


def test_the_canonical_text_is_known() -> None:
    assert Step(ID, AT, StepName.RECEIVED, "ada", {"reason": "für 💥"}).canonical() == (
        '{"at":"2026-01-02T03:04:05.678901Z","by":"ada","command_id":"01936c2e-7b00-7000-8000-000000000001",'
        '"data":{"reason":"für 💥"},"step":"received"}'
    )


def test_the_chain_is_sha256_over_the_hash_before_and_the_text() -> None:
    # As any shell says: printf '%s' "000…000{\"a\":1}" | sha256sum
    first = link(GENESIS, '{"a":1}')
    assert first == "fc6cee09194dd2578bd7664604fcb72a539066fd34544cea0009c43eb6cdc289"
    second = link(first, Step(ID, AT, StepName.RECEIVED, "ada", {"reason": "für 💥"}).canonical())
    assert second == "eb0fa74fb1327d435a9e851ac5ad6cca91107f763e1b1feb43932e0e5ecd9af4"


def test_one_moment_is_one_text_whatever_its_zone() -> None:
    assert moment(AT) == "2026-01-02T03:04:05.678901Z"
    assert moment(AT.astimezone(timezone(timedelta(hours=5, minutes=45)))) == moment(AT)
    assert moment(AT.replace(microsecond=0)) == "2026-01-02T03:04:05.000000Z"


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=6), st.randoms())
def test_the_order_in_which_keys_came_changes_nothing(value: dict[str, int], chance: Any) -> None:
    shuffled = list(value.items())
    chance.shuffle(shuffled)
    assert canonical_json(dict(shuffled)) == canonical_json(value)


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=10) | st.booleans() | st.none()))
def test_the_canonical_text_says_the_value(value: Mapping[str, Any]) -> None:
    assert json.loads(canonical_json(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal(1), AT])
def test_what_has_no_one_text_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical_json({"value": value})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], Standing(State.RECEIVED)),
        ([step(StepName.RECEIVED)], Standing(State.RECEIVED)),
        (
            [step(StepName.RECEIVED), step(StepName.DENIED, answer="Not for you.")],
            Standing(State.DENIED, answer="Not for you."),
        ),
        ([step(StepName.RECEIVED), step(StepName.MISREAD)], Standing(State.MISREAD)),
        ([step(StepName.RECEIVED), step(StepName.ASKED_TO_CONFIRM)], Standing(State.AWAITING_CONFIRMATION)),
        ([step(StepName.ASKED_TO_CONFIRM), step(StepName.CANCELLED)], Standing(State.CANCELLED)),
        ([step(StepName.ASKED_TO_CONFIRM), step(StepName.EXPIRED)], Standing(State.EXPIRED)),
        (
            [step(StepName.ASKED_TO_CONFIRM), step(StepName.CONFIRMED), step(StepName.RUNNING)],
            Standing(State.RUNNING),
        ),
        (
            [step(StepName.RUNNING), step(StepName.FINISHED, outcome="done", answer="Closed.", latency_ms=1.5)],
            Standing(State.FINISHED, "done", "Closed.", 1.5),
        ),
    ],
)
def test_where_an_ask_stands_follows_from_its_steps(steps: list[Step], expected: Standing) -> None:
    assert standing(steps) == expected


def test_every_step_leads_to_a_state() -> None:
    assert {standing([step(name)]).state for name in StepName} == set(State)


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 50))
@example("\x00" * 100, 10)
@example("\ud800", 1)
def test_any_text_can_be_stored(text: str, longest: int) -> None:
    kept = storable(text, longest)
    assert "\x00" not in kept
    assert len(kept) <= longest
    assert kept.encode().decode() == kept
    assert storable(kept, longest) == kept


@given(VALUES)
@example(10**400)
@example([2**64 - 1, 2**64, -(2**63), -(2**63) - 1])
@example({"a\x00": "x" * 100_000})
def test_any_value_can_be_stored(value: object) -> None:
    kept = storable_value(value)
    assert storable_value(kept) == kept
    assert json.loads(canonical_json(kept).encode()) == kept


def asked(id_: uuid.UUID, arguments: Mapping[str, Any]) -> Asked:
    return Asked(id_, AT, "memory", "ada", "memory:1", "desk", "alpha", "close", arguments, "reduces", "c0ffee")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARGUMENTS, st.dictionaries(ANYTHING, PLAIN.filter(lambda value: not isinstance(value, int)), max_size=3))
@example({"position": "\x00 \ud83d 💥 \u202e \\u0000", "reason": "y" * 1_000_000}, {"note": "\x00\ud83d\\u0000"})
@example({"percent": 5e-324}, {"percent": 1.7976931348623157e308})
@example({"percent": -0.0, "n": 2**64, "size": 1e16}, {"percent": -0.0, "size": 1e22})
async def test_whatever_is_said_the_record_of_it_stays_whole(
    database: Database, arguments: Mapping[str, Any], data: Mapping[str, Any]
) -> None:
    await clear(database)
    ledger, id_ = PostgresLedger(database, uuid.uuid4()), uuid.uuid4()
    said = asked(id_, arguments)
    steps = (
        Step(id_, AT, StepName.RECEIVED, "ada", said.facts()),
        Step(id_, AT, StepName.ASKED_TO_CONFIRM, "ada", data),
        Step(id_, AT, StepName.FINISHED, "ada", {"outcome": "done", "answer": storable(str(arguments))}),
    )
    assert await ledger.record(Entry(steps, asked=said))
    assert await verify_record(database) == Whole(3, 1, ANY)
