"""Webhooks as one of the platforms: each room is an address that takes signed JSON."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import aiohttp

from chatops.adapters.base import Fault, SendError
from chatops.adapters.channel_room import OneWay
from chatops.adapters.pauses import Pauses
from chatops.adapters.public_address import expect_public
from chatops.adapters.webhook.body import body_for
from chatops.adapters.webhook.faults import of_error, of_status
from chatops.adapters.webhook.signing import signed
from chatops.ids import uuid7
from chatops.messages import Posting
from chatops.room import Room

PLATFORM = "webhook"
#: To connect, and for all of it.
CONNECT_S, WITHIN_S = 5.0, 15.0


@dataclass(frozen=True, slots=True)
class Hook:
    """One address, and the secret that it shares with us."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    #: Whether it may lie on a private network, on this machine or beside it.
    allow_private: bool = False


class WebhookAdapter(OneWay):
    """An `Adapter`, for `async with`. An answer of 2xx says that it was taken; any other, that it was not."""

    def __init__(self, hooks: Iterable[Hook], now: Callable[[], datetime], *, within_s: float = WITHIN_S) -> None:
        self._hooks = {hook.name: hook for hook in hooks}
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=within_s, sock_connect=min(CONNECT_S, within_s))
        self._pauses = Pauses()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    @property
    def platform(self) -> str:
        """As rooms name it."""
        return PLATFORM

    async def __aenter__(self) -> Self:
        for allow_private in {hook.allow_private for hook in self._hooks.values()}:
            factory = None if allow_private else _public_socket
            # No proxies of the environment: what is checked is where the connection ends.
            self._sessions[allow_private] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=factory), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Call the address; gives an id that means nothing there. Raises `SendError`."""
        hook = self._hooks.get(room.id)
        if hook is None:
            raise SendError(f"there is no channel {room.id} any more", Fault.DEAD_RECIPIENT)
        now = self._now()
        body = body_for(hook.name, posting, now)
        headers = {"Content-Type": "application/json", "User-Agent": "Quarterdeck", **signed(hook.secret, body, now)}
        session = self._sessions[hook.allow_private]
        try:
            # The body is for whoever has this address: it is taken nowhere else.
            async with session.post(
                hook.url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                status, retry_after = response.status, response.headers.get("Retry-After")
        except (aiohttp.ClientError, OSError) as error:
            raise of_error(error, lambda: self._pauses.next_s(hook.name)) from error
        failed = of_status(status, retry_after, now, lambda: self._pauses.next_s(hook.name))
        if failed is not None:
            raise failed
        self._pauses.end(hook.name)
        return str(uuid7())


def _public_socket(found: tuple[Any, ...]) -> socket.socket:
    """A socket to the address that a name was resolved to, just before it is connected. Raises `NotPublic`."""
    family, kind, protocol, _, address = found
    expect_public(address[0])
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made
