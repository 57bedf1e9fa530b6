"""The record has the tables, columns and states that users and their queries rely on."""

import re

from bot_integration import Outcome
from chatops.guard.audit import State
from chatops.storage.database import Database

COMMAND_LOG = {
    "id": "uuid",
    "at": "timestamp with time zone",
    "platform": "text",
    "principal": "text",
    "sender_id": "text",
    "room": "text",
    "bot": "text",
    "word": "text",
    "arguments": "jsonb",
    "risk": "text",
    "state": "text",
    "outcome": "text",
    "answer": "text",
    "latency_ms": "double precision",
    "correlation_id": "text",
}
COMMAND_EVENTS = {
    "seq": "bigint",
    "command_id": "uuid",
    "at": "timestamp with time zone",
    "step": "text",
    "by": "text",
    # Not jsonb: its text is kept as it was hashed.
    "data": "json",
    "prev_hash": "text",
    "hash": "text",
}
STATES = [
    *("received", "denied", "misread", "awaiting_confirmation", "awaiting_approval"),
    *("expired", "cancelled", "running", "finished"),
]
OUTCOMES = ["done", "partial", "refused", "failed", "unknown"]


async def columns(database: Database, table: str) -> dict[str, str]:
    rows = await database.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1", table
    )
    return {row["column_name"]: row["data_type"] for row in rows}


async def allowed(database: Database, constraint: str) -> list[str]:
    rule = await database.fetchval("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", constraint)
    return re.findall(r"'([a-z_]+)'::text", rule)


async def test_the_tables_have_the_columns_of_the_contract(database: Database) -> None:
    assert await columns(database, "command_log") == COMMAND_LOG
    assert await columns(database, "command_events") == COMMAND_EVENTS


async def test_states_and_outcomes_are_those_of_the_contract(database: Database) -> None:
    assert await allowed(database, "command_log_state_check") == STATES == list(State)
    assert await allowed(database, "command_log_outcome_check") == OUTCOMES
    assert sorted(OUTCOMES) == sorted(Outcome)


async def test_steps_are_only_ever_appended(database: Database) -> None:
    rows = await database.fetch(
        "SELECT tgrelid::regclass::text AS on, pg_get_triggerdef(oid) AS said FROM pg_trigger "
        "WHERE tgname = 'refuse_rewriting'"
    )
    said = {row["on"]: row["said"].split(" ON ")[0].partition("BEFORE ")[2] for row in rows}
    assert said == {
        "command_events": "DELETE OR UPDATE OR TRUNCATE",
        "command_log": "DELETE OR TRUNCATE",
        "command_chain": "DELETE OR TRUNCATE",
    }
