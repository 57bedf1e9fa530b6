"""The bots of the settings: paper ones in this process, others behind their control API.

What each of them needs is imported with it: a command that has none starts in half the time.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot_integration import Bot
from chatops.settings import BotSettings
from chatops.tasks import running

if TYPE_CHECKING:
    from bot_integration.paper import Market, PaperBot

log = logging.getLogger(__name__)


class NoMarket(Exception):
    """There are no prices to trade on; the text says why, and what would do."""


@asynccontextmanager
async def open_bot(settings: BotSettings, now: Callable[[], datetime]) -> AsyncIterator[Bot]:
    """The bot, trading or followed until the block ends. A bot that is away is no error."""
    if settings.is_paper:
        paper = _paper(settings, now)
        async with running(paper.run(), f"paper bot {settings.name}"):
            yield paper.controller
    else:
        from bot_integration.control import RemoteBot

        token = settings.token.get_secret_value() if settings.token else None
        async with RemoteBot(settings.name, settings.url, token, now=now) as bot:
            yield bot


def _paper(settings: BotSettings, now: Callable[[], datetime]) -> "PaperBot":
    from bot_integration.paper import PaperBot

    return PaperBot(settings.name, market_of(settings), now=now, speed=settings.speed)


def market_of(settings: BotSettings) -> "Market":
    """The market that a paper bot trades: a replayed file, or a made one.

    Raises `NoMarket` where the file or the moment will not do, with what would.
    """
    from bot_integration.paper import MadeMarket, ReplayMarket

    if settings.market is None:
        chosen: dict[str, Any] = {"seed": settings.seed, "scenario": settings.scenario}
        return MadeMarket(**{name: value for name, value in chosen.items() if value is not None})
    try:
        return ReplayMarket.read(settings.market, settings.begins)
    except (OSError, ValueError) as error:
        raise NoMarket(str(error)) from error


async def serve_paper(
    settings: BotSettings,
    listen: str | None,
    token: str | None,
    now: Callable[[], datetime],
    *,
    socket: str | None = None,
) -> None:
    """A paper bot behind its control API, its control socket or both, until cancelled. Raises `CannotListen`."""
    paper = _paper(settings, now)
    async with AsyncExitStack() as serving:
        if listen is not None:
            from bot_integration.control import ControlServer

            server = await serving.enter_async_context(ControlServer(paper.controller, listen=listen, token=token))
            log.info("%s trades on paper, its control API is %s", settings.name, server.url)
        if socket is not None:
            from bot_integration.control.socket import ControlSocket

            open_socket = await serving.enter_async_context(ControlSocket(paper.controller, socket, token, now=now))
            log.info("%s trades on paper, its control socket is %s", settings.name, open_socket.url)
        await paper.run()
