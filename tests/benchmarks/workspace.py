"""Slack as the benchmarks see it: in another process than the apps."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.lines import Child
from tests.benchmarks.program import Program, running

DESK, BARE = "desk", "bare"
#: Where a manifest of ours has Slack call.
PATH = "/slack/events"


@dataclass(frozen=True, slots=True)
class AppAccess:
    """What an app is given, and the member ids of who is there."""

    base_url: str
    bot_token: str
    app_token: str
    signing_secret: str
    people: Sequence[str] = field(repr=False)


class Workspace:
    """Writes commands, clicks, and tells when apps answered; times in milliseconds, to the acknowledgement first."""

    def __init__(self, child: Child, accesses: dict[str, AppAccess]) -> None:
        self._child = child
        self._accesses = accesses

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["Workspace"]:
        """Have it running until the block ends."""
        async with Child.running("tests.benchmarks.workspace_process") as child:
            apps = await child.ask("apps")
            workspace = cls(child, {name: AppAccess(**access) for name, access in apps.items()})
            yield workspace
            violations = await child.ask("violations")
            assert not violations, violations

    def access(self, app: str) -> AppAccess:
        """What the app of this name is given."""
        return self._accesses[app]

    async def connected(self, app: str, port: int | None = None) -> float:
        """Wait until an app can be told something: it holds a socket, or listens on `port`. Gives the moment."""
        if port is not None:
            await self._child.ask("deliver_to", app=app, url=f"http://127.0.0.1:{port}{PATH}")
            return 0.0
        return float(await self._child.ask("connected", app=app))

    async def turn(self) -> int:
        """The next person, by number."""
        return int(await self._child.ask("turn"))

    async def slash(self, app: str, person: int, line: str, says: str) -> tuple[float, float]:
        """Somebody writes a command; until the answer that says so was at Slack."""
        acked, answered = await self._child.ask("slash", app=app, person=person, line=line, says=says)
        return acked, answered

    async def click(self, app: str, person: int, label: str, says: str) -> tuple[float, float]:
        """They click on the newest message that has this button; until the card says so."""
        acked, changed = await self._child.ask("click", app=app, person=person, label=label, says=says)
        return acked, changed

    @asynccontextmanager
    async def bare(self, folder: Path, port: int | None) -> AsyncIterator[Program]:
        """The bare app that the desk is held against: by a socket, or where a port is given by HTTP."""
        access = self.access(BARE)
        way = (access.app_token,) if port is None else (access.signing_secret, str(port))
        arguments = (access.base_url, access.bot_token, *way)
        async with running(folder / "bare.log", "tests.benchmarks.bare_slack_process", arguments) as program:
            await self.connected(BARE, port)
            yield program
