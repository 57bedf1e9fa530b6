"""What shows cards and hears lines: a prompt where a person sits, or a pipe."""

import os
from collections.abc import Awaitable, Callable
from typing import Protocol, TextIO

from chatops.adapters.terminal.card import Card

#: Takes a line that somebody typed.
Hear = Callable[[str], Awaitable[None]]


class Screen(Protocol):
    """Where cards are seen. `show`, `change` and `echo` raise `OSError` where nobody can see them any more."""

    async def show(self, card: Card) -> None:
        """Show a new card."""
        ...

    async def change(self, before: Card, after: Card) -> None:
        """Show what has become of a card: in its place where that can be, or once more."""
        ...

    async def echo(self, said: str, card: Card | None) -> None:
        """Show what the person said; `card` where that was pressing one of its buttons."""
        ...

    def offer(self, words: tuple[str, ...]) -> None:
        """Complete these words from now on, where anything is completed."""
        ...

    async def run(self, hear: Hear) -> None:
        """Hand over line after line until the person leaves."""
        ...


def leaves(line: str) -> bool:
    """Whether somebody who types this wants to go."""
    return line.strip().casefold().removeprefix("/") in {"quit", "exit"}


def put(stream: TextIO, text: str) -> None:
    """Write at once, with a `?` for what the stream's encoding lacks. Raises `OSError`."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def size(stream: TextIO) -> tuple[int, int]:
    """Columns and lines of the terminal behind a stream; 80 and 24 where it does not say."""
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except OSError:
        columns, lines = 0, 0
    return columns or 80, lines or 24
