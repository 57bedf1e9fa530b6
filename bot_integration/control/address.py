"""Where a control API listens, as settings write it."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from bot_integration.control.errors import CannotListen


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and a port; port 0 takes any that is free."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it, for certain."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """The path of a Unix socket."""

    path: Path


Address = TcpAddress | UnixAddress


def parse_listen(text: str) -> Address:
    """Read `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`; raises `CannotListen`."""
    if text.startswith("unix:"):
        path = text.removeprefix("unix:").removeprefix("//")
        if not path:
            raise CannotListen(f"listen is {text!r}: the path is missing. Write unix:/run/alpha.sock.")
        return UnixAddress(Path(path))
    host, colon, port = text.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise CannotListen(f"listen is {text!r}: expected HOST:PORT or unix:PATH.")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif "://" in host:
        raise CannotListen(f"listen is {text!r}: expected HOST:PORT alone, without {host.partition('://')[0]}://.")
    elif ":" in host:
        raise CannotListen(f"listen is {text!r}: write an IPv6 address in brackets, as [::1]:8000.")
    return TcpAddress(host, int(port))


def is_loopback(host: str) -> bool:
    """Whether the host is this machine alone, by what is written; no name is looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
