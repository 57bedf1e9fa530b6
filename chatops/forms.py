"""What a word still needs, as a form to fill in: for platforms that show such. Elsewhere the same ask is completed by
buttons and replies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chatops.people import Identity
from chatops.room import Room

#: So many are suggested at once.
MOST_OPTIONS = 100


class Takes(StrEnum):
    """What may be filled in."""

    TEXT = "text"
    NUMBER = "number"
    #: One of the field's `options`.
    CHOICE = "choice"
    #: One of what `Forms.suggest` gives for what was typed so far.
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Option:
    """What may stand in a field that takes what is `SUGGESTED`."""

    value: str
    #: What is shown of it, where that is more.
    label: str = ""

    @property
    def shown(self) -> str:
        """What people read."""
        return self.label or self.value


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of a word."""

    argument: str
    label: str
    takes: Takes = Takes.TEXT
    options: tuple[str, ...] = ()
    #: What stands in it already.
    given: str = ""
    optional: bool = False
    hint: str = ""
    #: The most characters that it takes.
    longest: int = 200


@dataclass(frozen=True, slots=True)
class Form:
    """An ask with arguments left to fill in."""

    word: str
    title: str
    fields: tuple[Field, ...]
    #: Arguments that are settled, and shown nowhere: the alert that a silence is for.
    settled: Mapping[str, str]
    #: Whether the message whose key opens it stays as it is: what is said to it hangs on that message.
    beside: bool = False


class Forms(Protocol):
    """Makes forms for people, and knows what may stand in them. Strangers get none, and no suggestions.

    Everything here only looks: what is filled in is asked by `messages.Filled`, and judged as any other ask.
    """

    async def of_text(self, sender: Identity, room: Room, text: str) -> Form | None:
        """The form of a text such as `close`, whose word needs more than was said; None where it is whole."""
        ...

    async def of_press(self, sender: Identity, room: Room, token: str) -> Form | None:
        """The form behind a key of `Key.form`; None where that press is to go its usual way."""
        ...

    async def suggest(
        self, sender: Identity, word: str, argument: str, typed: str, filled: Mapping[str, str]
    ) -> tuple[Option, ...]:
        """What may stand in an argument of the word, the likeliest first, where so much is typed and filled in: at most
        `MOST_OPTIONS`.
        """
        ...

    async def suggest_reply(self, sender: Identity, room: Room, message_id: str, typed: str) -> tuple[Option, ...]:
        """The same for the argument that a reply to this message fills in, or its menu (`Posting.menu`)."""
        ...

    def faults(self, sender: Identity, word: str, filled: Mapping[str, str]) -> Mapping[str, str]:
        """What will not do, by argument, in a sentence each; empty where it makes an ask."""
        ...
