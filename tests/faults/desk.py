"""A desk as it is run: a settings file, the gateway as a process, and its database to look into."""

import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import randrange

from chatops.storage.database import Database, Record
from chatops.storage.visiting import visiting
from tests.chatops.storage.server import server_of
from tests.faults.program import PATIENCE_S, NotSeen, Program, eventually, program
from tests.servers.telegram import Chat, Message, Person, TelegramServer

_SETTINGS = """
[desk]
data_dir = "desk"
[http]
listen = "127.0.0.1:{port}"
{platform}
[[bots]]
name = "alpha"
url = "{bot}"
{more}
[[people]]
name = "ada"
role = "admin"
{account}
"""

_TELEGRAM = """
[telegram]
token = "{token}"
base_url = "{base_url}"
"""

#: What the bot of the settings file is called.
BOT = "alpha"


@dataclass(frozen=True)
class DeskFolder(ABC):
    """A folder with the settings of a desk, on a platform with one person whom it knows."""

    folder: Path

    @property
    @abstractmethod
    def platform_settings(self) -> str:
        """The section of the platform."""

    @property
    @abstractmethod
    def account(self) -> str:
        """Who ada is there."""

    @property
    def data_dir(self) -> Path:
        return self.folder / "desk"

    @property
    def settings(self) -> Path:
        return self.folder / "quarterdeck.toml"

    def write(self, bot: str, *, more: str = "", port: int = 0) -> None:
        """The settings file, for the bot at this address."""
        self.settings.write_text(
            _SETTINGS.format(platform=self.platform_settings, account=self.account, bot=bot, more=more, port=port)
        )

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Program]:
        """`quarterdeck run`, open for asks."""
        async with program("run", "-c", str(self.settings)) as running:
            await running.says("the desk main is open")
            yield running

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """A look into the database of the gateway, which may be dead while its PostgreSQL lives."""
        with visiting(self.data_dir) as url:
            async with Database.open(url, min_size=1, max_size=2) as database:
                yield database

    def postgres_lives(self) -> bool:
        server = server_of(self.data_dir)
        return server is not None and server.lives(self.data_dir / "postgres")


@dataclass(frozen=True)
class DeskFiles(DeskFolder):
    """The same on Telegram, where ada has a chat of her own."""

    platform: TelegramServer
    ada: Person
    chat: Chat

    @property
    def platform_settings(self) -> str:
        return _TELEGRAM.format(token=self.platform.token, base_url=self.platform.base_url)

    @property
    def account(self) -> str:
        return f"telegram = {self.ada.id}"

    async def sees(self, words: str, *, on: Message | None = None, within_s: float = PATIENCE_S) -> Message:
        """Wait until a message, or this one, reads so."""
        return await self.chat.shows(words, on=on, timeout_s=within_s)

    async def saw(self, words: str, message: Message) -> None:
        """Wait until this message reads so, or did before it was edited."""

        def has_read() -> bool:
            now = self.chat.now(message)
            return any(words in form.text for form in (*now.edits, now))

        await self.platform.wait_for(has_read, timeout_s=PATIENCE_S)

    async def hears(self, words: str, *, within_s: float = PATIENCE_S) -> Message:
        """Wait for a message that was not read yet."""
        return await self.chat.next_message(words, timeout_s=within_s)

    async def hears_after(self, saying: str, words: str) -> Message:
        """Ada says something, and waits for the answer."""
        await self.chat.say(self.ada, saying)
        return await self.hears(words)


async def log_of(database: Database) -> list[Record]:
    """The command log, oldest first."""
    return await database.fetch("SELECT * FROM command_log ORDER BY at, id")


async def steps_of(database: Database, word: str) -> list[str]:
    """What happened to the asks with this word, in order."""
    rows = await database.fetch(
        "SELECT step FROM command_events JOIN command_log ON id = command_id WHERE word = $1 ORDER BY seq", word
    )
    return [row["step"] for row in rows]


async def wait_for_row(database: Database, query: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait until this query finds something."""

    async def look() -> bool:
        # A row without columns is a row too.
        return await database.fetchrow(query) is not None

    await eventually(look, query, within_s=within_s)


_IN_THE_MIDDLE = """
SELECT 'ask ' || word || ' ' || state AS what FROM command_log
    WHERE state IN ('received', 'running')
UNION ALL SELECT 'update ' || payload::text FROM inbox WHERE handled_at IS NULL
UNION ALL SELECT 'answer ' || state || ' ' || payload::text FROM deliveries WHERE state IN ('sending', 'pending')
"""


async def wait_until_settled(database: Database, *, within_s: float = PATIENCE_S) -> None:
    """Wait until nothing is in the middle: no ask, no update, no answer. A question may wait for its person."""

    async def look() -> bool:
        return not await database.fetch(_IN_THE_MIDDLE)

    try:
        await eventually(look, "settling", within_s=within_s)
    except NotSeen as error:
        left = [row["what"] for row in await database.fetch(_IN_THE_MIDDLE)]
        raise NotSeen(f"{error}; in the middle are {len(left)}: {left[:5]}") from None


def free_port() -> int:
    """One that is given to nobody who asks for any: it stays free until the program takes it."""
    while True:
        port = randrange(20_000, 32_000)
        with socket.socket() as taken, suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
