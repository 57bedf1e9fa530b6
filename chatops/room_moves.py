"""Rooms of the settings whose chat has another id now: whoever runs the desk is told to write that down."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from chatops.room import Room
from chatops.settings import RoomSettings

log = logging.getLogger(__name__)


def warn_of_move(rooms: Iterable[RoomSettings], platform: str, old: str, new: str) -> None:
    """A chat has this id now: say of which rooms that is the chat."""
    for room in rooms:
        if room.room.platform == platform and room.room.id == old:
            _warn(room, new)


async def warn_of_moves(rooms: Iterable[RoomSettings], where: Callable[[Room], Awaitable[Room]]) -> None:
    """Say it of all that moved before this start; `where` tells where a room is now, and may raise `DatabaseAway`."""
    for room in rooms:
        now = await where(room.room)
        if now.id != room.room.id:
            _warn(room, now.id)


def _warn(room: RoomSettings, new: str) -> None:
    log.warning("the room %s is now %s: change rooms.id in the settings", room.name, new)
