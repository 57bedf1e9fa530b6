"""What the bot has called, for tests to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

#: A benchmark may call without end; the older half is forgotten beyond this.
_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API. `at` and `done_at` are monotonic seconds.

    `status` is the HTTP status that was answered: None while it is under way, 0 where the
    connection was cut.
    """

    method: str
    parameters: Mapping[str, Any]
    at: float
    status: int | None = None
    done_at: float | None = None

    @property
    def chat_id(self) -> Any:
        return self.parameters.get("chat_id")


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that the real platform may swallow and that we never want to send."""

    method: str
    reason: str
    parameters: Mapping[str, Any] = field(repr=False)


class CallLog:
    """Every call in the order of arrival."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[Violation] = []

    def begin(self, method: str, parameters: Mapping[str, Any]) -> Call:
        if len(self.calls) >= _KEPT:
            del self.calls[: _KEPT // 2]
        call = Call(method, dict(parameters), monotonic())
        self.calls.append(call)
        return call

    def finish(self, call: Call, status: int) -> None:
        for index in range(len(self.calls) - 1, -1, -1):
            if self.calls[index] is call:
                self.calls[index] = replace(call, status=status, done_at=monotonic())
                return

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]
