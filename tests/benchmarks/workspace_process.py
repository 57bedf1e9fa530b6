"""Slack in a process of its own, for two apps: the desk, and a bare one of slack_bolt.

People write commands and click, and it tells when answers came. The server is the strict one of the tests; what it does
itself counts for both apps alike.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from aiohttp import ClientError

from tests.benchmarks.lines import answer_lines
from tests.servers.slack import Call, Delivery, Person, SlackServer

#: They take turns, so that no conversation is written to more often than Slack lets us.
PEOPLE = 40
PATIENCE_S = 30.0
#: What an answered ask leaves to be done, such as noting that it was delivered, is done by then.
SETTLED_S = 0.005
#: How often it is looked whether an app listens.
LOOK_S = 0.05


class Workspace:
    """Each app's own Slack."""

    def __init__(self, servers: Mapping[str, SlackServer]) -> None:
        self._servers = servers
        self._turn = 0
        self._people = {name: [server.person(f"P{n}") for n in range(PEOPLE)] for name, server in servers.items()}

    async def apps(self) -> dict[str, dict[str, Any]]:
        """What each app is given, and who is there."""
        return {
            name: {
                "base_url": server.base_url,
                "bot_token": server.bot_token,
                "app_token": server.app_token,
                "signing_secret": server.signing_secret,
                "people": [person.id for person in self._people[name]],
            }
            for name, server in self._servers.items()
        }

    async def connected(self, app: str) -> float:
        """Wait until it holds a socket; gives the monotonic moment."""
        await self._servers[app].wait_for(lambda: self._servers[app].sockets.open, timeout_s=PATIENCE_S)
        return monotonic()

    async def deliver_to(self, app: str, url: str) -> None:
        """From now on Slack calls the app there, as soon as it listens."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(ClientError, ValueError):
                    await self._servers[app].deliver_to(url)
                    return
                await asyncio.sleep(LOOK_S)

    async def turn(self) -> int:
        """Whose turn it is now."""
        self._turn = (self._turn + 1) % PEOPLE
        return self._turn

    async def slash(self, app: str, person: int, line: str, says: str) -> tuple[float, float]:
        """Somebody writes a command by themselves.

        Gives the milliseconds until the app acknowledged it, and until its message that says so was at Slack.
        """
        who = self._people[app][person]
        return await self._timed(app, lambda: who.slash(who.direct, line), "chat.postMessage", says)

    async def click(self, app: str, person: int, label: str, says: str) -> tuple[float, float]:
        """They click on the newest message; gives the milliseconds until the card changed to what says so."""
        who = self._people[app][person]
        post = _newest_with(who, label)
        return await self._timed(app, lambda: who.click(who.direct, post, label), "chat.update", says)

    async def violations(self) -> list[str]:
        """What an app should never have sent."""
        return [f"{one.method}: {one.reason}" for server in self._servers.values() for one in server.violations]

    async def _timed(
        self, app: str, act: Callable[[], Awaitable[Delivery]], method: str, says: str
    ) -> tuple[float, float]:
        server = self._servers[app]
        await asyncio.sleep(SETTLED_S)
        before = len(server.calls)
        asked = monotonic()
        delivery = await act()
        acked = monotonic()
        assert delivery.is_acked, delivery.trouble

        def answer() -> Call | None:
            calls = (call for call in server.calls[before:] if call.method == method)
            return next((call for call in calls if says in str(call.arguments)), None)

        call = await server.wait_for(answer, timeout_s=PATIENCE_S)
        assert call is not None
        return (acked - asked) * 1_000, (call.at - asked) * 1_000


def _newest_with(person: Person, label: str) -> Any:
    return next(post for post in reversed(person.direct.from_app) if label in post.labels)


async def main() -> None:
    """Serve until standard input ends."""
    async with SlackServer() as desk, SlackServer() as bare:
        workspace = Workspace({"desk": desk, "bare": bare})
        await answer_lines(
            {
                "apps": workspace.apps,
                "connected": workspace.connected,
                "deliver_to": workspace.deliver_to,
                "turn": workspace.turn,
                "slash": workspace.slash,
                "click": workspace.click,
                "violations": workspace.violations,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
