"""A message as this terminal shows it: every button has a number to press it by."""

from dataclasses import dataclass

from chatops.messages import Message
from chatops.room import Room


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

    @property
    def keys(self) -> tuple[NumberedKey, ...]:
        """Its buttons, row by row."""
        return tuple(key for row in self.rows for key in row)

    def adds_to(self, before: "Card") -> bool:
        """Whether people who saw `before` have to see this too. They need not where only buttons went."""
        known = {key.number for key in before.keys}
        same = (self.message.title, self.message.blocks) == (before.message.title, before.message.blocks)
        return not same or any(key.number not in known for key in self.keys)
