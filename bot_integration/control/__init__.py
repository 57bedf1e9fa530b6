"""A bot behind its control API: the server beside the bot, and the far `Bot` that speaks to it. Needs aiohttp."""

from bot_integration.control.client import RemoteBot
from bot_integration.control.errors import CannotListen
from bot_integration.control.server import ControlServer

__all__ = ["CannotListen", "ControlServer", "RemoteBot"]
