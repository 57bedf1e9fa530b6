"""The way in by being called: Telegram posts each update to an address of ours, and it is stored before we say so."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import Conflict, InvalidToken, NetworkError

from chatops.adapters.called_here import CalledHere
from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.freshness import Freshness
from chatops.adapters.telegram.intake import KINDS, Intake, parsed
from chatops.adapters.telegram.line import Line
from chatops.link import Link
from chatops.settings.address import Address
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

#: Contract, limits.webhook_secret_token.
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
#: A body that has not come by then is given up.
BODY_S = 10.0
#: How many updates Telegram may hand over at one moment.
MAX_CONNECTIONS = 40
#: How often Telegram is asked what waits for us, and how soon again while something does.
LOOK_EVERY_S = 20.0
LOOK_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class WebhookAt:
    """Where Telegram calls, where that arrives here, and the secret that Telegram shows."""

    url: str
    listen: Address
    secret: str = field(repr=False)


class Webhook:
    """Listens, and sees to it that Telegram calls. A reverse proxy in front of it does TLS.

    A stop leaves the webhook set: what people say meanwhile waits at the platform. `before_look` should not raise. A
    press that may have waited for longer than `stale_after` is handed on without a moment.

    Telegram says neither when a press was made nor whether it was tried before; it keeps what we did not take for a
    while, tries other chats' updates meanwhile, and so a fresh message says nothing of a press behind it. But it tells
    how many updates wait for us. Where none does, whatever comes later was made later: that is asked again and again.
    After a start, and an outage of ours or of the way to us, it is not none.
    """

    def __init__(
        self,
        api: BotApi,
        intake: Intake,
        line: Line,
        at: WebhookAt,
        *,
        before_look: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        stale_after: timedelta,
    ) -> None:
        self._api = api
        self._intake = intake
        self._line = line
        self._at = at
        self._before_look = before_look
        self._now = now
        self._sleep = sleep
        self._stale_after = stale_after
        self._secret = at.secret.encode()
        path = urlsplit(at.url).path or "/"
        self._called = CalledHere(path, self._take, body_s=BODY_S, admit=self._admit)
        self._freshness = Freshness()
        self._has_begun = False
        self._is_set = False
        self._is_waiting = True
        self._last_error: tuple[object, object] | None = None
        self._refused = 0

    @property
    def link(self) -> Link:
        """Whether Telegram has our address, and reaches us there as far as it tells."""
        return self._line.link

    async def open(self) -> None:
        """Listen. Raises `CannotListen`."""
        await self._called.open(self._at.listen, "telegram.webhook_listen")

    async def close(self) -> None:
        """Listen no more; what is being stored is waited for."""
        await self._called.close()

    async def run(self) -> None:
        """Hand on what was left over, then have Telegram call, and look after that until cancelled."""
        while not await self._line.tried(self._begin):
            pass
        while True:
            if await self._line.tried(self._look):
                await self._sleep(self._look_again_after())

    async def _begin(self) -> None:
        await self._before_look()
        await self._intake.hand_on_leftovers()
        self._has_begun = True

    async def _look(self) -> None:
        """Have the webhook set, and ask how it does."""
        await self._before_look()
        try:
            if not self._is_set:
                await self._set()
            asked_at = self._now()
            info = await self._api.call("getWebhookInfo", {})
        except InvalidToken:
            # Whoever revoked the token may have taken the webhook too.
            self._is_set = False
            raise
        if not isinstance(info, dict):
            raise NetworkError("getWebhookInfo gave no object")
        self._see_whose(str(info.get("url") or ""))
        self._is_waiting = info.get("pending_update_count") != 0
        self._freshness = self._freshness.after(asked_at, full=self._is_waiting)
        error = (info.get("last_error_date"), info.get("last_error_message"))
        if not self._is_waiting:
            self._line.held()
        elif self._last_error not in (None, error):
            # The first is from before us: nobody was there to be reached.
            self._line.lost(f"Telegram does not reach {urlsplit(self._at.url).hostname} ({error[1]})")
        self._last_error = error

    async def _set(self) -> None:
        await self._api.call(
            "setWebhook",
            {
                "url": self._at.url,
                "secret_token": self._at.secret,
                "allowed_updates": KINDS,
                "max_connections": MAX_CONNECTIONS,
            },
        )
        self._is_set = True
        self._line.held()

    def _see_whose(self, url: str) -> None:
        if not url:
            # Whoever polled with this bot has taken it away.
            self._is_set = False
            raise Conflict("the webhook was removed")
        if _place(url) != _place(self._at.url):
            raise Conflict("the webhook leads elsewhere")

    def _look_again_after(self) -> float:
        if self._is_waiting:
            return LOOK_AGAIN_S
        return min(LOOK_EVERY_S, max(1.0, self._stale_after.total_seconds() / 3))

    def _admit(self, request: web.BaseRequest) -> HTTPStatus | None:
        if not self._is_from_telegram(request):
            return HTTPStatus.UNAUTHORIZED
        # What was left over goes first; Telegram tries again.
        return None if self._has_begun else HTTPStatus.SERVICE_UNAVAILABLE

    async def _take(self, _: web.BaseRequest, body: bytes) -> web.Response:
        came_at = self._now()
        may_have_waited = self._freshness.may_have_waited(came_at, self._stale_after)
        try:
            await self._intake.take([parsed(body)], None if may_have_waited else came_at)
        except StorageError as error:
            log.warning("telegram: an update waits until it can be stored: %s", error)
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return web.Response(status=HTTPStatus.OK)

    def _is_from_telegram(self, request: web.BaseRequest) -> bool:
        shown = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if hmac.compare_digest(shown, self._secret):
            return True
        self._refused += 1
        # Whoever tries for long must not fill the log: the 1st, 2nd, 4th, 8th …
        if self._refused & (self._refused - 1) == 0:
            log.warning("telegram: calls of the webhook without its secret refused so far: %d", self._refused)
        return False


def _place(url: str) -> tuple[Any, ...]:
    """What an address leads to, however its name is written."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), parts.path or "/"
