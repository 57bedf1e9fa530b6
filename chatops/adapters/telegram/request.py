"""HTTP to the platform: one session whose connections are kept and used again."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from types import TracebackType

import aiohttp
from telegram.error import NetworkError, TimedOut

from chatops.adapters.telegram.errors import Closed
from chatops.layout import plain
from chatops.messages import Attachment

_JSON_HEADERS = {"Content-Type": "application/json"}
_USER_AGENT = "quarterdeck"


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


class AiohttpRequest:
    """Requests over connections that are open from `initialize`, or entry, to `shutdown`, or exit.

    What goes wrong on the way is raised as `TimedOut` or `NetworkError`. aiohttp's own error is the `__cause__`: an
    `aiohttp.ClientConnectorError` or `aiohttp.ConnectionTimeoutError` came before a byte was sent, any other may have
    come after the platform had it all.
    """

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "AiohttpRequest":
        await self.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()

    async def initialize(self) -> None:
        """Open the session. Needs a running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(headers={"User-Agent": _USER_AGENT})

    async def shutdown(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post_json(self, url: str, body: bytes, answer_within_s: float | None = None) -> tuple[int, bytes]:
        """Post a JSON body; gives the status and the body of the answer."""
        return await self._post(url, body, _JSON_HEADERS, self._timeouts.write, answer_within_s)

    async def post_form(
        self, url: str, fields: Mapping[str, str], files: Mapping[str, Attachment], answer_within_s: float | None = None
    ) -> tuple[int, bytes]:
        """Post a form with files in it; gives the status and the body of the answer."""
        # The platform reads names of files as UTF-8, and no escapes.
        form = aiohttp.FormData(fields, quote_fields=False)
        for field, file in files.items():
            name = _header_value(file.name)
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            # Read from a stream it goes out piece by piece, so that the loop is not held up.
            form.add_field(field, BytesIO(file.content), filename=name, content_type=kind)
        return await self._post(url, form, {}, self._timeouts.write_media, answer_within_s)

    async def _post(
        self,
        url: str,
        data: bytes | aiohttp.FormData,
        headers: Mapping[str, str],
        write: float | None,
        answer_within_s: float | None,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise Closed
        ours = self._timeouts
        timeout = _timeout(ours.read if answer_within_s is None else answer_within_s, write, ours.connect, ours.pool)
        try:
            # The token is in the address: it goes where we were told, and nowhere else.
            async with self._session.post(
                url, data=data, headers=headers, timeout=timeout, allow_redirects=False
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


def _header_value(name: str) -> str:
    return plain(name).translate({ord('"'): "'", ord("\\"): "_"}).strip() or "file"


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
