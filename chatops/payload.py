"""A posting as JSON values and back, so that what is owed can be shown after a restart."""

from collections.abc import Mapping
from typing import Any

from chatops.messages import Key, Message, Paragraph, Posting, Table


def payload_of(posting: Posting, replaces: str | None) -> dict[str, Any]:
    """A posting as JSON values, so that it can be shown after a restart too."""
    message = posting.message
    return {
        "title": message.title,
        "blocks": [
            {"text": block.text, "bold": block.bold} if isinstance(block, Paragraph) else {"lines": list(block.lines)}
            for block in message.blocks
        ],
        "keys": [[[key.label, key.token] for key in row] for row in posting.keys],
        "silent": message.silent,
        "replaces": replaces,
    }


def posting_of(payload: Mapping[str, Any]) -> Posting:
    """The posting that `payload_of` made this from."""
    blocks = tuple(
        Table(tuple(block["lines"])) if "lines" in block else Paragraph(block["text"], block["bold"])
        for block in payload["blocks"]
    )
    keys = tuple(tuple(Key(label, token) for label, token in row) for row in payload["keys"])
    return Posting(Message(payload["title"], blocks, silent=payload["silent"]), keys)
