"""What every message owes to whoever reads it on a phone."""

import unicodedata

from chatops.layout import width
from chatops.messages import PHONE_COLUMNS, Message, Table

TITLE_CHARACTERS = 200
LABEL_CHARACTERS = 64


def assert_readable(message: Message) -> None:
    assert message.title.strip()
    assert message.title.splitlines() == [message.title]
    assert len(message.title) <= TITLE_CHARACTERS
    assert not hidden(message.text)
    for block in message.blocks:
        lines = block.lines if isinstance(block, Table) else ()
        assert all(width(line) <= PHONE_COLUMNS for line in lines), lines
    labels = [button.label for row in message.buttons for button in row]
    assert all(label.strip() and len(label) <= LABEL_CHARACTERS and not hidden(label) for label in labels), labels
    assert all(message.buttons)


def hidden(text: str) -> list[str]:
    """The characters that move a cursor or turn writing round, but for the ends of lines."""
    turning = ("Cc", "Cf", "Zl", "Zp")
    return [character for character in text if unicodedata.category(character) in turning and character != "\n"]
