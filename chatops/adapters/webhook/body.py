"""What a webhook is sent, as JSON (pure)."""

from datetime import datetime

import orjson

from chatops.adapters.in_words import body_of, left_out
from chatops.messages import Posting


def body_for(channel: str, posting: Posting, at: datetime) -> bytes:
    """One message; `alert` is null where it is about none. Files do not go along: what takes an alert has no room."""
    message, text = posting.message, body_of(posting)
    if message.attachment is not None:
        text = "\n\n".join(one for one in (text, left_out(message.attachment)) if one)
    return orjson.dumps(
        {
            "channel": channel,
            "sent_at": at.isoformat(),
            "title": message.title,
            "text": text,
            "silent": message.silent,
            "alert": dict(message.facts) or None,
        }
    )
