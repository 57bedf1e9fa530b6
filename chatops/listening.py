"""A port of ours at which aiohttp answers."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from bot_integration.control.accepting import stop_accepting
from bot_integration.control.errors import reason
from chatops.settings.address import Address


class CannotListen(OSError):
    """The address is taken, or none of this machine; the text says which setting to change."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What listens, from `open` to `close`."""

    _runner: web.BaseRunner
    _server: asyncio.Server

    @classmethod
    async def open(cls, runner: web.BaseRunner, at: Address, setting: str) -> "Listening":
        """Have the runner answer there. Raises `CannotListen`, which names the `setting` to change."""
        await runner.setup()
        assert runner.server is not None
        try:
            server = await asyncio.get_running_loop().create_server(runner.server, at.host, at.port)
        except OSError as error:
            await runner.cleanup()
            raise CannotListen(
                f"{at} cannot be listened on: {reason(error)}. "
                f"Set {setting} to an address of this machine whose port is free."
            ) from error
        return cls(runner, server)

    @property
    def port(self) -> int:
        """The port that it got where any would do."""
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Nobody else comes, and those who ask are answered."""
        await stop_accepting(self._server)
        await self._runner.cleanup()
