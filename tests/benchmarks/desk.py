"""A desk as people run it: `quarterdeck run` on its embedded database, and its bot behind the control API, here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot_integration import BotController, ClosePosition, Preview, Snapshot
from bot_integration.control import ControlServer
from tests.benchmarks.facts import facts
from tests.benchmarks.platform import DESK, Access, Platform
from tests.benchmarks.platform_process import PEOPLE
from tests.benchmarks.program import Program, running

#: How often the bot publishes anew, so that what it says is never stale.
PUBLISH_S = 1.0
#: So long the desk may take to fetch it.
HEARD_WITHIN_S = 10.0


class Asked(BotController):
    """Notes when it is asked for its facts: whoever asks again has had the last."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._times = 0
        self._again = asyncio.Event()

    def snapshot(self) -> Snapshot | None:
        self._times += 1
        self._again.set()
        return super().snapshot()

    async def heard(self) -> None:
        """Wait until what is published now was fetched, and more is asked for."""
        enough = self._times + 2
        async with asyncio.timeout(HEARD_WITHIN_S):
            while self._times < enough:
                self._again.clear()
                await self._again.wait()


class Trader:
    """A bot that holds as many positions as it is told to, and has a price for closing one."""

    def __init__(self) -> None:
        self.controller = Asked("alpha")
        self.controller.previews(ClosePosition)(self._preview)
        self._positions = 0

    def hold(self, positions: int) -> None:
        """Hold so many from now on."""
        self._positions = positions
        self._publish()

    async def is_heard_to_hold(self, positions: int) -> None:
        """Hold so many, and wait until the desk has heard of it."""
        self.hold(positions)
        await self.controller.heard()

    async def run(self) -> None:
        """Publish again and again, until cancelled."""
        while True:
            self._publish()
            await asyncio.sleep(PUBLISH_S)

    def _publish(self) -> None:
        faults = self.controller.publish(facts(self._positions))
        assert not faults, faults

    async def _preview(self, command: ClosePosition) -> Preview:
        return Preview(command=command.name, at=datetime.now(UTC))


@asynccontextmanager
async def trader(folder: Path) -> AsyncIterator[tuple[Trader, str]]:
    """A bot that publishes, and the URL of its control API."""
    bot = Trader()
    async with ControlServer(bot.controller, listen=f"unix:{folder / 'alpha.sock'}") as server:
        publishing = asyncio.create_task(bot.run())
        try:
            yield bot, server.url
        finally:
            publishing.cancel()
            with suppress(asyncio.CancelledError):
                await publishing


def settings_file(folder: Path, access: Access, bot_url: str | None) -> Path:
    """The settings of a desk with this bot, or where it is attached none, on this platform."""
    people = (
        f'[[people]]\nname = "p{number}"\nrole = "admin"\ntelegram = {number}\n' for number in range(1, PEOPLE + 1)
    )
    file = folder / "quarterdeck.toml"
    file.write_text(
        "\n".join(
            (
                f'[desk]\ndata_dir = "{folder / "data"}"',
                '[http]\nlisten = "127.0.0.1:0"',
                f'[telegram]\ntoken = "{access.token}"\nbase_url = "{access.base_url}"',
                "" if bot_url is None else f'[[bots]]\nname = "alpha"\nurl = "{bot_url}"',
                *people,
            )
        )
    )
    return file


@asynccontextmanager
async def desk(platform: Platform, folder: Path, bot_url: str) -> AsyncIterator[tuple[Program, float]]:
    """The gateway in a process of its own, ready to answer; and the seconds from its start to its first poll."""
    file = settings_file(folder, platform.access(DESK), bot_url)
    async with running(folder / "desk.log", "chatops", ("run", "-c", str(file))) as program:
        polled_at = await platform.polled(DESK, program.started_at)
        yield program, polled_at - program.started_at
