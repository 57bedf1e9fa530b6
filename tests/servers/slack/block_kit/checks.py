"""What a value of Block Kit has to be, in pieces that are put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class Problems:
    """What is wrong, in the platform's words: each with a JSON pointer to where it is wrong."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, where: str, what: str) -> None:
        self.found.append(f"{what} [json-pointer:{where}]")


Check = Callable[[Any, str, Problems], None]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: what it must have, what it may have, and what has to hold between them where each is right."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    also: Check | None = None

    def __call__(self, value: Any, where: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(where, "must provide an object")
            return
        known_before = len(problems.found)
        for name in self.required:
            if name not in value:
                problems.add(where, f"missing required field: {name}")
        for name, item in value.items():
            check = self.required.get(name) or self.optional.get(name)
            if check is None:
                problems.add(where, f"invalid additional property: {name}")
            else:
                check(item, f"{where}/{name}", problems)
        if self.also is not None and len(problems.found) == known_before:
            self.also(value, where, problems)


def string(most: int, least: int = 0) -> Check:
    """Characters are code points."""

    def check(value: Any, where: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add(where, "must provide a string")
        elif len(value) > most:
            problems.add(where, f"must be less than {most + 1} characters")
        elif len(value) < least:
            problems.add(where, f"must be more than {least - 1} characters")

    return check


def integer(least: int, most: int) -> Check:
    def check(value: Any, where: str, problems: Problems) -> None:
        if type(value) is not int:
            problems.add(where, "must provide a number")
        elif not least <= value <= most:
            problems.add(where, f"must be between {least} and {most}")

    return check


def boolean(value: Any, where: str, problems: Problems) -> None:
    if type(value) is not bool:
        problems.add(where, "must provide a boolean")


def one_of(*allowed: str) -> Check:
    def check(value: Any, where: str, problems: Problems) -> None:
        if value not in allowed:
            problems.add(where, f"must be one of {', '.join(allowed)}, is {value!r}")

    return check


def items(of: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, where: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add(where, "must provide an array")
            return
        if len(value) > most:
            problems.add(where, f"no more than {most} items allowed")
        if len(value) < least:
            problems.add(where, f"no fewer than {least} items allowed")
        for index, item in enumerate(value):
            of(item, f"{where}/{index}", problems)

    return check


def typed(kinds: Mapping[str, Check], allowed: Sequence[str] | None = None) -> Check:
    """An object whose `type` says what it has to be, one of those allowed here."""

    def check(value: Any, where: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        known = kinds.get(kind) if isinstance(kind, str) else None
        if known is None or (allowed is not None and kind not in allowed):
            problems.add(f"{where}/type", f"unsupported type: {kind}")
        else:
            known(value, where, problems)

    return check
