"""The control socket of a bot: newline-delimited JSON over TCP, with nothing to install."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from bot_integration.bot import Bot
from bot_integration.clock import utc_now
from bot_integration.control import socket_wire
from bot_integration.control.accepting import stop_accepting
from bot_integration.control.address import TcpAddress, parse_listen
from bot_integration.control.errors import CannotListen, reason
from bot_integration.control.seldom import Seldom
from bot_integration.control.socket_answers import Answers
from bot_integration.control.socket_board import Board
from bot_integration.control.socket_guest import Dismissed, Guest
from bot_integration.control.socket_wire import ACCEPTS, LINE_LIMIT, PROTOCOL
from bot_integration.control.wire import ErrorCode
from bot_integration.ferry import Ferry
from bot_integration.own_loop import OwnLoop

log = logging.getLogger(__name__)

#: Clients at a time, and such as have not shown the token yet or are sent away.
CLIENTS = 100
AT_THE_DOOR = 100
#: How long the first line may take, where it has to show a token.
DOOR_S = 5.0
#: How long commands that run are waited for when the socket closes, so that their answers still go out.
FAREWELL_S = 5.0


class ControlSocket:
    """Serves one bot while it is entered, on a thread and loop of its own.

    Enter it on the loop that the bot's commands run on: they cross to there.
    """

    def __init__(
        self,
        bot: Bot,
        listen: str = "127.0.0.1:9120",
        token: str | None = None,
        *,
        clients: int = CLIENTS,
        door_s: float = DOOR_S,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`listen` is `HOST:PORT` (port 0: any). Whoever connects must show `token` first, where there is one.

        Raises `CannotListen` where that would leave the bot open to others.
        """
        address = parse_listen(listen)
        if not isinstance(address, TcpAddress):
            raise CannotListen(f"listen is {listen!r}: a control socket speaks TCP. Write HOST:PORT.")
        if token is not None and not token.strip():
            raise CannotListen("The token must not be empty.")
        if not address.is_loopback and token is None:
            raise CannotListen(
                f"listen is {listen!r}, which others can reach, and there is no token. "
                "Set a token, or listen on 127.0.0.1."
            )
        self._bot = bot
        self._listen = listen
        self._address = address
        self._token = token
        self._clients = clients
        self._door_s = door_s
        self._now = now
        self._url = ""
        self._seldom = Seldom(log)
        self._own = OwnLoop(f"control socket of {bot.name}")
        self._hello = socket_wire.line(type="hello", bot=bot.name, protocol=PROTOCOL, accepts=ACCEPTS)
        self._at_the_door: set[asyncio.Task[None]] = set()
        self._guests: dict[asyncio.Task[None], Guest] = {}
        #: Closed over there.
        self._opened = AsyncExitStack()

    @property
    def url(self) -> str:
        """What a `RemoteBot` on this machine takes, with the port that was free; only while it is entered."""
        return self._url

    async def __aenter__(self) -> Self:
        bot = Ferry(self._bot, asyncio.get_running_loop())
        self._own.start()
        try:
            await self._own.run(self._open(bot))
        except BaseException:
            await self._own.stop()
            raise
        log.info("control socket of %s listens on %s", self._bot.name, self._url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._own.run(self._opened.aclose())
        finally:
            await self._own.stop()

    # ------------------------------------------------------------- on the loop over there

    async def _open(self, bot: Bot) -> None:
        async with AsyncExitStack() as opening:
            board = await opening.enter_async_context(Board(bot))
            answers = Answers(bot, board, self._now)

            async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await self._accept(writer, Guest(reader, writer, answers, board))

            host, port = self._address.host, self._address.port
            try:
                server = await asyncio.start_server(accept, host, port, limit=LINE_LIMIT)
            except OSError as error:
                raise CannotListen(
                    f"{self._listen} cannot be listened on: {reason(error)}. "
                    "Stop what listens there, or choose another port."
                ) from error
            opening.push_async_callback(self._see_out)
            opening.push_async_callback(stop_accepting, server)
            port = server.sockets[0].getsockname()[1]
            self._url = f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"
            self._opened = opening.pop_all()

    async def _accept(self, writer: asyncio.StreamWriter, guest: Guest) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._at_the_door) >= AT_THE_DOOR:
            # Each is a file of the bot's process, also while it reads why it is sent away.
            message = "%d wait at the control socket of %s: nobody else is heard"
            self._seldom.warning("door", message, AT_THE_DOOR, self._bot.name)
            writer.transport.abort()
            return
        self._at_the_door.add(task)
        try:
            await self._let_in(task, guest)
        except Dismissed as dismissed:
            self._seldom.warning(dismissed.code, "a client of %s was sent away: %s", self._bot.name, dismissed)
            await guest.dismiss(dismissed.code, str(dismissed))
        except (OSError, TimeoutError):
            log.info("a client of %s has gone", self._bot.name)
        except asyncio.CancelledError:
            # Only `_see_out` cancels: a connection that ends so has ended well.
            pass
        except Exception:
            log.exception("a client of the control socket of %s broke it", self._bot.name)
        finally:
            self._at_the_door.discard(task)
            self._guests.pop(task, None)
            # All that is owed was written before this, or will never be read.
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _let_in(self, task: asyncio.Task[None], guest: Guest) -> None:
        if self._token is not None:
            await guest.show_token(self._token, self._door_s)
        if len(self._guests) >= self._clients:
            raise Dismissed(ErrorCode.TOO_MANY, f"{self._clients} clients are here already. Try again later.")
        self._at_the_door.discard(task)
        self._guests[task] = guest
        await guest.serve(self._hello)

    async def _see_out(self) -> None:
        """Let what was asked be answered, for a while; then end all connections."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await asyncio.gather(*(guest.answered() for guest in self._guests.values()))
        tasks = {*self._at_the_door, *self._guests}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
