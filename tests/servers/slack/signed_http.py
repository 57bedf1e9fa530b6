"""Delivery to an address of the app's own, each request signed."""

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from tests.servers.slack.calls import CallLog
from tests.servers.slack.deliveries import Delivery, Kind, NotTaken

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Tamper:
    """How a request differs from what the platform sends: signed with `secret`, `late_s` ago."""

    secret: str | None = None
    late_s: float = 0.0


class SignedHttp:
    """`url` takes events, commands and interactions alike; empty is Socket Mode."""

    def __init__(self, secret: str, log: CallLog, now: Callable[[], float], *, ack_s: float) -> None:
        self.url = ""
        #: What is done to the next requests; the rest is as it should be.
        self.tampers: deque[Tamper] = deque()
        self._secret = secret
        self._log = log
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=ack_s)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def verify(self, url: str) -> None:
        """Ask the address whether it is the app's (`url_verification`), then deliver there.

        Raises `ValueError` where it does not say the challenge.
        """
        if urlsplit(url).hostname not in _LOOPBACK:
            raise ValueError("this test server delivers to this machine only")
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        body = json.dumps({"token": "t", "challenge": challenge, "type": "url_verification"}).encode()
        status, answer, _ = await self.post(url, {**self._signed(body), "Content-Type": "application/json"}, body)
        if status != 200 or challenge not in (answer.strip(), _challenge(answer)):
            raise ValueError(f"{url} did not say the challenge: {status} {answer[:80]!r}")
        self.url = url

    async def hand_over(self, delivery: Delivery, reason: str) -> Any:
        """Post it; returns the body of the answer, or raises `NotTaken`."""
        content_type, body = _encoded(delivery)
        headers = {**self._signed(body), "Content-Type": content_type}
        if delivery.tries:
            headers.update({"X-Slack-Retry-Num": str(delivery.tries), "X-Slack-Retry-Reason": reason})
        delivery.tries += 1
        delivery.sent = (headers, body)
        try:
            status, text, answered = await self.post(self.url, headers, body)
        except TimeoutError:
            raise NotTaken("http_timeout") from None
        except aiohttp.ClientError:
            raise NotTaken("connection_failed") from None
        delivery.statuses.append(status)
        if not 200 <= status < 300:
            raise NotTaken("http_error", again=answered.get("X-Slack-No-Retry") != "1")
        return self._read(delivery, text, answered)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, Mapping[str, str]]:
        """One request as it is; returns status, body and headers of the answer."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        async with self._session.post(url, headers=headers, data=body, allow_redirects=False) as response:
            return response.status, await response.text(), response.headers.copy()

    async def replay(self, delivery: Delivery) -> int:
        """Send the very request again that was sent; returns the status of the answer, 0 where there was none."""
        assert delivery.sent is not None, "it was not sent over HTTP"
        try:
            status, _, _ = await self.post(self.url, *delivery.sent)
        except (TimeoutError, aiohttp.ClientError):
            return 0
        return status

    def _signed(self, body: bytes) -> dict[str, str]:
        tamper = self.tampers.popleft() if self.tampers else Tamper()
        at = str(int(self._now() - tamper.late_s))
        secret = tamper.secret or self._secret
        digest = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}

    def _read(self, delivery: Delivery, text: str, headers: Mapping[str, str]) -> Any:
        if not text:
            return None
        if not delivery.accepts_answer:
            # Frameworks say "ok" here; nobody reads it, and nobody minds.
            return None
        if "application/json" in headers.get("Content-Type", ""):
            return json.loads(text)
        return {"text": text}


def _encoded(delivery: Delivery) -> tuple[str, bytes]:
    if delivery.kind is Kind.EVENT:
        return "application/json", json.dumps(delivery.payload).encode()
    form = delivery.payload if delivery.kind is Kind.COMMAND else {"payload": json.dumps(delivery.payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


def _challenge(answer: str) -> str:
    try:
        return str(json.loads(answer)["challenge"])
    except (ValueError, KeyError, TypeError):
        return ""
