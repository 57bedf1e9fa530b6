"""What is on record of an ask: its steps, the chain that shows any change of them, and what follows from them."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import reduce
from typing import Any
from uuid import UUID

#: From here on a float is a whole number, and PostgreSQL gives back an integer of fewer digits. Beyond the other two
#: a reader of JSON makes a float of an integer, and a writer refuses it.
_FLOATS_ARE_WHOLE = 2**53
_LEAST, _MOST = -(2**63), 2**64 - 1
#: What the first step is chained to.
GENESIS = "0" * 64
#: Made once: every step is written by it twice.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class StepName(StrEnum):
    """What can happen to an ask."""

    RECEIVED = "received"
    DENIED = "denied"
    MISREAD = "misread"
    ASKED_TO_CONFIRM = "asked to confirm"
    CONFIRMED = "confirmed"
    ASKED_TO_APPROVE = "asked to approve"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    #: Written before the act.
    RUNNING = "running"
    #: Written after it.
    FINISHED = "finished"


class State(StrEnum):
    """Where an ask stands."""

    RECEIVED = "received"
    DENIED = "denied"
    MISREAD = "misread"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    AWAITING_APPROVAL = "awaiting_approval"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RUNNING = "running"
    FINISHED = "finished"


_STATE_AFTER = {
    StepName.RECEIVED: State.RECEIVED,
    StepName.DENIED: State.DENIED,
    StepName.MISREAD: State.MISREAD,
    StepName.ASKED_TO_CONFIRM: State.AWAITING_CONFIRMATION,
    StepName.CONFIRMED: State.RECEIVED,
    StepName.ASKED_TO_APPROVE: State.AWAITING_APPROVAL,
    StepName.APPROVED: State.RECEIVED,
    StepName.REJECTED: State.CANCELLED,
    StepName.CANCELLED: State.CANCELLED,
    StepName.EXPIRED: State.EXPIRED,
    StepName.RUNNING: State.RUNNING,
    StepName.FINISHED: State.FINISHED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what, where and when: what never changes of a row of `command_log`."""

    id: UUID
    at: datetime
    platform: str
    #: None where nobody we know asked.
    principal: str | None
    sender_id: str
    room: str
    bot: str | None
    word: str
    arguments: Mapping[str, Any]
    risk: str | None
    correlation_id: str | None = None

    def facts(self) -> dict[str, Any]:
        """All of it but the id as JSON values, in the first step of the chain."""
        return {
            "at": moment(self.at),
            "platform": self.platform,
            "principal": self.principal,
            "sender_id": self.sender_id,
            "room": self.room,
            "bot": self.bot,
            "word": self.word,
            "arguments": storable_value(dict(self.arguments)),
            "risk": self.risk,
            "correlation_id": self.correlation_id,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an ask. `data` holds JSON values, and never a secret."""

    command_id: UUID
    at: datetime
    step: StepName
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def canonical(self) -> str:
        """The text that is hashed: JSON with sorted keys and no spaces."""
        return canonical_json(
            {
                "at": moment(self.at),
                "by": self.by,
                "command_id": str(self.command_id),
                "data": dict(self.data),
                "step": str(self.step),
            }
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from the steps of an ask."""

    state: State
    outcome: str | None = None
    answer: str | None = None
    latency_ms: float | None = None


def canonical_json(value: Any) -> str:
    """One text for one value, whoever writes it."""
    return _CANONICAL.encode(value)


def moment(at: datetime) -> str:
    """A moment as it stands in the chain: UTC, to the microsecond, as the database keeps it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def link(previous: str, canonical: str) -> str:
    """The hash of a step: SHA-256 over the hash before it and its own text, in hexadecimal digits."""
    return hashlib.sha256((previous + canonical).encode()).hexdigest()


def after(before: Standing, step: Step) -> Standing:
    """Where an ask stands after one more step."""
    said = step.data
    outcome, answer, latency_ms = said.get("outcome"), said.get("answer"), said.get("latency_ms")
    # What a step does not say stays as it was said before, as the database's function `record` has it.
    return Standing(
        state=_STATE_AFTER[step.step],
        outcome=before.outcome if outcome is None else outcome,
        answer=before.answer if answer is None else answer,
        latency_ms=before.latency_ms if latency_ms is None else latency_ms,
    )


def standing(steps: Iterable[Step]) -> Standing:
    """Where an ask stands after these steps, in their order."""
    return reduce(after, steps, Standing(State.RECEIVED))


def storable(text: str, longest: int = 2_000) -> str:
    """The text as a database takes it: no NUL, no half of a surrogate pair, not without end."""
    cleaned = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return cleaned if len(cleaned) <= longest else cleaned[: longest - 1] + "…"


def storable_value(value: Any) -> Any:
    """A JSON value, its texts as `storable` has them: what the chain says then is what a table gives back."""
    match value:
        case str():
            return storable(value)
        case Mapping():
            return {storable(key): storable_value(inner) for key, inner in value.items()}
        case list() | tuple():
            return [storable_value(inner) for inner in value]
        case float() if _FLOATS_ARE_WHOLE <= abs(value) < math.inf:
            return storable_value(int(value))
        case int() if not _LEAST <= value <= _MOST:
            return str(value)
        case _:
            return value
