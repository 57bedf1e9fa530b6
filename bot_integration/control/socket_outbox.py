"""What one reader of a control socket is owed. It does not grow, however slowly he reads."""

import asyncio
from collections import deque

from bot_integration.control.socket_wire import line

#: Events kept for a reader that is busy.
EVENTS = 1_000
#: Answers that may wait to be read before nothing more is taken from their asker.
ANSWERS = 100
#: A reader that takes nothing for so long has gone.
STALLED_S = 30.0


class Outbox:
    """The newest state, what happened meanwhile, and answers; they are written in this order."""

    def __init__(self, stalled_s: float = STALLED_S) -> None:
        self._stalled_s = stalled_s
        self._state: bytes | None = None
        self._events: deque[bytes] = deque(maxlen=EVENTS)
        self._missed = 0
        self._answers: deque[bytes] = deque()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._owes_answers = False
        self._has_left = False

    @property
    def owes_answers(self) -> bool:
        """Whether he has asked and not been given all answers that there are."""
        return self._owes_answers and not self._has_left

    def show(self, state: bytes) -> None:
        """Owe him this state, instead of one that he has not been given yet."""
        self._state = state
        self._fill()

    def tell(self, event: bytes) -> None:
        """Owe him an event. Where he is far behind, the oldest goes, and he is told how many did."""
        self._missed += len(self._events) == EVENTS
        self._events.append(event)
        self._fill()

    def answer(self, answer: bytes) -> None:
        """Owe him an answer, after the state and all that is owed before."""
        self._answers.append(answer)
        self._owes_answers = True
        self._fill()

    async def room(self) -> None:
        """Wait until not too many answers are owed."""
        if len(self._answers) >= ANSWERS:
            await self._emptied.wait()

    async def emptied(self) -> None:
        """Wait until nothing is owed."""
        await self._emptied.wait()

    def let_go(self) -> None:
        """He has left: nothing is owed any more, and whoever waits for that has waited enough."""
        self._has_left = True
        self._emptied.set()

    async def pour(self, writer: asyncio.StreamWriter) -> None:
        """Give him what he is owed, for ever. Raises `TimeoutError` when he takes nothing, `OSError` when he left."""
        # So that `drain` waits until all is taken: what comes meanwhile is owed here, where the newest state wins.
        writer.transport.set_write_buffer_limits(high=0)
        while True:
            await self._filled.wait()
            self._filled.clear()
            for owed in self._take():
                writer.write(owed)
            async with asyncio.timeout(self._stalled_s):
                await writer.drain()
            if not self._filled.is_set():
                self._owes_answers = False
                self._emptied.set()

    def _take(self) -> list[bytes]:
        missed = [line(type="missed", count=self._missed)] if self._missed else []
        states = [] if self._state is None else [self._state]
        taken = [*states, *missed, *self._events, *self._answers]
        self._state, self._missed = None, 0
        self._events.clear()
        self._answers.clear()
        return taken

    def _fill(self) -> None:
        self._filled.set()
        if not self._has_left:
            self._emptied.clear()
