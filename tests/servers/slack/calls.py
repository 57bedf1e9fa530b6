"""What the app has called, for tests to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

#: A benchmark may call without end; the older half is forgotten beyond this.
_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `at` and `done_at` are monotonic seconds.

    `status` is the HTTP status that was answered: None while it is under way, 0 where the connection was cut.
    `error` is the platform's word where it refused; it refuses with status 200.
    """

    method: str
    arguments: Mapping[str, Any]
    at: float
    status: int | None = None
    error: str = ""
    done_at: float | None = None

    @property
    def channel_id(self) -> Any:
        return self.arguments.get("channel", self.arguments.get("channel_id"))


@dataclass(frozen=True, slots=True)
class Violation:
    """What the real platform may swallow and we never want to send."""

    method: str
    reason: str
    arguments: Mapping[str, Any] = field(repr=False)


class CallLog:
    """Every call in the order of arrival."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[Violation] = []

    def begin(self, method: str, arguments: Mapping[str, Any]) -> Call:
        if len(self.calls) >= _KEPT:
            del self.calls[: _KEPT // 2]
        call = Call(method, dict(arguments), monotonic())
        self.calls.append(call)
        return call

    def finish(self, call: Call, status: int, error: str = "") -> None:
        for index in range(len(self.calls) - 1, -1, -1):
            if self.calls[index] is call:
                self.calls[index] = replace(call, status=status, error=error, done_at=monotonic())
                return

    def breach(self, method: str, reason: str, arguments: Mapping[str, Any] | None = None) -> None:
        self.violations.append(Violation(method, reason, dict(arguments or {})))

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]
