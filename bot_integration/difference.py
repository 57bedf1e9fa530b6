"""What differs between two facts, as JSON has it (pure)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json


def difference(before: BaseModel, after: BaseModel, *, but: str = "") -> dict[str, Any]:
    """The fields of `after` that are others than those of `before`, `but` this one, as JSON has them.

    Both are of one kind.
    """
    old = before.__dict__
    found: dict[str, Any] = {}
    rest: set[str] | None = None
    # Run for every leg of every snapshot. What most fields are is told apart and said here, which takes a fraction
    # of what pydantic takes to find them by name.
    for name, value in after.__dict__.items():
        known = old[name]
        if value is known:
            continue
        say = _PLAIN.get(type(value))
        if say is None:
            if name != but and not is_same(known, value):
                if isinstance(value, BaseModel):
                    found[name] = dumped(value)
                else:
                    rest = {name} if rest is None else rest | {name}
        elif value != known:
            found[name] = say(value)
    if rest is not None:
        found.update(dumped(after, rest))
    return found


def differences(before: Sequence[BaseModel], after: Sequence[BaseModel]) -> list[dict[str, Any]]:
    """The same of each and the one in its place, empty where nothing is another; none at all where all are the same.

    Both are as long.
    """
    if before is after:
        return []
    found = [{} if a is b else difference(a, b) for a, b in zip(before, after, strict=True)]
    return found if any(found) else []


def is_same(before: Any, after: Any) -> bool:
    """Whether two values of one field are the same in JSON."""
    if before is after:
        return True
    if isinstance(after, dict) and isinstance(before, dict):
        # What an author puts in: NaN is not itself, and 1 is True, but for JSON. Nearly always there is nothing.
        return (not before and not after) or _text(before) == _text(after)
    if isinstance(after, BaseModel) and type(before) is type(after):
        # As pydantic does, which asks for more than a fact has.
        return before.__dict__ == after.__dict__
    return bool(before == after)


def dumped(fact: BaseModel, only: set[str] | None = None) -> dict[str, Any]:
    """A fact, or some fields of it, as JSON has it. What an author put in and JSON has no word for is text."""
    return fact.model_dump(mode="json", include=only, fallback=str)


def _text(given: Mapping[str, Any]) -> bytes:
    return to_json(given, inf_nan_mode="null", fallback=str)


def _as_it_is(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


#: What is said of a field without asking pydantic; money is a number.
_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    type(None): _as_it_is,
    bool: _as_it_is,
    int: _as_it_is,
    float: _as_it_is,
    str: _as_it_is,
    Decimal: float,
    datetime: _moment,
}
