"""One-use tokens behind buttons. A button holds no data of its own, and what a client makes up is nobody's."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from chatops.asks import Ask, Cancel
from chatops.messages import Button, Key, Message, Posting, Press, Whose
from chatops.people import Principal
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class StoredPress:
    """What a token stands for: the whole ask, and who may make it where, until when."""

    token: str
    ask: Ask
    #: Only this person, or of a button for another who asked; None lets in whoever may ask it.
    principal: str | None
    room: Room
    #: The row of the command log that this press settles; of a reply that is waited for, the one that asked for it.
    command_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    #: When the row of the command log was asked that this press settles; None where that is not known.
    asked_at: datetime | None = None
    whose: Whose = Whose.ASKER
    #: What was shown when it was minted: if that has changed, it is shown anew.
    preview: Mapping[str, Any] = field(default_factory=dict)
    #: The argument that a reply fills in; None where it is a button.
    fills: str | None = None
    #: What is answered leaves the message alone that it stands under: a card that somebody else keeps up to date. Of
    #: what a reply fills in: it is a menu, and nobody was asked for a reply.
    beside: bool = False
    used_by: str | None = None
    #: What was answered to the press that settled the row.
    result: str | None = None
    open: bool = True


class Presses(Protocol):
    """The stored tokens."""

    async def find(self, token: str) -> StoredPress | None:
        """The row of a token, or None for one that was never given out."""
        ...

    async def find_reply(self, room: Room, message_id: str) -> StoredPress | None:
        """The row that waits for a reply to this message, or None where nothing does. Raises `DatabaseAway`."""
        ...

    async def awaited_in(self, room: Room, person: str, now: datetime) -> StoredPress | None:
        """The newest row that still waits for this person's reply in this very room. Raises `DatabaseAway`."""
        ...


class Verdict(StrEnum):
    """What a press is worth."""

    GOOD = "good"
    FORGED = "forged"
    ELSEWHERE = "elsewhere"
    #: It is for whoever asked, and somebody else pressed.
    ANOTHERS = "anothers"
    #: It is for somebody else, and whoever asked pressed.
    OWN = "own"
    LATE = "late"
    SPENT = "spent"


#: For so long a second person may approve, where the settings do not say.
APPROVABLE = timedelta(minutes=10)
#: And for so long a reply is waited for.
REPLIED = timedelta(minutes=10)
#: What `seal` makes; anything else is not worth a question to the database.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def could_be_ours(token: str) -> bool:
    """Whether a token has the shape of those that we give out."""
    return _TOKEN.fullmatch(token) is not None


def judge(stored: StoredPress | None, person: Principal, room: Room, now: datetime) -> Verdict:
    """Whether this person may redeem this token in this room now.

    It spends nothing: a good press that settles a row is spent in the same write that records the step, so that of
    two at one instant only one goes through.
    """
    if stored is None:
        return Verdict.FORGED
    # Who tells no topic tells the chat alone (a message too old for the platform to show): that is not elsewhere.
    if room not in (stored.room, replace(stored.room, topic="")):
        return Verdict.ELSEWHERE
    is_own = stored.principal is not None and stored.principal == person.name
    if stored.whose is Whose.ANOTHER:
        # Whoever asked may withdraw it. Whether another may approve it is not for a button to say (`approvals`).
        if is_own and not isinstance(stored.ask, Cancel):
            return Verdict.OWN
    elif stored.principal is not None and not is_own:
        return Verdict.ANOTHERS
    if not stored.open:
        return Verdict.SPENT
    if stored.expires_at is not None and now > stored.expires_at:
        return Verdict.LATE
    return Verdict.GOOD


def place_of(stored: StoredPress, press: Press) -> Room:
    """Where a press is answered: in the room that its token is of, or in the thread of that room where it was pressed.

    What is said beside a card, which stays as it is, stands in the thread that the card opens.
    """
    thread = press.thread
    if thread is None or stored.room.topic or thread.without_topic != stored.room:
        return stored.room
    return thread if stored.beside or press.place == thread else stored.room


def seal(
    message: Message,
    room: Room,
    asker: str | None,
    now: datetime,
    lasts: timedelta,
    *,
    approvable: timedelta = APPROVABLE,
    answers: UUID | None = None,
    beside: bool = False,
) -> tuple[Posting, tuple[StoredPress, ...]]:
    """The message with opaque tokens in place of its asks, and the rows that give them meaning.

    What settles a row is for the asker alone and `lasts` no longer, or for another and `approvable`; the rest may be
    pressed by whoever has the right. A reply that is wanted is the asker's too, and so is a menu; `answers` is the row
    of the log whose answer the message is: without one there is no menu. With `beside` no press takes the place of the
    message.
    Raises `ValueError` where something settles or is waited for and nobody asked: anybody could.
    """
    menu = message.menu if asker is not None and answers is not None else None
    if not message.buttons and message.wanted is None and menu is None:
        return Posting(message), ()
    rows: list[StoredPress] = []

    def key(button: Button) -> Key:
        token = secrets.token_urlsafe(16)
        settles = button.settles is not None
        if settles and asker is None:
            raise ValueError(f"“{button.label}” settles an ask, and must be somebody’s")
        rows.append(
            StoredPress(
                token=token,
                ask=button.ask,
                principal=asker if settles else None,
                room=room,
                command_id=button.settles,
                created_at=now,
                expires_at=now + (approvable if button.whose is Whose.ANOTHER else lasts) if settles else None,
                whose=button.whose,
                preview=button.preview,
                beside=beside and not settles,
            )
        )
        return Key(button.label, token, button.form)

    keys = tuple(tuple(key(button) for button in row) for row in message.buttons)
    wanted = message.wanted or menu
    if wanted is None:
        return Posting(message, keys), tuple(rows)
    if asker is None or answers is None:
        raise ValueError(f"“{message.title}” waits for a reply, and must be somebody’s")
    rows.append(
        StoredPress(
            token=secrets.token_urlsafe(16),
            ask=wanted.ask,
            principal=asker,
            room=room,
            command_id=answers,
            created_at=now,
            expires_at=now + REPLIED,
            fills=wanted.argument,
            beside=message.wanted is None,
        )
    )
    offers = wanted.argument if wanted.ask.names(wanted.argument) is not None else ""
    return Posting(message, keys, "" if message.wanted is None else wanted.argument, offers), tuple(rows)
