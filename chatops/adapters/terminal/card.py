"""A message as this terminal shows it: every button has a number to press it by."""

import re
from dataclasses import dataclass
from pathlib import Path

from chatops.messages import Message
from chatops.room import Room

#: Numbers, clock times and lengths: "0.148", "16:45:26", "1 min 4 s".
_FIGURES = re.compile(r"(?:[-+]?\d[\d.,:]*(?:\s*(?:s|min|h|d)\b)?\s*)+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class NumberedKey:
    """A button that is pressed by typing its number."""

    number: int
    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Card:
    """One state of one message; an edit makes the next."""

    id: str
    room: Room
    message: Message
    rows: tuple[tuple[NumberedKey, ...], ...] = ()
    #: Shown before, and says something else now.
    updated: bool = False
    #: What was pressed since it said this.
    pressed: NumberedKey | None = None
    #: What stands for the file that goes along, and where that is kept.
    file: str = ""
    file_at: Path | None = None

    @property
    def keys(self) -> tuple[NumberedKey, ...]:
        """Its buttons, row by row."""
        return tuple(key for row in self.rows for key in row)

    def adds_to(self, before: "Card") -> bool:
        """Whether people who saw `before` have to see this too.

        They need not where only buttons went, where a newer message stands for it (silent, and no button left), or
        where figures moved and nobody asked: the cards of a crash would scroll away all else.
        """
        known = {key.number for key in before.keys}
        if any(key.number not in known for key in self.keys):
            return True
        if self.message.silent and not self.keys:
            return False
        if self.message.attachment is not None and self.message.attachment != before.message.attachment:
            return True
        said, now = before.message.text, self.message.text
        return said != now if before.pressed else _words(said) != _words(now)


def _words(text: str) -> str:
    return _BLANKS.sub(" ", _FIGURES.sub("0 ", text))
