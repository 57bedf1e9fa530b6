"""The terminal as a platform: one person, one room, on this screen."""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from chatops.adapters.base import Ability, Fault, Pace, Part, Receive, SendError
from chatops.adapters.terminal.card import Card
from chatops.adapters.terminal.files import Files
from chatops.adapters.terminal.numbers import Numbers
from chatops.adapters.terminal.pipe import PipeScreen
from chatops.adapters.terminal.prompt import PromptScreen
from chatops.adapters.terminal.screen import Screen
from chatops.asks import ASKS
from chatops.messages import Posting, Press, Text
from chatops.people import Identity
from chatops.room import Room

PLATFORM = "terminal"
#: How many messages can still be edited.
MOST_CARDS = 1_000


class TerminalAdapter:
    """An `Adapter` that shows every message for its platform on one terminal, or in a pipe.

    With a person at both ends there is a prompt, and the newest card is redrawn in its place; otherwise each
    line is one ask, and answered before the next is read. A number presses the button that bears it. After a message
    that asks for a reply the next line is that reply, unless it is a word with its slash. Pictures and other files are
    kept in the folder `files`, the last of them, and it is said where.
    """

    def __init__(
        self,
        identity: Identity,
        room: Room,
        *,
        input: TextIO,  # noqa: A002 - what it is; both have to be real files
        output: TextIO,
        now: Callable[[], datetime],
        files: Path | None = None,
        outlasts_input: bool = False,
    ) -> None:
        """With `outlasts_input` what comes after the end of input is shown too."""
        self._identity = identity
        self._room = room
        self._now = now
        self._screen = _screen(input, output)
        self._numbers = Numbers()
        self._files = Files(files, now)
        self._cards: dict[str, Card] = {}
        # What an earlier run has shown is stored by its id, and must not be taken for a message of this one.
        started_at = int(now().timestamp() * 1_000)
        self._ids = (f"{started_at}-{number}" for number in itertools.count(1))
        self._receive: Receive | None = None
        self._left = False
        self._outlasts_input = outlasts_input
        #: The newest message that waits for a reply.
        self._wanting: str | None = None

    @property
    def platform(self) -> str:
        """As rooms and identities name it."""
        return PLATFORM

    @property
    def pace(self) -> Pace:
        """As fast as we like."""
        return Pace()

    @property
    def abilities(self) -> frozenset[Ability]:
        """None of them."""
        return frozenset()

    def is_group(self, chat: str) -> bool:
        """One person sits here."""
        return False

    def direct(self, identity: Identity) -> Room:
        """Nobody else sits here."""
        return self._room

    def is_private(self, chat: str) -> bool:
        """Of whoever sits here, who is not taken away."""
        return False

    def invitation(self, code: str) -> str | None:
        """Whoever sits here is here."""
        return None

    def parts(self, posting: Posting) -> tuple[Posting, ...]:
        """The whole of it: a terminal scrolls."""
        return (posting,)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message, below all others whatever it hangs on; gives its id. Raises `SendError`."""
        self._check(room)
        card_id = next(self._ids)
        card = await self._with_file(
            Card(card_id, room, posting.message, self._numbers.deal(card_id, posting.keys)), None
        )
        self._keep(card)
        if posting.wants:
            self._wanting = card_id
        async with self._errors():
            await self._screen.show(card)
        return card_id

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Show what a message says now; gives its id. Raises `SendError`, also for one that is not known here."""
        self._check(room)
        before = self._cards.get(message_id)
        if before is None:
            raise SendError(f"message {message_id} is no longer known here", Fault.DEGRADE, without=Part.CARD)
        rows = self._numbers.deal(message_id, posting.keys, before.keys)
        after = await self._with_file(Card(message_id, room, posting.message, rows, updated=True), before)
        self._keep(after)
        async with self._errors():
            await self._screen.change(before, after)
        return message_id

    async def probe(self) -> None:
        """Whether somebody is there. Raises `SendError`."""
        self._check_presence()

    async def pin(self, room: Room, message_id: str) -> None:
        """Nothing stays in sight on a terminal."""

    async def unpin(self, room: Room, message_id: str) -> None:
        """As `pin`."""

    async def delete(self, room: Room, message_id: str) -> None:
        """Refused: what was shown may be on paper by now. The file that went along is taken away."""
        card = self._cards.get(message_id)
        if card is not None and card.file_at is not None:
            async with self._errors():
                await self._files.drop(card.file_at)
        raise SendError("what a terminal has shown stays", Fault.REFUSED)

    def offer(self, words: Iterable[str]) -> None:
        """Complete these words from now on."""
        self._screen.offer(tuple(words))

    async def run(self, receive: Receive) -> None:
        """Hand over what the person says until they leave: Ctrl-C, Ctrl-D, `/quit`, or the end of input.

        The terminal is as it was before when this returns, however it ends.
        """
        self._receive = receive
        try:
            await self._screen.run(self._hear)
        finally:
            self._left = not self._outlasts_input

    async def _hear(self, line: str) -> None:
        # A terminal may hand over halves of characters, which no database takes.
        said = line.encode("utf-8", "replace").decode().strip()
        if not said or self._receive is None:
            return
        wanting, self._wanting = self._wanting, None
        meaning = self._numbers.meaning(said)
        # What is asked for may be a number: then a button of another card is pressed by its brackets.
        is_reply = wanting is not None and not said.startswith("[") and (meaning is None or meaning[0] != wanting)
        if meaning is None or is_reply:
            await self._screen.echo(said, None)
            await self._receive(Text(self._identity, self._room, said, self._now(), reply_to=wanting))
            return
        self._wanting = wanting
        card_id, key = meaning
        card = self._cards.get(card_id)
        pressed_at = self._now()
        if card is not None:
            card = self._cards[card_id] = replace(card, pressed=key)
        await self._screen.echo(f"{key.number} {key.label}", card)
        room = card.room if card else self._room
        await self._receive(Press(self._identity, room, key.token, card_id, pressed_at))

    async def _with_file(self, card: Card, before: Card | None) -> Card:
        file = card.message.attachment
        if file is None:
            return card
        if before is not None and before.file and before.message.attachment == file:
            return replace(card, file=before.file, file_at=before.file_at)
        said, path = await self._files.keep(file)
        return replace(card, file=said, file_at=path)

    def _keep(self, card: Card) -> None:
        self._cards[card.id] = card
        if len(self._cards) > MOST_CARDS:
            del self._cards[next(iter(self._cards))]

    def _check(self, room: Room) -> None:
        if room.platform != PLATFORM:
            raise SendError(f"{room} is no room of {PLATFORM}", Fault.REFUSED)
        self._check_presence()

    def _check_presence(self) -> None:
        if self._left:
            raise SendError("nobody is at the terminal any more", Fault.BACKOFF)

    @asynccontextmanager
    async def _errors(self) -> AsyncIterator[None]:
        try:
            yield
        except OSError as error:
            raise SendError(f"the terminal takes nothing: {error}", Fault.BACKOFF) from error


def _screen(input: TextIO, output: TextIO) -> Screen:  # noqa: A002 - what the two are
    able = os.environ.get("TERM", "dumb") not in ("", "dumb")
    if able and input.isatty() and output.isatty():
        return PromptScreen(input, output, [ask.word for ask in ASKS if not ask.hidden])
    return PipeScreen(input, output, styled=able and output.isatty())
