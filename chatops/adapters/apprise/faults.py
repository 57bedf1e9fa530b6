"""What it means that Apprise failed, by what it logged of it (pure)."""

import re
from collections.abc import Callable, Iterable

from chatops.adapters.base import Fault, SendError

#: As its plugins log the status of an answer.
_STATUS = re.compile(r"error=(\d{3})\b")
#: As requests and urllib3 say that no connection came about, and smtplib and Python that none did.
_NOT_CONNECTED = re.compile(
    r"NewConnectionError|ConnectTimeoutError|NameResolutionError|Failed to establish|\[Errno -\d+\]|Name or service"
    r"|Connection refused|No route to host|Network is unreachable|SSLCertVerificationError|CERTIFICATE_VERIFY_FAILED"
)
_LATER = frozenset((408, 425, 429, 500, 503))
_IN_BETWEEN = frozenset((502, 504))


def of_failure(logged: Iterable[str], pause_s: Callable[[], float]) -> SendError:
    """What a failed call means for its message. Nothing that was logged is repeated: it may hold secrets."""
    whole = "\n".join(logged)
    statuses = _STATUS.findall(whole)
    if statuses:
        return _of_status(int(statuses[-1]), pause_s)
    if _NOT_CONNECTED.search(whole):
        return SendError("the channel cannot be reached", Fault.RETRY_AFTER, wait_s=pause_s())
    return SendError("the channel did not say that it took this", Fault.AMBIGUOUS, of_room=True)


def _of_status(status: int, pause_s: Callable[[], float]) -> SendError:
    said = f"the channel answered {status}"
    if status in _LATER:
        return SendError(said, Fault.RETRY_AFTER, wait_s=pause_s())
    if status in _IN_BETWEEN or status >= 500:
        return SendError(said, Fault.AMBIGUOUS, of_room=True)
    if status in {400, 413, 422}:
        return SendError(said, Fault.REFUSED)
    return SendError(f"{said}: see its url", Fault.DEAD_RECIPIENT)
