"""The refusals that this server answers with.

ApiError              what the platform answers when it will not
  TooManyRequests     429, with the seconds to wait
  Status              a bare HTTP error, such as 502
  Breach              what the platform may swallow in silence and our product must never send
"""

from collections.abc import Mapping
from http import HTTPStatus

from tests.servers.common.refusal import Refusal
from tests.servers.telegram.texts import Text


class ApiError(Refusal):
    """A refusal: `code` is the HTTP status too; `parameters` as in `ResponseParameters`."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = str(description)
        self.parameters = dict(parameters or {})


class TooManyRequests(ApiError):
    """Wait for `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(429, f"{Text.TOO_MANY_REQUESTS}{retry_after}", {"retry_after": retry_after})
        self.retry_after = retry_after


class Status(ApiError):
    """A bare HTTP error, such as 502."""

    def __init__(self, code: int) -> None:
        super().__init__(code, HTTPStatus(code).phrase)


class Breach(ApiError):
    """A request that is wrong though the platform might let it pass; it is recorded."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, f"Bad Request: {reason}")
        self.reason = reason


def bad_request(text: str) -> ApiError:
    return ApiError(400, text)


def forbidden(text: str) -> ApiError:
    return ApiError(403, text)
