"""A posting as JSON values and back, so that what is owed can be shown after a restart."""

from collections.abc import Mapping
from typing import Any

from chatops.messages import Attachment, Key, Message, Paragraph, Posting, Table
from chatops.people import Identity


def payload_of(posting: Posting, replaces: str | None) -> dict[str, Any]:
    """A posting as JSON values, so that it can be shown after a restart too.

    Where a file goes along, `attachment` tells which; its bytes are kept apart.
    """
    message = posting.message
    payload: dict[str, Any] = {
        "title": message.title,
        "blocks": [
            {"text": block.text, "bold": block.bold} if isinstance(block, Paragraph) else {"lines": list(block.lines)}
            for block in message.blocks
        ],
        "keys": [
            # Most open nothing, and older rows say nothing of that.
            [[key.label, key.token, *([True] if key.form else [])] for key in row]
            for row in posting.keys
        ],
        "silent": message.silent,
        "replaces": replaces,
    }
    if posting.wants:
        payload["wants"] = posting.wants
    if posting.menu:
        payload["menu"] = posting.menu
    if message.facts:
        payload["facts"] = dict(message.facts)
    alone = posting.whisper_to
    if alone is not None:
        payload["whisper_to"] = [alone.platform, alone.id, alone.workspace]
    file = message.attachment
    if file is not None:
        payload["attachment"] = {"name": file.name, "is_picture": file.is_picture}
    return payload


def posting_of(payload: Mapping[str, Any], file: bytes | None = None) -> Posting:
    """The posting that `payload_of` made this from, `file` with it; its buttons are in its keys alone."""
    blocks = tuple(
        Table(tuple(block["lines"])) if "lines" in block else Paragraph(block["text"], block["bold"])
        for block in payload["blocks"]
    )
    keys = tuple(tuple(Key(*key) for key in row) for row in payload["keys"])
    message = Message(
        payload["title"],
        blocks,
        silent=payload["silent"],
        attachment=_attachment_of(payload, file),
        facts=payload.get("facts", {}),
    )
    alone = payload.get("whisper_to")
    whisper_to = None if alone is None else Identity(*alone)
    return Posting(message, keys, payload.get("wants", ""), payload.get("menu", ""), whisper_to=whisper_to)


def _attachment_of(payload: Mapping[str, Any], file: bytes | None) -> Attachment | None:
    told = payload.get("attachment")
    if told is None or file is None:
        return None
    return Attachment(told["name"], file, told["is_picture"])
