"""Alerts, their events and who was told, as rows of their tables and back."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from alerts.model import (
    Acknowledgement,
    Advance,
    Alert,
    Ended,
    Figure,
    Key,
    Reading,
    Target,
    Told,
)
from alerts.policy import Policy, Progress
from alerts.severity import Severity
from alerts.store import Open
from chatops.guard.audit import moment, storable
from chatops.storage.database import Record
from chatops.storage.json_codec import encode_json

#: By alert and target, the deliveries that carry what is told.
Carriers = Mapping[tuple[UUID, Target], Sequence[UUID]]

#: An alert with its ledger, as `open_of` takes it.
OPEN = """
SELECT a.*, (SELECT jsonb_agg(to_jsonb(t)) FROM alert_told AS t WHERE t.alert_id = a.id) AS told
FROM alerts AS a
"""
_POLICY, _PROGRESS, _TOLD = TypeAdapter(Policy), TypeAdapter(Progress), TypeAdapter(list[Told])


@dataclass(frozen=True, slots=True)
class StepRows:
    """What `advance_alerts` takes of some steps."""

    steps: list[dict[str, Any]]
    events: list[dict[str, Any]]
    tellings: list[dict[str, Any]]
    told: list[dict[str, Any]]


def rows_of(advances: Iterable[Advance], carriers: Carriers) -> StepRows:
    """All of these steps."""
    rows = StepRows([], [], [], [])
    for advance in advances:
        step, events = step_row_of(advance), list(event_rows_of(advance))
        tellings, told = list(telling_rows_of(advance)), list(told_rows_of(advance))
        # The same of the same step alone, whatever carries it.
        digest = hashlib.blake2b(encode_json([step, events, tellings, told]), digest_size=16).hexdigest()
        rows.steps.append({**step, "digest": digest})
        rows.events.extend(events)
        rows.told.extend(told)
        for row, telling in zip(tellings, advance.tellings, strict=True):
            carried_by = carriers.get((advance.alert.id, telling.target), ())
            rows.tellings.append({**row, "deliveries": [str(one) for one in carried_by]})
    return rows


def step_row_of(advance: Advance) -> dict[str, Any]:
    """An alert after a step, as `advance_alerts` takes it."""
    alert, ack, reading = advance.alert, advance.alert.acknowledged, advance.alert.reading
    return {
        "id": str(alert.id),
        "was": advance.was,
        "number": alert.number,
        "rule": alert.key.rule,
        "bot": alert.key.bot,
        "subject": alert.key.subject,
        "severity": alert.severity,
        "peak": alert.peak,
        "epoch": alert.epoch,
        "began_at": moment(alert.began_at),
        "rose_at": moment(alert.rose_at),
        "read_at": moment(alert.read_at),
        "reading": {
            "value": reading.value,
            "metric": reading.metric,
            "room": reading.room,
            "position": reading.position,
            "says": storable(reading.says),
            "figures": [[storable(one.label), storable(one.text)] for one in reading.figures],
        },
        "policy": _POLICY.dump_python(alert.policy, mode="json"),
        "progress": _PROGRESS.dump_python(alert.progress, mode="json"),
        "ack_epoch": ack and ack.epoch,
        "ack_by": ack and ack.by,
        "ack_at": ack and moment(ack.at),
        "ack_until": ack and moment(ack.until),
        "ack_asked_again": ack and ack.asked_again,
        "resolved_at": alert.resolved_at and moment(alert.resolved_at),
        "ended": alert.ended,
        "is_drill": alert.is_drill,
        "version": alert.version,
    }


def event_rows_of(advance: Advance) -> Iterable[dict[str, Any]]:
    """What happened, as `advance_alerts` takes it."""
    for event in advance.events:
        yield {
            "alert": str(advance.alert.id),
            "at": moment(event.at),
            "step": event.step,
            "by": storable(event.by),
            "reason": storable(event.reason),
            "severity": event.severity,
        }


def telling_rows_of(advance: Advance) -> Iterable[dict[str, Any]]:
    """What is told, as `advance_alerts` takes it: each as of the moment at which its target is held to have heard."""
    alert = advance.alert
    told = {one.target: one for one in advance.told}
    at = max((event.at for event in advance.events), default=alert.read_at)
    for telling in advance.tellings:
        heard = told.get(telling.target)
        yield {
            "alert": str(alert.id),
            # An edit leaves when it was last told aloud.
            "at": moment(heard.at if heard and heard.aloud else at),
            "kind": telling.target.kind,
            "target": telling.target.name,
            "form": telling.form,
            "why": telling.why,
            "reason": storable(telling.reason),
            "epoch": heard.epoch if heard else alert.epoch,
            "severity": heard.severity if heard else (alert.severity if alert.is_open else None),
        }


def told_rows_of(advance: Advance) -> Iterable[dict[str, Any]]:
    """The last that targets heard, as `advance_alerts` takes it."""
    # Of two that concern one target the later holds: a statement writes a row once.
    for told in {one.target: one for one in advance.told}.values():
        yield {
            "alert": str(advance.alert.id),
            "kind": told.target.kind,
            "target": told.target.name,
            "epoch": told.epoch,
            "severity": told.severity,
            "at": moment(told.at),
            "room": told.room,
            "aloud": told.aloud,
            "acknowledged": told.acknowledged,
        }


def open_of(row: Record) -> Open:
    """A row of `OPEN`."""
    told = [{**one, "target": {"kind": one["kind"], "name": one["target"]}} for one in row["told"] or ()]
    return Open(alert_of(row), {one.target: one for one in _TOLD.validate_python(told)})


def alert_of(row: Record) -> Alert:
    """A row of `alerts`."""
    key, reading = Key(row["rule"], row["bot"], row["subject"]), row["reading"]
    return Alert(
        id=row["id"],
        number=row["number"],
        key=key,
        severity=Severity(row["severity"]),
        peak=Severity(row["peak"]),
        epoch=row["epoch"],
        began_at=row["began_at"],
        rose_at=row["rose_at"],
        reading=Reading(
            key,
            reading["value"],
            reading["metric"],
            reading["room"],
            reading["position"],
            reading["says"],
            tuple(Figure(label, text) for label, text in reading["figures"]),
        ),
        read_at=row["read_at"],
        policy=_POLICY.validate_python(row["policy"]),
        progress=_PROGRESS.validate_python(row["progress"]),
        acknowledged=_acknowledgement(row),
        resolved_at=row["resolved_at"],
        ended=Ended(row["ended"]) if row["ended"] else None,
        is_drill=row["is_drill"],
        version=row["version"],
    )


def _acknowledgement(row: Record) -> Acknowledgement | None:
    if row["ack_epoch"] is None:
        return None
    return Acknowledgement(row["ack_epoch"], row["ack_by"], row["ack_at"], row["ack_until"], row["ack_asked_again"])
