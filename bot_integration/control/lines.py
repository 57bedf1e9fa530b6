"""Which line leads to a url."""

from collections.abc import Callable
from datetime import datetime

from bot_integration.clock import utc_now
from bot_integration.control.line import Line


def line_to(name: str | None, url: str, token: str | None, now: Callable[[], datetime] = utc_now) -> Line:
    """The line to a bot of this name, or to whichever answers there.

    `url` is `http://host:port`, `https://…`, `unix:///path` or `tcp://host:port`; raises `ValueError` on another. `now`
    stamps what a bot on a socket leaves undated.
    """
    if url.startswith("tcp://"):
        # Also where aiohttp is not installed.
        from bot_integration.control.socket_line import SocketLine

        return SocketLine(name, url, token, now=now)
    from bot_integration.control.http_line import HttpLine

    return HttpLine(name, url, token)
