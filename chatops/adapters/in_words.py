"""A posting for those who read and cannot press: plain text that says how to answer (pure)."""

from chatops.layout import fit
from chatops.messages import Attachment, Paragraph, Posting

_NAME_COLUMNS = 40


def body_of(posting: Posting) -> str:
    """What it says below its title."""
    blocks = posting.message.blocks
    said = [block.text if isinstance(block, Paragraph) else "\n".join(block.lines) for block in blocks]
    return "\n\n".join(one for one in (*said, how_to_answer(posting)) if one)


def left_out(file: Attachment) -> str:
    """Said where a file cannot go along."""
    name = fit(file.name, _NAME_COLUMNS)
    return f"The picture {name} cannot be shown here." if file.is_picture else f"The file {name} cannot be sent here."


def how_to_answer(posting: Posting) -> str:
    """What to write in a chat of the desk; empty where nothing is waited for."""
    facts = posting.message.facts
    number = facts.get("number")
    if number is None or facts.get("state") != "open":
        return ""
    return f"To answer, write in a chat of the desk: /ack {number}"
