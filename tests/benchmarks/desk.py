"""A desk as people run it: `quarterdeck run` on its embedded database, and its bot behind the control API, here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot_integration import BotController, ClosePosition, Preview, SnapshotTaken
from bot_integration.control import ControlServer, RemoteBot
from tests.benchmarks.facts import facts
from tests.benchmarks.platform import DESK, Access, Platform
from tests.benchmarks.platform_process import PEOPLE
from tests.benchmarks.program import Program, running
from tests.benchmarks.workspace import DESK as SLACK_DESK
from tests.benchmarks.workspace import AppAccess, Workspace

#: How often the bot publishes anew, so that what it says is never stale.
PUBLISH_S = 1.0
#: So long it may take to be heard.
HEARD_WITHIN_S = 10.0


class Trader:
    """A bot that holds as many positions as it is told to, and has a price for closing one."""

    def __init__(self, controller: BotController, reader: RemoteBot) -> None:
        self._controller = controller
        self._controller.previews(ClosePosition)(self._preview)
        #: Reads the same stream as the desk, which is told no later than it.
        self._reader = reader
        self._positions = 0

    def hold(self, positions: int) -> None:
        """Hold so many from now on."""
        self._positions = positions
        self._publish()

    async def is_heard_to_hold(self, positions: int) -> None:
        """Hold so many, and wait until whoever reads the stream has heard of it, and of something after it."""
        times = 0
        async with asyncio.timeout(HEARD_WITHIN_S), self._reader.follow() as events:
            self.hold(positions)
            async for event in events:
                times += isinstance(event, SnapshotTaken) and len(event.snapshot.positions) == positions
                if times == 2:
                    return

    async def run(self) -> None:
        """Publish again and again, until cancelled."""
        while True:
            self._publish()
            await asyncio.sleep(PUBLISH_S)

    def _publish(self) -> None:
        faults = self._controller.publish(facts(self._positions))
        assert not faults, faults

    async def _preview(self, command: ClosePosition) -> Preview:
        return Preview(command=command.name, at=datetime.now(UTC))


@asynccontextmanager
async def trader(folder: Path) -> AsyncIterator[tuple[Trader, str]]:
    """A bot that publishes, and the URL of its control API."""
    controller = BotController("alpha")
    async with (
        ControlServer(controller, listen=f"unix:{folder / 'alpha.sock'}") as server,
        RemoteBot("alpha", server.url) as reader,
    ):
        bot = Trader(controller, reader)
        publishing = asyncio.create_task(bot.run())
        try:
            yield bot, server.url
        finally:
            publishing.cancel()
            with suppress(asyncio.CancelledError):
                await publishing


def settings_file(
    folder: Path,
    access: Access | None,
    bot_url: str | None,
    slack: AppAccess | None = None,
    *,
    slack_port: int | None = None,
) -> Path:
    """The settings of a desk with this bot, or where it is attached none, on these platforms.

    On Slack by Socket Mode, or where a port is given by HTTP.
    """
    accounts = [""] * PEOPLE if slack is None else [f'slack = "{member}"\n' for member in slack.people]
    people = (
        f'[[people]]\nname = "p{number}"\nrole = "admin"\n{account}' + (f"telegram = {number}\n" if access else "")
        for number, account in enumerate(accounts, start=1)
    )
    file = folder / "quarterdeck.toml"
    file.write_text(
        "\n".join(
            (
                f'[desk]\ndata_dir = "{folder / "data"}"',
                '[http]\nlisten = "127.0.0.1:0"',
                "" if access is None else f'[telegram]\ntoken = "{access.token}"\nbase_url = "{access.base_url}"',
                "" if slack is None else _slack(slack, slack_port),
                "" if bot_url is None else f'[[bots]]\nname = "alpha"\nurl = "{bot_url}"',
                *people,
            )
        )
    )
    return file


@asynccontextmanager
async def desk(
    platform: Platform, folder: Path, bot_url: str, workspace: Workspace | None = None
) -> AsyncIterator[tuple[Program, float]]:
    """The gateway in a process of its own, ready to answer; and the seconds from its start to its first poll.

    With a workspace it is on Slack too, and ready once its socket is open as well.
    """
    slack = None if workspace is None else workspace.access(SLACK_DESK)
    file = settings_file(folder, platform.access(DESK), bot_url, slack)
    async with running(folder / "desk.log", "chatops", ("run", "-c", str(file))) as program:
        ready_at = await platform.polled(DESK, program.started_at)
        if workspace is not None:
            ready_at = max(ready_at, await workspace.connected(SLACK_DESK))
        yield program, ready_at - program.started_at


@asynccontextmanager
async def slack_desk(workspace: Workspace, folder: Path, bot_url: str, port: int | None) -> AsyncIterator[Program]:
    """The gateway on Slack alone, ready to answer: by Socket Mode, or by HTTP on a port."""
    file = settings_file(folder, None, bot_url, workspace.access(SLACK_DESK), slack_port=port)
    async with running(folder / "desk.log", "chatops", ("run", "-c", str(file))) as program:
        await workspace.connected(SLACK_DESK, port)
        yield program


def _slack(access: AppAccess, port: int | None) -> str:
    way = f'app_token = "{access.app_token}"'
    if port is not None:
        way = f'signing_secret = "{access.signing_secret}"\nlisten = "127.0.0.1:{port}"'
    return f'[slack]\nbot_token = "{access.bot_token}"\nbase_url = "{access.base_url}"\n{way}'
