"""The refusals that this server answers with.

ApiError              what the platform answers when it will not
  RateLimited         429, with the seconds to wait
  Status              a bare HTTP error without a body of the platform's
  Breach              what our product must never send, though the platform may swallow it in silence
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tests.servers.common.refusal import Refusal


class ApiError(Refusal):
    """A refusal: the platform says 200 and `{"ok": false, "error": …}`; `extra` stands beside the two."""

    def __init__(
        self, error: str, extra: Mapping[str, Any] | None = None, *, status: int = 200, retry_after: int | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.extra = dict(extra or {})
        self.status = status
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.extra}


class RateLimited(ApiError):
    """Wait for `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited", status=429, retry_after=retry_after)


class Status(ApiError):
    """A gateway's answer, such as 502: a page, no JSON."""

    def __init__(self, code: int) -> None:
        super().__init__(HTTPStatus(code).phrase, status=code)


class Breach(ApiError):
    """A request that our product must never send, whether the platform refuses it or lets it pass; it is recorded."""

    def __init__(self, reason: str, error: str = "invalid_arguments", problems: Sequence[str] = ()) -> None:
        messages = [f"[ERROR] {problem}" for problem in problems or (reason,)]
        errors = {"errors": list(problems)} if problems else {}
        super().__init__(error, {**errors, "response_metadata": {"messages": messages}})
        self.reason = "; ".join([reason, *problems])
