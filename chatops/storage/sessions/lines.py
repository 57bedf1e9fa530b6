"""A session as lines of JSON: one for its head, one for each thing that is stored of it, one for its end.

Money is a text of all its digits, moments are in UTC. What is not understood is refused, never passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from bot_integration import Snapshot
from chatops.history.rows import Happened, Kept, Run, Why
from chatops.money.facts import Booking, FundingPayment, Gap, Sample, Trade, Transfer
from chatops.storage.history.snapshots import json_of

#: It counts up when a reader of the version before would not understand what is written.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """What follows: the first line."""

    version: int
    bot: str
    session_id: UUID
    #: When it was written.
    at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """That was all: the last line."""

    #: Of all lines before this one.
    lines: int
    sha256: str


Fact: TypeAlias = Run | Kept | Happened | Trade | Booking | FundingPayment | Transfer | Sample | Gap
Line: TypeAlias = Opening | Fact | Closing

_KINDS: Mapping[str, type[Any]] = {
    "session": Opening,
    "run": Run,
    "event": Happened,
    "trade": Trade,
    "booking": Booking,
    "payment": FundingPayment,
    "transfer": Transfer,
    "sample": Sample,
    "gap": Gap,
    "end": Closing,
}
_SNAPSHOT = "snapshot"
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ADAPTERS = {name: TypeAdapter(kind) for name, kind in _KINDS.items()}


class NotUnderstood(ValueError):
    """A line is none that is written here. The text says why."""


def line_of(said: Line) -> bytes:
    """The line, its end included."""
    if isinstance(said, Kept):
        return b'{"kind":"snapshot","why":%b,"snapshot":%b}\n' % (to_json(said.why.value), json_of(said.snapshot))
    name = _NAMES[type(said)]
    return to_json({"kind": name, **_ADAPTERS[name].dump_python(said, mode="json")}) + b"\n"


def said_in(line: bytes) -> Line:
    """What a line says. Raises `NotUnderstood`."""
    try:
        given = from_json(line, allow_inf_nan=False)
    except ValueError as error:
        raise NotUnderstood(f"it is no JSON ({error})") from error
    if not isinstance(given, dict):
        raise NotUnderstood("it is no object")
    kind = given.pop("kind", None)
    try:
        return _kept(given) if kind == _SNAPSHOT else _read(kind, given)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, fault["loc"])) or kind
        raise NotUnderstood(f"{where}: {fault['msg']}") from error


def _kept(given: dict[str, Any]) -> Kept:
    _expect_known({"why": None, _SNAPSHOT: None}, given, _SNAPSHOT)
    if given.get("why") not in set(Why):
        raise NotUnderstood(f"why is {given.get('why')!r}, and may be {', '.join(Why)}")
    return Kept(Why(given["why"]), Snapshot.model_validate(given.get(_SNAPSHOT)))


def _read(kind: object, given: dict[str, Any]) -> Line:
    if not isinstance(kind, str) or kind not in _ADAPTERS:
        raise NotUnderstood(f"it is of the kind {kind!r}, and may be {', '.join(sorted([*_KINDS, _SNAPSHOT]))}")
    adapter = _ADAPTERS[kind]
    said: Line = adapter.validate_python(given)
    _expect_known(adapter.dump_python(said, mode="json"), given, kind)
    return said


def _expect_known(known: Any, given: Any, where: str) -> None:
    """Whether what was read has a place for all that was given: else something of it would be lost."""
    if isinstance(known, dict) and isinstance(given, dict):
        if unknown := sorted(given.keys() - known.keys()):
            raise NotUnderstood(f"{where} has no {unknown[0]!r} here")
        for key, value in given.items():
            _expect_known(known[key], value, f"{where}.{key}")
    elif isinstance(known, list) and isinstance(given, list):
        for one, other in zip(known, given, strict=True):
            _expect_known(one, other, where)
