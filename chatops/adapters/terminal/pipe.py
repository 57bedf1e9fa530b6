"""A screen without a person: one ask a line, each answered before the next is read."""

import asyncio
import codecs
import os
from collections.abc import AsyncIterator
from typing import TextIO

from chatops.adapters.terminal.card import Card
from chatops.adapters.terminal.render import ENDLESS, card_text
from chatops.adapters.terminal.screen import Hear, leaves, put, size

#: Longer than any ask: what comes after it is dropped until the line ends, and the rest is told that it is too long.
LONGEST_LINE = 16_384


class PipeScreen:
    """Reads lines, prints cards. `styled` where those are printed on a terminal after all."""

    def __init__(self, input: TextIO, output: TextIO, *, styled: bool) -> None:  # noqa: A002 - what the two are
        self._input = input
        self._output = output
        self._styled = styled
        self._closed = False

    async def show(self, card: Card) -> None:
        """Print it, and an empty line."""
        columns = size(self._output)[0] if self._output.isatty() else ENDLESS
        try:
            put(self._output, card_text(card, columns, styled=self._styled) + "\n")
        except OSError:
            # Whoever read us has gone, as `head` does; nothing more will be seen.
            self._closed = True
            raise

    async def change(self, before: Card, after: Card) -> None:
        """Print it once more where it says something new."""
        if after.adds_to(before):
            await self.show(after)

    async def echo(self, said: str, card: Card | None) -> None:
        """Nothing: who wrote the lines has them."""

    def offer(self, words: tuple[str, ...]) -> None:
        """Nothing is completed in a pipe."""

    async def run(self, hear: Hear) -> None:
        """Hand over line after line until `/quit`, the end of input, or until nobody reads the answers."""
        async for line in _lines(self._input.fileno()):
            if leaves(line):
                return
            await hear(line)
            if self._closed:
                return


async def _lines(descriptor: int) -> AsyncIterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    line = ""
    while chunk := await _read(descriptor):
        first, *others = decoder.decode(chunk).split("\n")
        line = (line + first)[:LONGEST_LINE]
        for other in others:
            yield line
            line = other[:LONGEST_LINE]
    if line:
        yield line


async def _read(descriptor: int) -> bytes:
    # Not a thread that reads: nothing could end it while it waits, and the program would hang on Ctrl-C.
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except OSError:
        # A file cannot be waited for, and never makes one wait.
        return os.read(descriptor, 4_096)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
    try:
        return os.read(descriptor, 4_096)
    except OSError:
        # The terminal behind it was closed.
        return b""
