"""What went wrong on the way to a platform, without the words of aiohttp: those are for the log (pure)."""

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientSSLError,
    ConnectionTimeoutError,
    InvalidURL,
    NonHttpUrlClientError,
)


def plainly(error: BaseException | None, setting: str) -> str | None:
    """What it is, and what to look at; `setting` has the address. None where it is none of the way."""
    match error:
        case ClientConnectorDNSError():
            return f"its name is not found: look at the network and at {setting}"
        case ClientSSLError():
            return f"no secure connection: look at this machine's clock and certificates, and at {setting}"
        case InvalidURL() | NonHttpUrlClientError():
            return f"{setting} is no address of the web"
        case ClientConnectorError(os_error=ConnectionRefusedError()):
            return "it refuses the connection"
        case ClientConnectorError():
            return "no connection"
        case ConnectionTimeoutError():
            return "no connection in time"
        case TimeoutError():
            return "no answer in time"
        case ClientError() | OSError():
            return "the connection was lost"
        case _:
            return None
