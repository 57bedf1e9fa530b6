"""What a failure to call a webhook means (pure, but for what it is told of waiting)."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from chatops.adapters.base import Fault, SendError
from chatops.adapters.public_address import NotPublic

#: Longer than this nobody is left alone, whatever is asked.
LONGEST_PAUSE_S = 3600.0
#: Somebody in between gave up waiting: behind that it may have arrived.
_IN_BETWEEN = frozenset((502, 504))
#: Wrong only for now.
_LATER = frozenset((408, 425, 429))
_TURNED_AWAY = frozenset((401, 403, 404, 405, 410))


def of_status(status: int, retry_after: str | None, now: datetime, pause_s: Callable[[], float]) -> SendError | None:
    """What an answer means; None where it was taken. `pause_s` gives a wait where the answer names none."""
    if 200 <= status < 300:
        return None
    said = f"the webhook answered {status}"
    if status in _IN_BETWEEN:
        return SendError(said, Fault.AMBIGUOUS, of_room=True)
    if status >= 500 or status in _LATER:
        wait_s = _named_s(retry_after, now)
        return SendError(said, Fault.RETRY_AFTER, wait_s=pause_s() if wait_s is None else wait_s)
    if 300 <= status < 400:
        return SendError(f"{said}, and nobody is followed elsewhere: set the address itself", Fault.DEAD_RECIPIENT)
    if status in _TURNED_AWAY:
        return SendError(f"{said}: see its url and its secret", Fault.DEAD_RECIPIENT)
    return SendError(said, Fault.REFUSED)


def of_error(error: Exception, pause_s: Callable[[], float]) -> SendError:
    """What it means that no answer came. The address is not repeated: it may be secret."""
    if any(isinstance(one, NotPublic) for one in _causes(error)):
        return SendError(
            "the webhook leads to a private address: set allow_private = true there if that is meant",
            Fault.DEAD_RECIPIENT,
        )
    kind = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return SendError(f"the webhook cannot be reached ({kind})", Fault.RETRY_AFTER, wait_s=pause_s())
    return SendError(f"the webhook did not answer ({kind})", Fault.AMBIGUOUS, of_room=True)


def _named_s(retry_after: str | None, now: datetime) -> float | None:
    """The wait that an answer names: seconds, or a moment (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    try:
        is_count = retry_after.isascii() and retry_after.isdigit()
        wait_s = float(retry_after) if is_count else (parsedate_to_datetime(retry_after) - now).total_seconds()
    # It is no moment, or one without a zone.
    except (ValueError, TypeError):
        return None
    return min(max(wait_s, 0.0), LONGEST_PAUSE_S)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found
