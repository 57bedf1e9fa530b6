"""A desk that is run on Slack, its tokens in files, and a channel in which ada asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from aiohttp import ClientError

from chatops.adapters.slack.signed_http import PATH
from tests.faults.desk import DeskFolder
from tests.faults.program import PATIENCE_S, Program, eventually
from tests.servers.slack import Channel, Person, Post, SlackServer

_SLACK = """
[slack]
base_url = "{base_url}"
bot_token_file = "bot_token"
"""
_SOCKET_MODE = 'app_token_file = "app_token"'
_SIGNED_HTTP = """
signing_secret = "{secret}"
listen = "127.0.0.1:{port}"
"""


@dataclass(frozen=True)
class SlackDesk(DeskFolder):
    """By Socket Mode, or at a port by signed HTTP."""

    platform: SlackServer
    ada: Person
    ops: Channel
    port: int | None = None

    @property
    def platform_settings(self) -> str:
        by_http = _SIGNED_HTTP.format(secret=self.platform.signing_secret, port=self.port)
        return _SLACK.format(base_url=self.platform.base_url) + (_SOCKET_MODE if self.port is None else by_http)

    @property
    def account(self) -> str:
        return f'slack = "{self.ada.id}"'

    def write(self, bot: str, *, more: str = "", port: int = 0) -> None:
        self.write_tokens()
        super().write(bot, more=more, port=port)

    def write_tokens(self) -> None:
        """As they are good now."""
        (self.folder / "bot_token").write_text(self.platform.bot_token)
        (self.folder / "app_token").write_text(self.platform.app_token)

    def by_http(self, port: int) -> "SlackDesk":
        """The same, called by Slack."""
        return replace(self, port=port)

    async def is_called(self) -> None:
        """Give Slack the address, as soon as it is answered there."""

        async def verified() -> bool:
            with suppress(ValueError, ClientError):
                await self.platform.deliver_to(f"http://127.0.0.1:{self.port}{PATH}")
            return bool(self.platform.http.url)

        await eventually(verified, "answering Slack's challenge")

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Program]:
        """`quarterdeck run`, with its socket open."""
        async with self.gateway() as running:
            await self.platform.wait_for(lambda: self.platform.sockets.open, timeout_s=PATIENCE_S)
            yield running

    async def sees(self, words: str, *, on: Post | None = None, channel: Channel | None = None) -> Post:
        """Wait until a post of the app's, or this one, reads so; gives the newest."""
        place = channel or self.ops

        def found() -> list[Post]:
            return [one for one in place.from_app if words in one.words and (on is None or one.ts == on.ts)]

        return (await self.platform.wait_for(found, timeout_s=PATIENCE_S))[-1]

    async def asks(self, words: str, answer: str) -> Post:
        """Ada mentions the app, and waits for the answer."""
        await self.ada.mention(self.ops, words)
        return await self.sees(answer)

    async def presses(self, label: str, on: Post) -> None:
        """Ada presses, and Slack is told that it came."""
        delivery = await self.ada.click(self.ops, on, label)
        assert delivery.is_acked, delivery.trouble
