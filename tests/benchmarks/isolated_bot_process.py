"""A bot that publishes, and tells how late its own loop runs: alone, beside a gateway, or behind its control API.

`python -m tests.benchmarks.isolated_bot_process POSITIONS`
"""

import asyncio
import logging
import sys
from contextlib import AsyncExitStack
from typing import Any

from bot_integration import BotController
from bot_integration.control import ControlServer
from tests.benchmarks.facts import facts
from tests.benchmarks.lines import answer_lines
from tests.benchmarks.loop_delay import LoopDelay

PUBLISH_S = 0.1


class Bot:
    """It publishes ten times a second."""

    def __init__(self, positions: int) -> None:
        self._controller = BotController("alpha")
        self._positions = positions
        self._delay = LoopDelay(asyncio.get_running_loop().time)
        self._opened = AsyncExitStack()

    async def trade(self) -> None:
        """Until cancelled."""
        while True:
            # What it costs to make the facts is the bot's own: the positions stay, one of them moves.
            faults = self._controller.publish(facts(self._positions))
            assert not faults, faults
            await asyncio.sleep(PUBLISH_S)

    async def attach(self, settings: str) -> None:
        """Have the gateway beside it."""
        import quarterdeck

        attached = await self._opened.enter_async_context(quarterdeck.attach(self._controller, settings))
        while not attached.is_running:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)

    async def listen(self) -> str:
        """Have its control API; gives its URL."""
        server = await self._opened.enter_async_context(ControlServer(self._controller, listen="127.0.0.1:0"))
        return server.url

    async def start(self) -> None:
        """Begin to measure."""
        self._delay.start()

    async def stop(self) -> Any:
        """The delays in ms since then."""
        return await self._delay.stop()

    async def close(self) -> None:
        """End what runs beside it."""
        await self._opened.aclose()


async def main(positions: int) -> None:
    """Serve until standard input ends."""
    logging.basicConfig(level=logging.WARNING)
    bot = Bot(positions)
    trading = asyncio.create_task(bot.trade())
    await answer_lines(
        {"attach": bot.attach, "listen": bot.listen, "start": bot.start, "stop": bot.stop, "close": bot.close}
    )
    trading.cancel()
    await asyncio.gather(trading, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
