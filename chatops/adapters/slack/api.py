"""The Web API by slack_sdk's client, over one session whose connections are kept and used again.

Without the client's own retries: measured, they post a message twice where the connection drops after Slack took it.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any

import aiohttp
import orjson
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from chatops.adapters.slack.errors import SlackError, Unreached, of_answer, of_failure

#: Not the library's own: that one builds a line of each call and each answer, whether or not anybody reads it.
_QUIET = logging.Logger("slack_sdk.web", logging.WARNING)  # noqa: LOG001 - theirs would have to be changed for all
_USER_AGENT = "quarterdeck"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one request in seconds."""

    #: Between two pieces of the answer.
    read: float = 5.0
    connect: float = 5.0
    #: For a free connection out of the pool.
    pool: float = 1.0
    #: The whole.
    total: float = 12.0
    #: The whole, where a file goes along.
    upload: float = 30.0


class SlackApi:
    """Calls methods as one app. `base_url` ends in “/api/”. Open from `open`, or entry, to `close`, or exit.

    `client` is the library's own, for whoever needs it: bound to the same session, and without retries.
    """

    def __init__(self, base_url: str, token: str, timeouts: Timeouts | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._session: aiohttp.ClientSession | None = None
        self.client = AsyncWebClient(
            token, base_url, retry_handlers=[], logger=_QUIET, headers={"User-Agent": _USER_AGENT}
        )
        # It takes one out of the environment, for addresses that no proxy should see too.
        self.client.proxy = None

    async def __aenter__(self) -> "SlackApi":
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the session. Needs a running loop."""
        if self._session is None:
            ours = self._timeouts
            timeout = aiohttp.ClientTimeout(ours.total, ours.pool + ours.connect, ours.read, ours.connect)
            self._session = self.client.session = aiohttp.ClientSession(timeout=timeout)

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def use_token(self, token: str) -> None:
        """From the next call on."""
        self.client.token = token.strip()

    async def call(self, method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call a method, as a form, which all of them take; gives its answer. Raises `SlackError`.

        What is neither text nor number goes as JSON; None is left out.
        """
        answer, _ = await self.ask(method, parameters)
        return answer

    async def ask(self, method: str, parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """As `call`; gives the headers of the answer too."""
        if self._session is None:
            # The library would open a session of its own.
            raise Unreached("our side has hung up")
        form = {name: _field(value) for name, value in parameters.items() if value is not None}
        try:
            response = await self.client.api_call(method, data=form)
        except SlackApiError as error:
            raise _refusal(error, method) from error
        except (aiohttp.ClientError, OSError) as error:
            raise of_failure(error) from error
        except (AttributeError, ValueError) as error:
            # The library trips over an answer of text, or of JSON that is no object.
            raise of_failure(error) from error
        answer = response.data
        if not isinstance(answer, Mapping):
            raise of_answer(response.status_code, answer, response.headers, method)
        return answer, response.headers

    async def put(self, url: str, content: bytes) -> None:
        """Post the bytes of a file to the address that Slack gave for it. Raises `SlackError`."""
        if self._session is None:
            raise Unreached("our side has hung up")
        timeout = aiohttp.ClientTimeout(self._timeouts.upload, sock_connect=self._timeouts.connect)
        headers = {"Content-Type": "application/octet-stream", "User-Agent": _USER_AGENT}
        try:
            async with self._session.post(
                url, data=content, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise of_failure(error) from error
        if response.status != HTTPStatus.OK:
            raise of_answer(response.status, None, response.headers, "upload")


def _refusal(error: SlackApiError, method: str) -> SlackError:
    """What Slack answered. The library hands over its own response, or aiohttp's where it could read no JSON."""
    response = error.response
    status = getattr(response, "status_code", getattr(response, "status", HTTPStatus.OK))
    return of_answer(status, getattr(response, "data", None), getattr(response, "headers", {}), method)


def _field(value: object) -> str:
    match value:
        case str():
            return value
        case bool() | int():
            return json.dumps(value)
        case _:
            return orjson.dumps(value).decode()
