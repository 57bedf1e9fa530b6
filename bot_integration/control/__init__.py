"""A bot behind its control API: the server beside the bot, and the far `Bot` that speaks to it.

Over HTTP that needs aiohttp and ormsgpack; the control socket needs neither, so nothing is imported before it is named.
"""

from typing import TYPE_CHECKING, Any

from bot_integration.control.errors import CannotListen

if TYPE_CHECKING:
    from bot_integration.control.client import RemoteBot
    from bot_integration.control.server import ControlServer

__all__ = ["CannotListen", "ControlServer", "RemoteBot"]


def __getattr__(name: str) -> Any:
    if name == "RemoteBot":
        from bot_integration.control.client import RemoteBot

        return RemoteBot
    if name == "ControlServer":
        from bot_integration.control.server import ControlServer

        return ControlServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
