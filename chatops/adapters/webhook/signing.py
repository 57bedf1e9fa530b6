"""Signs what a webhook is sent, so that whoever takes it knows that it is ours and new (pure)."""

import hashlib
import hmac
from datetime import datetime

TIMESTAMP = "Quarterdeck-Timestamp"
SIGNATURE = "Quarterdeck-Signature"
#: Of the way of signing; another one would stand beside it.
VERSION = "v1"


def signed(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that go along: when it was signed, in whole seconds since 1970, and HMAC-SHA256 over both.

    What is signed is the number, a full stop and the body as it is sent; the signature is `v1=` and 64 hex digits.
    """
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {TIMESTAMP: seconds, SIGNATURE: f"{VERSION}={digest}"}
