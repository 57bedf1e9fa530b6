"""A port that nobody else on this machine is given, also while nobody listens there."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"


@contextmanager
def kept_port() -> Iterator[int]:
    """Bound and never heard. Who listens there is let in beside it, as both say that the address may be used again."""
    with bound() as keeper:
        yield keeper.getsockname()[1]


def bound(port: int = 0) -> socket.socket:
    """Holds a port, any free one where it is 0; several of ours may hold the same, and one of them listen there."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((HOST, port))
    return made
