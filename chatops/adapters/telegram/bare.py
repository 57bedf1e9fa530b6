"""An update as it may be stored: without the codes in it, and without what it quotes of other messages."""

from typing import Any

from chatops.adapters.telegram.inbound import Update
from chatops.guard.codes import attempt
from chatops.guard.totp import masked

#: Other messages that a message brings along, whole: one of them may be ours, with a secret in it.
_QUOTED = ("reply_to_message", "pinned_message")
#: What is read of these: whose it is, and which.
_KEPT = ("message_id", "date", "chat", "from", "message_thread_id", "is_topic_message", "forum_topic_created")


def bare(update: Update) -> Update:
    """The same update where it holds nothing of that kind.

    Whoever typed a code that was stored and not handled is asked for another: a code works for a minute only. What
    lets somebody in is kept until it is handled: it works once, and is worth nothing after.
    """
    message = update.get("message")
    if not isinstance(message, dict):
        return update
    changed: dict[str, Any] = {name: _known(message[name]) for name in _QUOTED if name in message}
    if "quote" in message:
        changed["quote"] = {}
    text = message.get("text")
    if isinstance(text, str) and attempt(text) is None and (without := masked(text)) != text:
        changed["text"] = without
    return {**update, "message": {**message, **changed}} if changed else update


def _known(quoted: Any) -> Any:
    return {name: quoted[name] for name in _KEPT if name in quoted} if isinstance(quoted, dict) else None
