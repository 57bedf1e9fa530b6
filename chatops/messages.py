"""What comes in and goes out, of no platform in particular."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chatops.arrival import Arrival
from chatops.asks import Ask
from chatops.people import Identity
from chatops.room import Room

#: Columns of a table that a phone shows without wrapping.
PHONE_COLUMNS = 42


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an update is stored until it is handled, and the id that its ask has in the command log."""

    #: None for an `arrival`.
    inbox_id: int | None
    command_id: UUID
    #: What came, where it was not stored first.
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Somebody wrote something."""

    sender: Identity
    room: Room
    text: str
    #: When they wrote it, by the platform's clock.
    at: datetime
    receipt: Receipt | None = None
    #: The message of ours that it answers.
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button."""

    sender: Identity
    room: Room
    token: str
    #: The message that the button stands under.
    message_id: str
    #: None where the press may have waited while we were away: some platforms do not say when it was made.
    at: datetime | None
    receipt: Receipt | None = None


Incoming = Text | Press


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Lines aligned already (`layout.align`): at most `PHONE_COLUMNS` columns each."""

    lines: tuple[str, ...]


Block = Paragraph | Table


class Whose(StrEnum):
    """For whom a button is that settles an ask."""

    #: Whoever asked, and nobody else.
    ASKER = "asker"
    #: Somebody else, who may approve it. With `Cancel` also the one who asked.
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Button:
    """A label and the whole ask that pressing it makes."""

    label: str
    ask: Ask
    #: The row of the command log that this press settles: it confirms or approves, or with `Cancel` ends it.
    settles: UUID | None = None
    whose: Whose = Whose.ASKER
    #: What was shown of the act that it settles: if that has changed by the press, it is asked anew.
    preview: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An ask that lacks one argument: what is written in reply to the message is that argument."""

    ask: Ask
    argument: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along: a picture is shown, anything else is offered."""

    name: str
    content: bytes = field(repr=False)
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What people are shown. The title is the first thing a phone's notification says."""

    #: Empty where it only goes on with the message before it.
    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    #: Arrives without a sound.
    silent: bool = False
    attachment: Attachment | None = None
    #: What a reply to it makes.
    wanted: Wanted | None = None
    #: What it is about, as JSON values: for channels that programs read (`views.alert_facts`).
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    #: How to ask by word what its buttons ask: said where those would lead nowhere.
    by_word: str = ""

    @property
    def text(self) -> str:
        """All of it as plain text, for logs and for platforms without formatting."""
        said = (block.text if isinstance(block, Paragraph) else "\n".join(block.lines) for block in self.blocks)
        return "\n\n".join([self.title, *said] if self.title else said)


@dataclass(frozen=True, slots=True)
class Key:
    """A button as a platform sees it: a label, and an opaque token of at most 64 bytes."""

    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Which delivery a posting is: for platforms that can be asked whether they have it already."""

    id: UUID
    created_at: datetime
    #: Whether a try before this one may have shown it: then the posting says so.
    may_be_there: bool = False
    #: What is to be said instead where the platform knows that none has.
    anew: "Posting | None" = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Posting:
    """A message on its way out, its buttons turned into tokens."""

    message: Message
    keys: tuple[tuple[Key, ...], ...] = field(default=())
    #: What a reply to it is to say, in a word; empty where none is waited for.
    wants: str = ""
    #: None where it is not kept, and goes once.
    delivery: Delivery | None = field(default=None, compare=False)
