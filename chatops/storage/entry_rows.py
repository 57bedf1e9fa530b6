"""An entry of the ledger as the database's function `record` takes it: JSON values, on disk the same."""

from collections.abc import Mapping
from typing import Any

from chatops.guard.audit import Asked, Step, canonical_json, moment, standing
from chatops.ledger import Entry, Redemption
from chatops.messages import Receipt
from chatops.storage.delivery_rows import press_row_of, row_of

#: What it takes, in its order.
RECORD = "SELECT record($1, $2, $3, $4, $5, $6, $7, $8)"
#: The same of what became of an ask that ended as unknown: the first of two that say so finds it that way. What has
#: ended otherwise stays as it ended, and nothing is written.
AMEND = """
WITH amended AS (
    UPDATE command_log AS l SET outcome = s.outcome, answer = coalesce(s.answer, l.answer)
    FROM jsonb_to_record($1) AS s (id uuid, outcome text, answer text)
    WHERE l.id = s.id AND l.state = 'finished' AND l.outcome = 'unknown'
    RETURNING l.id
)
SELECT record(NULL, NULL, $2, $3, $4, NULL, NULL) FROM amended
"""
#: What waits on disk, too.
Row = Mapping[str, Any]


def entry_row_of(entry: Entry, sender: str) -> dict[str, Any]:
    """All of an entry. What it owes is sent by this sender."""
    standings = standing(entry.steps)
    receipt = entry.receipt
    return {
        "asked": _asked(entry.asked) if entry.asked else None,
        "standing": {
            "id": str(entry.steps[0].command_id),
            "state": standings.state,
            "outcome": standings.outcome,
            "answer": standings.answer,
            "latency_ms": standings.latency_ms,
        },
        "steps": [step_row_of(step) for step in entry.steps],
        "minted": [press_row_of(press) for press in entry.minted] or None,
        "owed": [{**row_of(owed), "claimed_by": sender} for owed in entry.owed] or None,
        "inbox_id": receipt.inbox_id if receipt else None,
        "redeems": _redemption(entry.redeems) if entry.redeems else None,
        "arrived": arrival_row_of(receipt) if receipt else None,
    }


def arguments_of(row: Row) -> tuple[object, ...]:
    """What `RECORD` is called with. Raises `KeyError` where it is no such row."""
    return (
        row["asked"],
        row["standing"],
        row["steps"],
        row["minted"],
        row["owed"],
        row["inbox_id"],
        row["redeems"],
        row["arrived"],
    )


def amendment_of(row: Row) -> tuple[object, ...]:
    """What `AMEND` is called with."""
    return row["standing"], row["steps"], row["minted"], row["owed"]


def arrival_row_of(receipt: Receipt) -> dict[str, Any] | None:
    """The update that came unstored; None where it has a row already."""
    arrival = receipt.arrival
    if arrival is None:
        return None
    return {
        "platform": arrival.platform,
        "update_id": arrival.update_id,
        "payload": arrival.payload,
        "command_id": str(receipt.command_id),
    }


def step_row_of(step: Step) -> dict[str, Any]:
    """A step as `append_command_events` takes it, with the text that is hashed."""
    return {
        "command_id": str(step.command_id),
        "at": moment(step.at),
        "step": step.step,
        "by": step.by,
        "data": canonical_json(dict(step.data)),
        "canonical": step.canonical(),
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {"id": str(asked.id), **asked.facts()}


def _redemption(redeems: Redemption) -> dict[str, Any]:
    return {
        "token": redeems.token,
        "command_id": str(redeems.command_id),
        "by": redeems.by,
        "state": redeems.state,
    }
