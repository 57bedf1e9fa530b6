"""A platform that lives in memory: what people see is a list, and a test writes and presses in their place."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chatops.adapters.base import Ability, Fault, Pace, Part, Receive, SendError
from chatops.messages import Attachment, Filled, Incoming, Message, Posting, Press, Text
from chatops.people import Identity
from chatops.room import Room

#: What platforms let through behind a button.
TOKEN_BYTES = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it was seen at one moment. Keep it, and it stays so: a phone that missed the edits."""

    id: str
    room: Room
    posting: Posting
    #: What it said before each edit, oldest first.
    earlier: tuple[Posting, ...] = ()
    #: The message that it hangs on.
    reply_to: str | None = None

    @property
    def message(self) -> Message:
        """What it says."""
        return self.posting.message

    @property
    def text(self) -> str:
        """What it says, as plain text."""
        return self.posting.message.text

    @property
    def file(self) -> Attachment | None:
        """The picture, or the file, that it came with."""
        return self.posting.message.attachment

    @property
    def labels(self) -> list[str]:
        """Its buttons, row by row."""
        return [key.label for row in self.posting.keys for key in row]

    def token(self, label: str) -> str | None:
        """What stands behind the button of this label, or None where it has no such button."""
        return next((key.token for row in self.posting.keys for key in row if key.label == label), None)


class MemoryAdapter:
    """An `Adapter` with a human side: `say`, `press`, `fill` and `shown`.

    It refuses what real platforms refuse: nothing to say, a token of over 64 bytes, a room of another platform, a card
    that is not there any more, to take a file away from one. Give it another `platform` to have two of them.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        platform: str = "memory",
        pace: Pace = Pace(),  # noqa: B008 - frozen: without limits
        groups: frozenset[str] = frozenset(),
        menus: bool = False,
    ) -> None:
        self._now = now
        self._platform = platform
        self._pace = pace
        self._groups = groups
        self._menus = menus
        self._receive: Receive | None = None
        self._ids = itertools.count(1)
        #: Where people talk unless a test says otherwise.
        self.room = Room(platform, "desk")
        #: What all rooms show now, in the order in which it came. A test may take away and add.
        self.shown: list[Shown] = []
        #: The ids of what is kept in sight, by room.
        self.pinned: dict[Room, set[str]] = {}
        #: While it is set nothing goes out, and whatever is asked of the platform raises it.
        self.broken: SendError | None = None

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        return self._platform

    def connect(self, receive: Receive) -> None:
        """Hand what people write and press to `receive` from now on."""
        self._receive = receive

    @property
    def pace(self) -> Pace:
        """As it was told: without limits unless a test says otherwise."""
        return self._pace

    @property
    def abilities(self) -> frozenset[Ability]:
        """Menus where it was told so. Whispers everybody sees, and a test may look for whom they are."""
        return frozenset([Ability.MENU]) if self._menus else frozenset()

    def is_group(self, chat: str) -> bool:
        """Whether it was told so."""
        return chat in self._groups

    def direct(self, identity: Identity) -> Room:
        """A room of that id."""
        return Room(self._platform, identity.id)

    def is_private(self, chat: str) -> bool:
        """By its id nobody can tell."""
        return False

    def invitation(self, code: str) -> str | None:
        """Nobody comes from outside."""
        return None

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        """The whole of it: here nothing is too long."""
        return (posting,)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message; gives its id. Raises `SendError`."""
        self._check(room, posting)
        if reply_to is not None and self._find(room, reply_to) is None:
            raise SendError(f"there is no message {reply_to} to hang this on", Fault.DEGRADE, without=Part.REPLY)
        message_id = str(next(self._ids))
        self.shown.append(Shown(message_id, room, posting, reply_to=reply_to))
        return message_id

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Make a message say this instead. One that was taken away, or never sent, is `DEGRADE` without the card.

        So is one with a file that is to be without: it loses its buttons, as what stands for it comes below.
        """
        self._check(room, posting)
        before = self._check_card(room, message_id)
        if before.file is not None and posting.message.attachment is None:
            self._change(before, replace(before.posting, keys=()))
            raise SendError(f"message {message_id} has a file, which stays", Fault.DEGRADE, without=Part.CARD)
        self._change(before, posting)
        return message_id

    async def probe(self) -> None:
        """Raises what is `broken`."""
        if self.broken is not None:
            raise self.broken

    async def pin(self, room: Room, message_id: str) -> None:
        """Add it to what is `pinned`. Raises `SendError`."""
        await self.probe()
        self._check_card(room, message_id)
        self.pinned.setdefault(room, set()).add(message_id)

    async def unpin(self, room: Room, message_id: str) -> None:
        """Take it from what is `pinned`; that it is not there is no error."""
        await self.probe()
        self.pinned.get(room, set()).discard(message_id)

    async def delete(self, room: Room, message_id: str) -> None:
        """Take it from what is `shown`; that it is not there is no error."""
        await self.probe()
        self.shown[:] = [shown for shown in self.shown if (shown.room, shown.id) != (room, message_id)]

    async def say(
        self,
        person_id: str,
        text: str,
        *,
        room: Room | None = None,
        at: datetime | None = None,
        reply_to: str | None = None,
        chosen: bool = False,
    ) -> None:
        """Somebody writes `text`, or chooses it from a menu; returns when it was handled.

        `at` is now unless it waited.
        """
        sender, said_in = self.identity(person_id), room or self.room
        await self._hand_over(Text(sender, said_in, text, at or self._now(), reply_to=reply_to, chosen=chosen))

    async def press(
        self,
        person_id: str,
        label: str,
        message: Shown | None = None,
        *,
        room: Room | None = None,
        at: datetime | None = None,
    ) -> None:
        """Somebody presses the button of this label; returns when it was handled.

        It is looked for on `message`, as that was seen, or on the newest message of the room that has it.
        Raises `LookupError` where there is no such button.
        """
        message = message or self._newest_with(label, room or self.room)
        token = message.token(label)
        if token is None:
            raise LookupError(f"no button “{label}” on message {message.id}, only {message.labels}")
        await self.press_token(person_id, token, message_id=message.id, room=message.room, at=at or self._now())

    async def press_token(
        self,
        person_id: str,
        token: str,
        *,
        message_id: str = "",
        room: Room | None = None,
        at: datetime | None = None,
    ) -> None:
        """Somebody presses a button that they were never shown. `at` None: the platform does not say when."""
        await self._hand_over(Press(self.identity(person_id), room or self.room, token, message_id, at))

    async def fill(
        self,
        person_id: str,
        word: str,
        arguments: Mapping[str, str],
        *,
        room: Room | None = None,
        at: datetime | None = None,
    ) -> None:
        """Somebody hands in a form of this word, shown to them or made up; returns when it was handled."""
        said = Filled(self.identity(person_id), room or self.room, word, arguments, at or self._now())
        await self._hand_over(said)

    def identity(self, person_id: str) -> Identity:
        """The account of this id, as the directory has to know it."""
        return Identity(self._platform, person_id)

    @property
    def kept_in_sight(self) -> list[str]:
        """The ids of what is pinned where people talk, in the order in which it came."""
        return sorted(self.pinned.get(self.room, ()), key=int)

    def take_away(self, shown: Shown) -> None:
        """Somebody deletes a message of ours."""
        self.shown.remove(shown)

    def in_room(self, room: Room) -> list[Shown]:
        """What one room shows now."""
        return [shown for shown in self.shown if shown.room == room]

    @property
    def last(self) -> Shown:
        """The newest message of all. Raises `LookupError` where nothing is shown."""
        if not self.shown:
            raise LookupError("nothing is shown")
        return self.shown[-1]

    @property
    def text(self) -> str:
        """What the newest message says."""
        return self.last.text

    @property
    def labels(self) -> list[str]:
        """The buttons of the newest message."""
        return self.last.labels

    def _check(self, room: Room, posting: Posting) -> None:
        if self.broken is not None:
            raise self.broken
        if room.platform != self._platform:
            raise SendError(f"{room} is no room of {self._platform}", Fault.REFUSED)
        if not posting.message.text.strip() and posting.message.attachment is None:
            raise SendError("a message needs something to say", Fault.REFUSED)
        for key in itertools.chain.from_iterable(posting.keys):
            if not 0 < len(key.token.encode()) <= TOKEN_BYTES:
                raise SendError(f"the token of “{key.label}” is not 1 to {TOKEN_BYTES} bytes long", Fault.REFUSED)

    def _change(self, before: Shown, posting: Posting) -> None:
        after = replace(before, posting=posting, earlier=(*before.earlier, before.posting))
        self.shown[:] = [after if (shown.id, shown.room) == (before.id, before.room) else shown for shown in self.shown]

    def _check_card(self, room: Room, message_id: str) -> Shown:
        found = self._find(room, message_id)
        if found is None:
            raise SendError(f"there is no message {message_id} in {room}", Fault.DEGRADE, without=Part.CARD)
        return found

    def _find(self, room: Room, message_id: str) -> Shown | None:
        return next((shown for shown in self.shown if shown.id == message_id and shown.room == room), None)

    def _newest_with(self, label: str, room: Room) -> Shown:
        here = self.in_room(room)
        found = next((shown for shown in reversed(here) if shown.token(label) is not None), None)
        if found is None:
            seen = [other for shown in here for other in shown.labels]
            raise LookupError(f"no button “{label}” in {room}, only {seen}")
        return found

    async def _hand_over(self, incoming: Incoming) -> None:
        if self._receive is None:
            raise LookupError("nobody listens: call connect first")
        await self._receive(incoming)
