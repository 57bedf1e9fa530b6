"""What an export of the record says, and its form as JSON Lines: one text for one row, so that any change shows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chatops.guard.audit import Standing, State, Step, StepName, canonical_json, moment
from chatops.guard.verifying import Chained, Head, Logged

#: Counts up when exports change so that an older program cannot read them.
FORMAT = 1
#: What reading a text that we did not write can raise.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True)
class Opening:
    """What an export is of."""

    at: datetime
    #: What was asked for; None: all of it.
    since: datetime | None
    #: The link that its first step is chained to.
    begins: Head
    #: The newest link at that moment: its last step.
    head: Head


@dataclass(frozen=True, slots=True)
class Closing:
    """How an export ends: what cut it off, or changed any byte of it, shows here at the latest."""

    steps: int
    asks: int
    #: SHA-256 by file name of all that was written before this; in hexadecimal digits.
    digests: Mapping[str, str]


def opening_facts(opening: Opening) -> dict[str, Any]:
    """As JSON values."""
    return {
        "kind": "export",
        "format": FORMAT,
        "at": moment(opening.at),
        "since": None if opening.since is None else moment(opening.since),
        "begins": {"seq": opening.begins.seq, "hash": opening.begins.hash},
        "head": {"seq": opening.head.seq, "hash": opening.head.hash},
    }


def opening_of(facts: Mapping[str, Any]) -> Opening:
    """What `opening_facts` made this from. Raises one of `UNREADABLE`."""
    if facts["format"] != FORMAT:
        raise ValueError(f"its format is {facts['format']}, and this program reads {FORMAT}")
    since = facts["since"]
    return Opening(
        datetime.fromisoformat(facts["at"]),
        None if since is None else datetime.fromisoformat(since),
        Head(facts["begins"]["seq"], facts["begins"]["hash"]),
        Head(facts["head"]["seq"], facts["head"]["hash"]),
    )


def closing_facts(closing: Closing) -> dict[str, Any]:
    """As JSON values."""
    return {"kind": "end", "steps": closing.steps, "asks": closing.asks, "sha256": dict(closing.digests)}


def closing_of(facts: Mapping[str, Any]) -> Closing:
    """What `closing_facts` made this from. Raises one of `UNREADABLE`."""
    return Closing(facts["steps"], facts["asks"], dict(facts["sha256"]))


def step_facts(row: Chained) -> dict[str, Any]:
    """A row of `command_events`, its columns by their names."""
    step = row.step
    return {
        "seq": row.seq,
        "command_id": str(step.command_id),
        "at": moment(step.at),
        "step": str(step.step),
        "by": step.by,
        "data": dict(step.data),
        "prev_hash": row.prev_hash,
        "hash": row.hash,
    }


def step_of(facts: Mapping[str, Any]) -> Chained:
    """What `step_facts` made this from. Raises one of `UNREADABLE`."""
    step = Step(
        UUID(facts["command_id"]),
        datetime.fromisoformat(facts["at"]),
        StepName(facts["step"]),
        facts["by"],
        dict(facts["data"]),
    )
    return Chained(facts["seq"], step, facts["prev_hash"], facts["hash"])


def ask_facts(row: Logged) -> dict[str, Any]:
    """A row of `command_log`, its columns by their names."""
    said = row.standing
    return {
        "id": str(row.id),
        **row.facts,
        "state": str(said.state),
        "outcome": said.outcome,
        "answer": said.answer,
        "latency_ms": said.latency_ms,
    }


def ask_of(facts: Mapping[str, Any]) -> Logged:
    """What `ask_facts` made this from. Raises one of `UNREADABLE`."""
    rest = dict(facts)
    id_ = UUID(rest.pop("id"))
    standing = Standing(State(rest.pop("state")), rest.pop("outcome"), rest.pop("answer"), rest.pop("latency_ms"))
    return Logged(id_, rest, standing)


def json_line(kind: str, facts: Mapping[str, Any]) -> str:
    """One line of an export: JSON with sorted keys and no spaces."""
    return canonical_json({"kind": kind, **facts}) + "\n"


def from_json_line(text: str) -> tuple[str, dict[str, Any]]:
    """The kind of a line and its facts. Raises one of `UNREADABLE`, also where it says the same in another form."""
    facts = json.loads(text)
    kind = facts.pop("kind")
    if json_line(kind, facts) != text:
        raise ValueError("it is not written as an export writes it")
    return kind, facts
