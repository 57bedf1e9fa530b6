"""What a program has called, for tests to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Generic, TypeVar

#: A benchmark may call without end; the older half is forgotten beyond this.
_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class BaseCall:
    """One call. `at` and `done_at` are monotonic seconds.

    `status` is the HTTP status that was answered: None while it is under way, 0 where the connection was cut.
    `error` is the platform's word, where it refused with one.
    """

    method: str
    arguments: Mapping[str, Any]
    at: float
    status: int | None = None
    error: str = ""
    done_at: float | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """What the real platform may swallow and we never want to send."""

    method: str
    reason: str
    arguments: Mapping[str, Any] = field(repr=False)


CallT = TypeVar("CallT", bound=BaseCall)


class CallLog(Generic[CallT]):
    """Every call, as one of this `kind`, in the order of arrival."""

    def __init__(self, kind: type[CallT]) -> None:
        self.calls: list[CallT] = []
        self.violations: list[Violation] = []
        self._kind = kind

    def begin(self, method: str, arguments: Mapping[str, Any]) -> CallT:
        if len(self.calls) >= _KEPT:
            del self.calls[: _KEPT // 2]
        call = self._kind(method, dict(arguments), monotonic())
        self.calls.append(call)
        return call

    def finish(self, call: CallT, status: int, error: str = "") -> None:
        for index in range(len(self.calls) - 1, -1, -1):
            if self.calls[index] is call:
                self.calls[index] = replace(call, status=status, error=error, done_at=monotonic())
                return

    def breach(self, method: str, reason: str, arguments: Mapping[str, Any] | None = None) -> None:
        self.violations.append(Violation(method, reason, dict(arguments or {})))

    def of(self, method: str) -> list[CallT]:
        return [call for call in self.calls if call.method == method]
