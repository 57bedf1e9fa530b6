"""Telegram as the benchmarks see it: in another process than the bots."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.lines import Child
from tests.benchmarks.program import Program, running

#: Those that are `LIMITED` are held to the platform's limits; the `OTHER` ones are somebody else's program.
DESK, ECHO, LIMITED, OTHER, LIMITED_OTHER = "desk", "echo", "limited", "other", "limited other"


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody writes, and a part of what the answer says."""

    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Access:
    """What a bot is given."""

    base_url: str
    token: str


class Platform:
    """Writes to bots, and tells when they answered."""

    def __init__(self, child: Child, accesses: dict[str, Access]) -> None:
        self._child = child
        self._accesses = accesses

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["Platform"]:
        """Have it running until the block ends."""
        async with Child.running("tests.benchmarks.platform_process") as child:
            bots = await child.ask("bots")
            yield cls(child, {name: Access(*access) for name, access in bots.items()})

    def access(self, bot: str) -> Access:
        """What the bot of this name is given."""
        return self._accesses[bot]

    async def ask(self, bot: str, *asks: Ask, apart_s: float = 0) -> list[float]:
        """One person writes these, one behind the other; gives the milliseconds until each was answered."""
        texts = [(ask.text, ask.says) for ask in asks]
        return [float(took) for took in await self._child.ask("ask", bot=bot, asks=texts, apart_s=apart_s)]

    async def keep_asking(self, bot: str, texts: Sequence[str], a_second: float, seconds: float) -> int:
        """People write these in turn; gives how many answers came."""
        return int(await self._child.ask("keep_asking", bot=bot, texts=list(texts), a_second=a_second, seconds=seconds))

    async def polled(self, bot: str, since: float) -> float:
        """The monotonic moment of the first poll that began after `since`."""
        return float(await self._child.ask("polled", bot=bot, since=since))

    async def messages(self, bot: str) -> int:
        """How many it has sent so far. Raises `AssertionError` where it sent what it never should."""
        told = await self._child.ask("told", bot=bot)
        assert not told["violations"], told["violations"]
        return int(told["messages"])

    async def taken(self, bot: str, names: Sequence[str]) -> list[float]:
        """The monotonic moments at which messages came whose texts begin with these names; waits until all have."""
        return [float(at) for at in await self._child.ask("taken", bot=bot, names=list(names))]

    async def shown(self, bot: str, words: Sequence[str], *, patience_s: float = 30.0) -> list[float | None]:
        """The monotonic moments of the first messages that have these words; None where none came in that time."""
        found: list[float | None] = await self._child.ask("shown", bot=bot, words=list(words), patience_s=patience_s)
        return found

    async def named(self, bot: str, words: Sequence[str]) -> int:
        """How many of these words any accepted message, or file, of a bot has."""
        return int(await self._child.ask("named", bot=bot, words=list(words)))

    async def is_away(self, bot: str, is_away: bool) -> None:
        """Have nothing get through to a bot's platform, or everything again."""
        await self._child.ask("is_away", bot=bot, is_away=is_away)

    async def answered(self, bot: str) -> dict[str, int]:
        """How many messages of a bot were answered with each HTTP status."""
        answered: dict[str, int] = await self._child.ask("answered", bot=bot)
        return answered

    @asynccontextmanager
    async def echo(self, folder: Path) -> AsyncIterator[Program]:
        """The bare bot that everything is held against, ready to answer."""
        access = self.access(ECHO)
        async with running(
            folder / "echo.log", "tests.benchmarks.echo_process", (access.base_url, access.token)
        ) as program:
            await self.polled(ECHO, program.started_at)
            yield program
