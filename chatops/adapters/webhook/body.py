"""What a webhook is sent, as JSON (pure)."""

from datetime import datetime

import orjson

from chatops.adapters.in_words import body_of
from chatops.messages import Posting


def body_for(channel: str, posting: Posting, at: datetime) -> bytes:
    """One message; `alert` is null where it is about none."""
    message = posting.message
    return orjson.dumps(
        {
            "channel": channel,
            "sent_at": at.isoformat(),
            "title": message.title,
            "text": body_of(posting),
            "silent": message.silent,
            "alert": dict(message.facts) or None,
        }
    )
