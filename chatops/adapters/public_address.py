"""Whether an address lies on the public internet (pure)."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

#: In which an IPv4 address is reached through a translator (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


class NotPublic(OSError):
    """A connection was refused by us: it would have reached a private, loopback or link-local address."""


def is_public(host: str) -> bool:
    """Whether this IP address is one of the public internet, also where another one is hidden in it.

    Raises `ValueError` where it is no IP address: a name says nothing of where it leads.
    """
    address = ip_address(host.partition("%")[0])
    hidden = _hidden(address) if isinstance(address, IPv6Address) else None
    if hidden is not None:
        return is_public(str(hidden))
    return address.is_global and not address.is_multicast


def expect_public(host: str) -> None:
    """Raises `NotPublic` where it is none."""
    if not is_public(host):
        raise NotPublic("it leads to a private, loopback or link-local address")


def _hidden(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a connection to this one ends at."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
