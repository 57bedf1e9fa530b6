"""The control API of a bot: HTTP beside it, in its process."""

import asyncio
import logging
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot_integration.bot import Bot
from bot_integration.control import door, wire
from bot_integration.control.accepting import stop_accepting
from bot_integration.control.address import TcpAddress, UnixAddress, parse_listen
from bot_integration.control.audience import Audience
from bot_integration.control.callers import Callers
from bot_integration.control.errors import CannotListen, reason
from bot_integration.control.routes import Routes
from bot_integration.control.socket_file import SocketFile
from bot_integration.control.stream import Stream
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.feed import Feed
from bot_integration.ferry import Ferry
from bot_integration.own_loop import OwnLoop

log = logging.getLogger(__name__)

#: How long commands that run are waited for when the server closes, so that their answers still go out.
FAREWELL_S = 5.0


class ControlServer:
    """Serves one bot while it is entered, on a thread and loop of its own.

    The bot's commands run on the loop that the server is entered on; nothing else that clients do is felt there.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        listen: str = "127.0.0.1:8000",
        token: str | None = None,
        limits: StreamLimits = StreamLimits(),  # noqa: B008 (frozen)
    ) -> None:
        """`listen` is `HOST:PORT` (port 0: any) or `unix:PATH`; `token` guards all but a Unix socket.

        Raises `CannotListen` where that would leave the bot open to others.
        """
        self._bot = bot
        self._listen = listen
        self._address = parse_listen(listen)
        self._token = token
        self._limits = limits
        self._url = ""
        self._opened = AsyncExitStack()
        if token is not None and not (token and token.isascii() and token.isprintable() and token == token.strip()):
            raise CannotListen("The token must be printable ASCII with no space around it, and not empty.")
        if isinstance(self._address, TcpAddress) and not self._address.is_loopback and token is None:
            raise CannotListen(
                f"listen is {listen!r}, which others can reach, and there is no token. "
                "Set a token, or listen on 127.0.0.1 or on unix:PATH."
            )

    @property
    def url(self) -> str:
        """What a `RemoteBot` on this machine takes, with the port that was free; only while it is entered."""
        return self._url

    async def __aenter__(self) -> Self:
        bot = Ferry(self._bot, asyncio.get_running_loop())
        own = OwnLoop(f"control API of {self._bot.name}")
        async with AsyncExitStack() as opening:
            own.start()
            opening.push_async_callback(own.stop)
            served = await own.run(self._open(bot))
            opening.push_async_callback(_close_over_there, served, own)
            self._opened = opening.pop_all()
        log.info("control API of %s listens on %s", self._bot.name, self._url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opened.aclose()

    # -------------------------------------------------------------- on the own loop

    async def _open(self, bot: Ferry) -> AsyncExitStack:
        async with AsyncExitStack() as opening:
            file = None
            if isinstance(self._address, UnixAddress):
                file = SocketFile(self._address.path)
                opening.callback(file.remove)
            feed = await opening.enter_async_context(Feed(bot))
            audience = await opening.enter_async_context(Audience(feed, self._limits))
            runner = web.AppRunner(
                self._application(bot, feed, audience), handle_signals=False, shutdown_timeout=FAREWELL_S
            )
            await runner.setup()
            assert runner.server is not None
            callers = Callers(runner.server, self._limits)
            # From the last to the first: nobody else comes, those who ask are answered, and what was said is read.
            opening.push_async_callback(callers.close)
            opening.push_async_callback(runner.cleanup)
            if isinstance(self._address, TcpAddress):
                listening = await self._open_port(callers, self._address)
            else:
                assert file is not None
                listening = await asyncio.get_running_loop().create_server(callers, sock=file.socket)
                self._url = f"unix://{file.path.absolute()}"
            opening.push_async_callback(stop_accepting, listening)
            return opening.pop_all()

    def _application(self, bot: Ferry, feed: Feed, audience: Audience) -> web.Application:
        if isinstance(self._address, UnixAddress):
            guards: list[Middleware] = []
        elif self._token is not None:
            guards = [door.demand_token(self._token)]
        else:
            guards = [door.turn_browsers_away()]
        application = web.Application(
            client_max_size=wire.BODY_LIMIT,
            middlewares=[
                door.end_who_does_not_read(self._limits.answer_s),
                door.answer_errors(bot.name),
                *guards,
                door.demand_name(bot.name),
            ],
        )

        async def let_streams_go(_: web.Application) -> None:
            await audience.close()

        application.on_response_prepare.append(door.sign)
        # Called once nobody else can connect, and before those who ask are waited for.
        application.on_shutdown.append(let_streams_go)
        with_token = self._token is not None and not isinstance(self._address, UnixAddress)
        Routes(bot, feed, self._limits, with_token=with_token).add_to(application)
        Stream(bot.name, audience, self._limits).add_to(application)
        return application

    async def _open_port(self, callers: Callers, address: TcpAddress) -> asyncio.Server:
        try:
            listening = await asyncio.get_running_loop().create_server(callers, address.host, address.port)
        except OSError as error:
            raise CannotListen(
                f"{self._listen} cannot be listened on: {reason(error)}. "
                "Stop what listens there, or choose another port."
            ) from error
        port = listening.sockets[0].getsockname()[1]
        host = f"[{address.host}]" if ":" in address.host else address.host
        self._url = f"http://{host}:{port}"
        return listening


async def _close_over_there(served: AsyncExitStack, own: OwnLoop) -> None:
    await own.run(served.aclose())
