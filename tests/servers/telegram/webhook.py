"""Delivery of updates to an address of the bot's own."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.servers.common.bell import Bell
from tests.servers.common.refusal import Dropped
from tests.servers.common.seen import PATIENCE_S
from tests.servers.telegram.errors import ApiError, Breach, bad_request
from tests.servers.telegram.limits import (
    WEBHOOK_MAX_CONNECTIONS,
    WEBHOOK_SECRET_HEADER,
    WEBHOOK_SECRET_PATTERN,
)
from tests.servers.telegram.texts import Text, UnlistedText
from tests.servers.telegram.updates import Update, UpdateQueue

_TIMEOUT = aiohttp.ClientTimeout(total=PATIENCE_S)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: Never run from the answer to a delivery.
_NOT_IN_ANSWER = frozenset({"setWebhook", "deleteWebhook", "close", "logOut"})

Run = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Hook:
    """Where to deliver; `secret` goes along in a header."""

    url: str
    secret: str = field(default="", repr=False)
    max_connections: int = 40


class Webhook:
    """One update at a time, in order; again after a growing delay until a 2xx.

    The platform's delays are minutes; ours start at `retry_s` and double up to 1 s.
    """

    def __init__(
        self, updates: UpdateQueue, now: Callable[[], float], run: Run, retry_s: float, seen_by_tests: Bell
    ) -> None:
        self.hook: Hook | None = None
        self._updates = updates
        self._now = now
        self._run = run
        self._retry_s = retry_s
        self._seen_by_tests = seen_by_tests
        self._changed = Bell()
        self._last_error: tuple[int, str] | None = None
        self.failures = 0

    def set(self, given: Mapping[str, Any]) -> bool:
        """Answer setWebhook; an empty address removes the webhook."""
        url = given.get("url", "")
        if not url:
            return self.delete(given)
        if urlsplit(url).scheme not in ("http", "https"):
            raise bad_request(UnlistedText.WEBHOOK_INVALID)
        if urlsplit(url).hostname not in _LOOPBACK:
            raise Breach("this test server delivers to this machine only")
        secret = given.get("secret_token", "")
        if secret and not WEBHOOK_SECRET_PATTERN.fullmatch(secret):
            raise bad_request(UnlistedText.WEBHOOK_SECRET)
        if "allowed_updates" in given:
            self._updates.allow(given["allowed_updates"])
        self._drop_pending(given)
        least, most = WEBHOOK_MAX_CONNECTIONS
        connections = min(max(given.get("max_connections", 40), least), most)
        hook = Hook(url, secret, connections)
        if hook == self.hook:
            # "Webhook is already set": what is known of its errors is kept.
            return True
        self._updates.end_poll(ApiError(409, Text.WEBHOOK_SET))
        self._replace(hook)
        return True

    def delete(self, given: Mapping[str, Any]) -> bool:
        """Answer deleteWebhook."""
        self._drop_pending(given)
        self._replace(None)
        return True

    def info(self) -> dict[str, Any]:
        """The `WebhookInfo` of the Bot API."""
        body: dict[str, Any] = {
            "url": self.hook.url if self.hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if self.hook:
            body.update(max_connections=self.hook.max_connections, ip_address="127.0.0.1")
        if self._updates.allowed_as_given:
            body["allowed_updates"] = self._updates.allowed_as_given
        if self._last_error:
            body["last_error_date"], body["last_error_message"] = self._last_error
        return body

    async def deliver(self) -> None:
        """Deliver for as long as the server lives; its task cancels this."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            delay = self._retry_s
            while True:
                hook, update = await self._next()
                if await self._post(session, hook, update):
                    delay = self._retry_s
                    continue
                await self._changed.until(partial(self._has_left, hook), delay)
                delay = min(delay * 2, 1.0)

    def _has_left(self, hook: Hook) -> bool:
        return self.hook is not hook

    async def _next(self) -> tuple[Hook, Update]:
        while self.hook is None or not self._updates.pending:
            if self.hook is None:
                await self._changed.until(lambda: self.hook is not None, None)
            else:
                await self._updates.bell.until(lambda: self.hook is None or self._updates.pending, None)
        return self.hook, self._updates.take(1)[0]

    async def _post(self, session: aiohttp.ClientSession, hook: Hook, update: Update) -> bool:
        headers = {WEBHOOK_SECRET_HEADER: hook.secret} if hook.secret else {}
        try:
            async with session.post(hook.url, json=update, headers=headers) as response:
                body = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            return self._failed(f"Connection failed: {error}")
        if not 200 <= status < 300:
            return self._failed(f"Wrong response from the webhook: {status}")
        self._updates.confirm_through(int(update["update_id"]))
        await self._run_answer(body)
        return True

    def _failed(self, message: str) -> bool:
        self._last_error = (int(self._now()), message)
        self.failures += 1
        self._seen_by_tests.ring()
        return False

    async def _run_answer(self, body: bytes) -> None:
        try:
            call = json.loads(body or b"{}")
        except ValueError:
            return
        if not isinstance(call, dict) or "method" not in call:
            return
        method = str(call.pop("method"))
        if method in _NOT_IN_ANSWER or method.startswith("get"):
            return
        try:
            await self._run(method, call)
        except (ApiError, Dropped):
            return  # The platform tells nobody; the call stands in the list of calls.

    def _drop_pending(self, given: Mapping[str, Any]) -> None:
        if given.get("drop_pending_updates", False):
            self._updates.drop_pending()

    def _replace(self, hook: Hook | None) -> None:
        self.hook = hook
        self._last_error = None
        self.failures = 0
        self._changed.ring()
        self._updates.bell.ring()
