"""A screen with a person: the newest card stands above the prompt, and what is typed stays while others arrive."""

import asyncio
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import ANSI, AnyFormattedText, FormattedText, merge_formatted_text
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle

from chatops.adapters.terminal.card import Card
from chatops.adapters.terminal.render import PROMPT, card_text, said_text
from chatops.adapters.terminal.screen import Hear, leaves, put, size

#: Lines below the newest card: an empty one, the prompt, and one that it may need for a second line.
PROMPT_LINES = 3
#: How many asks may wait for their answers; the next stays in the prompt.
MOST_UNDER_WAY = 32
#: How long what is under way may take to end once the person leaves.
GRACE_S = 2.0

_PLACEHOLDER = "help, or a button’s number; /quit leaves"


class PromptScreen:
    """The newest card is part of the prompt, so that it can be redrawn in its place.

    With the next card, or the next thing said, it is printed above for good; what becomes of it then is
    printed once more.
    """

    def __init__(self, input: TextIO, output: TextIO, words: Iterable[str]) -> None:  # noqa: A002 - what the two are
        self._input = input
        self._output = output
        self._words = tuple(words)
        self._newest: Card | None = None
        self._session: PromptSession[str] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        # What is printed for good keeps its order, however many tasks have something to show.
        self._turn = asyncio.Lock()

    async def show(self, card: Card) -> None:
        """Show it above the prompt; with a sound where nobody asked."""
        async with self._turn:
            await self._put_up(card)
        if self._session is not None and not card.message.silent and not self._under_way:
            self._session.output.bell()
            self._session.output.flush()

    async def change(self, before: Card, after: Card) -> None:
        """Redraw it where it is the newest, or show it once more where it says something new."""
        async with self._turn:
            if self._newest is not None and self._newest.id == after.id:
                # In its place: that it has changed can be seen.
                self._newest = replace(after, updated=self._newest.updated)
                self._redraw()
            elif after.adds_to(before):
                await self._put_up(after)

    async def echo(self, said: str, card: Card | None) -> None:
        """Print it, or mark the button on the newest card."""
        async with self._turn:
            if card is not None and self._newest is not None and self._newest.id == card.id:
                self._newest = replace(self._newest, pressed=card.pressed)
                self._redraw()
                return
            settled, self._newest = self._newest, None
            await self._print(settled, said)

    def offer(self, words: tuple[str, ...]) -> None:
        """Complete these words from now on."""
        self._words = words

    async def run(self, hear: Hear) -> None:
        """Hand over what is typed, each line in a task of its own, until Ctrl-C, Ctrl-D or `/quit`.

        What is under way then has `GRACE_S` to end.
        """
        async with asyncio.TaskGroup() as tasks:

            def start(line: str) -> None:
                task = tasks.create_task(self._hear(hear, line))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

            self._session = self._new_session(start)
            try:
                # An OSError: the terminal itself was closed, and takes nothing any more.
                with suppress(EOFError, OSError):
                    # Its own handling would replace that of whoever runs us; Ctrl-C comes as a key.
                    await self._session.prompt_async(handle_sigint=False, set_exception_handler=False)
            finally:
                # Also where somebody else ends it: the prompt takes the card above it away.
                self._session = None
                settled, self._newest = self._newest, None
                with suppress(OSError):
                    self._write(settled, None)
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=GRACE_S)
            for task in self._under_way:
                task.cancel()

    async def _hear(self, hear: Hear, line: str) -> None:
        await hear(line)
        self._redraw()

    async def _put_up(self, card: Card) -> None:
        settled = self._newest
        # One that is too tall for the screen cannot be redrawn in it.
        fits = card_text(card, self._columns).count("\n") + PROMPT_LINES <= size(self._output)[1]
        self._newest = card if fits and self._session is not None else None
        if settled is not None:
            await self._print(settled, None)
        if self._newest is None:
            await self._print(card, None)
        self._redraw()

    async def _print(self, card: Card | None, said: str | None) -> None:
        if self._session is None:
            self._write(card, said)
        else:
            await run_in_terminal(lambda: self._write(card, said))

    def _write(self, card: Card | None, said: str | None) -> None:
        text = ""
        if card is not None:
            text += card_text(card, self._columns, styled=True) + "\n"
        if said is not None:
            text += said_text(said, self._columns, styled=True) + "\n"
        put(self._output, text)

    def _redraw(self) -> None:
        if self._session is not None:
            self._session.app.invalidate()

    @property
    def _columns(self) -> int:
        return size(self._output)[0]

    def _above_prompt(self) -> AnyFormattedText:
        prompt = FormattedText([("bold", "… " if self._under_way else PROMPT)])
        if self._newest is None:
            return prompt
        columns, lines = size(self._output)
        shown = card_text(self._newest, columns, styled=True).splitlines()
        # Where the terminal was made smaller: the buttons stand at the end.
        kept = shown[-max(lines - PROMPT_LINES, 1) :]
        return merge_formatted_text([ANSI("\n".join(kept) + "\n\n"), prompt])

    def _new_session(self, start: Callable[[str], None]) -> PromptSession[str]:
        session: PromptSession[str] = PromptSession(
            self._above_prompt,
            input=create_input(self._input),
            output=Vt100_Output(
                self._output,
                self._size,
                term=os.environ.get("TERM"),
                default_color_depth=ColorDepth.from_env(),
                # It asks the terminal where the cursor is, and some never answer; we do not need to know.
                enable_cpr=False,
            ),
            # In memory alone: codes are typed here too.
            history=InMemoryHistory(),
            completer=_Words(lambda: self._words),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,
            placeholder=[("class:placeholder fg:ansibrightblack", _PLACEHOLDER)],
            erase_when_done=True,
            interrupt_exception=EOFError,
        )

        def accept(buffer: Buffer) -> bool:
            """Take the line without ending the prompt; True keeps it there."""
            if leaves(buffer.text):
                session.app.exit(exception=EOFError())
            elif len(self._under_way) >= MOST_UNDER_WAY:
                session.output.bell()
                return True
            elif buffer.text.strip():
                start(buffer.text)
            return False

        session.default_buffer.accept_handler = accept
        return session

    def _size(self) -> Size:
        columns, lines = size(self._output)
        return Size(rows=lines, columns=columns)


class _Words(Completer):
    """Completes the first word, and the one that help is asked about."""

    def __init__(self, words: Callable[[], tuple[str, ...]]) -> None:
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The words that begin as the one under the cursor does."""
        *said, word = document.text_before_cursor.split(" ")
        if said not in ([], ["help"], ["/help"]):
            return
        stem = word.removeprefix("/").casefold()
        for known in self._words():
            if known.startswith(stem):
                yield Completion(known, start_position=-len(word.removeprefix("/")))
