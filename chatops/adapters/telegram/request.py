"""HTTP for python-telegram-bot over aiohttp: one session whose connections are kept and used again."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

_JSON_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one request in seconds; None for no limit."""

    read: float | None = 5.0
    write: float | None = 5.0
    connect: float | None = 5.0
    #: For a free connection out of the pool.
    pool: float | None = 1.0
    #: In place of `write` where files go along.
    write_media: float | None = 20.0


class AiohttpRequest(BaseRequest):
    """Requests of a `telegram.Bot`, and of ours (`BotApi`), over the same connections.

    What goes wrong on the way is raised as `TimedOut` or `NetworkError`. aiohttp's own error is the `__cause__`: an
    `aiohttp.ClientConnectorError` or `aiohttp.ConnectionTimeoutError` came before a byte was sent, any other may have
    come after the platform had it all.
    """

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """How long an answer may take, in seconds."""
        return self._timeouts.read

    async def initialize(self) -> None:
        """Open the session. Needs a running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(headers={"User-Agent": self.USER_AGENT})

    async def shutdown(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0917 - as the library calls it
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """As `BaseRequest.do_request`: the status and the body of the answer."""
        ours = self._timeouts
        with_files = request_data is not None and request_data.contains_files
        timeout = _timeout(
            _chosen(read_timeout, ours.read),
            _chosen(write_timeout, ours.write_media if with_files else ours.write),
            _chosen(connect_timeout, ours.connect),
            _chosen(pool_timeout, ours.pool),
        )
        if request_data is None:
            return await self._exchange(method, url, None, {}, timeout)
        if with_files:
            return await self._exchange(method, url, _form(request_data), {}, timeout)
        return await self._exchange(method, url, orjson.dumps(request_data.parameters), _JSON_HEADERS, timeout)

    async def post_json(self, url: str, body: bytes, answer_within_s: float | None = None) -> tuple[int, bytes]:
        """Post a JSON body; gives the status and the body of the answer."""
        ours = self._timeouts
        read = ours.read if answer_within_s is None else answer_within_s
        timeout = _timeout(read, ours.write, ours.connect, ours.pool)
        return await self._exchange("POST", url, body, _JSON_HEADERS, timeout)

    async def _exchange(
        self,
        method: str,
        url: str,
        data: bytes | aiohttp.FormData | None,
        headers: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own limits, kept by aiohttp
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise TelegramError("The connection to Telegram is closed.")
        try:
            # The token is in the address: it goes where we were told, and nowhere else.
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut(_said(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(_said(error)) from error


def _said(error: Exception) -> str:
    """What went wrong on the way. aiohttp names the address in some errors, and in the address is the token."""
    said = "" if "://" in str(error) else str(error)
    return f"{type(error).__name__}: {said}".rstrip(": ")


def _form(data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form


def _chosen(given: object, default: float | None) -> float | None:
    if given is BaseRequest.DEFAULT_NONE:
        return default
    return float(given) if isinstance(given, int | float) else None


@lru_cache(maxsize=16)
def _timeout(
    read: float | None, write: float | None, connect: float | None, pool: float | None
) -> aiohttp.ClientTimeout:
    """aiohttp's form of the limits. It has none for writing: that is held by the sum of all."""
    limits = [limit for limit in (read, write, connect, pool) if limit is not None]
    return aiohttp.ClientTimeout(
        total=sum(limits) if len(limits) == 4 else None,
        connect=None if pool is None or connect is None else pool + connect,
        sock_connect=connect,
        sock_read=read,
    )
