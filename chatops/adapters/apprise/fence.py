"""Keeps a thread from reaching addresses that are not public, whatever library connects in it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chatops.adapters.public_address import NotPublic, expect_public

#: Raised by CPython right before it connects or sends, with the address that a name was resolved to.
_EVENTS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))


class _Fenced(threading.local):
    is_fenced = False
    was_refused = False


_fenced = _Fenced()
_begin_once = threading.Lock()
_hooked: list[bool] = []


@contextmanager
def fenced(*, is_fenced: bool = True) -> Iterator[_Fenced]:
    """While inside, this thread reaches public addresses alone, unless told otherwise. `was_refused` tells if it tried.

    An audit hook (PEP 578) sees the address itself: a name that leads elsewhere the second time gains nothing. It
    cannot be taken away again, and costs the rest of the program the comparison of a name.
    """
    with _begin_once:
        if not _hooked:
            sys.addaudithook(_look)
            _hooked.append(True)
    _fenced.is_fenced, _fenced.was_refused = is_fenced, False
    try:
        yield _fenced
    finally:
        _fenced.is_fenced = False


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS or not _fenced.is_fenced:
        return
    address = arguments[1]
    if address is None:
        # It goes where the socket is connected to, which was looked at then.
        return
    # A path is that of a Unix socket, and lies on this machine.
    try:
        if not isinstance(address, tuple):
            raise NotPublic("it leads to a socket of this machine")
        expect_public(str(address[0]))
    except (NotPublic, ValueError) as error:
        _fenced.was_refused = True
        raise NotPublic(str(error)) from error
