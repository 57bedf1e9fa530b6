"""One client of a control socket, from its first line to its last."""

import asyncio
import hmac
import logging
from contextlib import suppress

from bot_integration.control import socket_wire
from bot_integration.control.socket_answers import Answers
from bot_integration.control.socket_board import Board
from bot_integration.control.socket_outbox import Outbox
from bot_integration.control.socket_wire import LINE_LIMIT, Auth, NoObject, error_line
from bot_integration.control.wire import ErrorCode

log = logging.getLogger(__name__)

#: How long one that is sent away gets to read why.
FAREWELL_S = 1.0
#: What one client may have under way at a time.
UNDER_WAY = 64


class Dismissed(Exception):
    """This client is told why, and its connection is closed."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Guest:
    """Reads lines and has them answered, many at a time. What it sends after a line that is none does not count."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: Answers, board: Board
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answers = answers
        self._board = board
        self._outbox = Outbox()
        self._working: set[asyncio.Task[None]] = set()

    async def show_token(self, token: str, within_s: float) -> None:
        """Ask for the first line. Raises `Dismissed`, always the same, where it does not hold this token."""
        self._writer.write(socket_wire.line(type="auth"))
        given = ""
        with suppress(NoObject, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(within_s):
                first = await self._reader.readuntil(b"\n")
            asked = socket_wire.read(socket_wire.parse(first))
            given = asked.token if isinstance(asked, Auth) else ""
        # Compared in constant time, whatever was sent, so that the answer's time tells nothing.
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Dismissed(
                ErrorCode.UNAUTHORIZED, 'Send the bot\'s token as the first line: {"type": "auth", "token": "…"}.'
            )

    async def serve(self, hello: bytes) -> None:
        """Tell it all, and answer it, until it leaves. Raises `Dismissed`, `OSError`, and `TimeoutError` of a stall."""
        try:
            self._writer.write(hello)
            await self._serve()
        finally:
            self._outbox.let_go()

    async def answered(self) -> None:
        """Wait until it has been given the answers to all that it asked, or has left."""
        while self._working:
            await asyncio.wait(self._working)
        if self._outbox.owes_answers:
            await self._outbox.emptied()

    async def _serve(self) -> None:
        leave = await self._board.read(self._outbox)
        pouring = asyncio.create_task(self._outbox.pour(self._writer))
        listening = asyncio.create_task(self._listen())
        try:
            ended, _ = await asyncio.wait({pouring, listening}, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            leave()
            tasks = {pouring, listening, *self._working}
            for task in tasks:
                task.cancel()
            # What the bot was asked for goes on over there: only nobody waits for it any more.
            await asyncio.gather(*tasks, return_exceptions=True)

    async def dismiss(self, code: ErrorCode, message: str) -> None:
        """Say why, and leave it a moment to read that: closing over unread lines would take the words back."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                self._writer.write(error_line(code, message))
                await self._writer.drain()
                self._writer.write_eof()
                while await self._reader.read(LINE_LIMIT):
                    pass

    async def _listen(self) -> None:
        while True:
            await self._outbox.room()
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                raise Dismissed(ErrorCode.TOO_LARGE, f"A line is larger than {LINE_LIMIT} bytes.") from error
            except asyncio.IncompleteReadError:
                # It said all that it wanted to say; half a line is none.
                break
            try:
                said = socket_wire.parse(line)
            except NoObject as error:
                # Perhaps a page in a browser that speaks HTTP: nothing after this is for us.
                raise Dismissed(ErrorCode.MALFORMED, str(error)) from error
            self._take(said)
            # Lines that came together are no reason to keep everybody else waiting.
            await asyncio.sleep(0)
        await self.answered()
        await self._outbox.emptied()

    def _take(self, said: dict[str, object]) -> None:
        try:
            asked = socket_wire.read(said)
        except ValueError as error:
            self._outbox.answer(error_line(ErrorCode.MALFORMED, str(error), said))
            return
        if isinstance(asked, Auth):
            # Shown at the door, or to one that asks for none.
            return
        if len(self._working) >= UNDER_WAY:
            message = f"{UNDER_WAY} of yours are under way. Ask again when one has ended."
            self._outbox.answer(error_line(ErrorCode.TOO_MANY, message, said))
            return

        async def work() -> None:
            self._outbox.answer(await self._answers.to(asked))

        task = asyncio.create_task(work())
        self._working.add(task)
        task.add_done_callback(self._working.discard)
