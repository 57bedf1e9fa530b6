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
    #: Whether it was chosen from the menu of that message (`Posting.menu`): then it is nothing else.
    chosen: bool = False
    #: Whether they alone see that message.
    alone: bool = False
    #: Whether the room's topic is a thread of it, and no room of its own.
    in_thread: bool = False

    @property
    def around(self) -> Room | None:
        """The room of that thread."""
        return self.room.without_topic if self.in_thread else None


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
    #: Whether they alone see that message: then it can be neither changed nor looked up.
    alone: bool = False
    #: The thread that the message stands in, else the one that it opens; None where the platform has no such.
    thread: Room | None = None

    @property
    def around(self) -> Room | None:
        """The room of that thread."""
        return None if self.thread is None else self.thread.without_topic

    @property
    def place(self) -> Room:
        """Where the message stands: the room, or a thread of it."""
        stands_in_it = self.thread is not None and self.thread.topic != self.message_id
        return self.thread if self.thread is not None and stands_in_it else self.room


@dataclass(frozen=True, slots=True)
class Filled:
    """Somebody filled in a form (`forms.Form`)."""

    sender: Identity
    room: Room
    word: str
    #: What was filled in, and what was settled before, by argument; what was left empty is not in it.
    arguments: Mapping[str, str]
    at: datetime
    receipt: Receipt | None = None
    #: Whether they alone see the message that it was opened from.
    alone: bool = False

    @property
    def around(self) -> Room | None:
        """The room of a thread; where topics are rooms of their own there are no forms."""
        return self.room.without_topic if self.room.topic else None

    @property
    def text(self) -> str:
        """All of it in a line, as it might have been typed."""
        return " ".join((self.word, *self.arguments.values()))


Incoming = Text | Press | Filled


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
    #: Whether its ask is open to more: where the platform has forms, pressing it shows one.
    form: bool = False


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
    #: What may be chosen besides its buttons, of all that there is: where the platform has menus it shows one, and
    #: elsewhere nothing; a reply to it is heard, and nobody is asked for one. Where `wanted` is, that has its menu.
    menu: Wanted | None = None
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
    #: Where the platform has forms, pressing it opens one (`Forms.of_press`).
    form: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """Which delivery a posting is: for platforms that can be asked whether they have it already."""

    id: UUID
    created_at: datetime
    #: Whether a try before this one may have shown it: then the posting says so.
    may_be_there: bool = False
    #: What is to be said instead where the platform knows that none has.
    anew: "Posting | None" = field(default=None, compare=False)
    #: Whether it goes also where the platform cannot tell if it is there.
    goes_unsought: bool = True


@dataclass(frozen=True, slots=True)
class Posting:
    """A message on its way out, its buttons turned into tokens."""

    message: Message
    keys: tuple[tuple[Key, ...], ...] = field(default=())
    #: What a reply to it is to say, in a word; empty where none is waited for.
    wants: str = ""
    #: What can be chosen from a menu under it, in a word (`Forms.suggest_reply`): choosing is replying with the value.
    menu: str = ""
    #: None where it is not kept, and goes once.
    delivery: Delivery | None = field(default=None, compare=False)
    #: For this account alone, though others read in the room; where the platform cannot, all of them see it. It is
    #: never changed afterwards.
    whisper_to: Identity | None = None
