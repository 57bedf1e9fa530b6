"""Telegram in a process of its own, for some bots: the desk and an echo, one whose limits it holds, and others' own.

People write, and it tells when answers came.

The server is the strict one of the tests. What it does itself counts for both bots alike; measured with a client that
does next to nothing it is about a fifth of an echo's time.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from time import monotonic
from typing import Any

from tests.benchmarks.lines import answer_lines
from tests.servers.telegram import Call, Chat, NotSeen, Person, Status, TelegramServer

#: They take turns, so that no chat is written to more often than a platform lets us.
PEOPLE = 40
#: They never write.
READERS = range(PEOPLE + 1, PEOPLE + 101)
#: A group that nobody writes in.
GROUP = -100
#: What Alertmanager gives that the Bot API names no more, and takes without a word.
_OF_OLD = ("disable_web_page_preview",)
#: How an answer comes, and where its words stand.
_SHOWN = {"sendMessage": "text", "sendPhoto": "caption"}
#: An answer that takes longer has been lost.
PATIENCE_S = 30.0
#: What an answered ask leaves to be done, such as noting that it was delivered, is done by then.
SETTLED_S = 0.005


class Platform:
    """Some bots' Telegram."""

    def __init__(self, servers: dict[str, TelegramServer]) -> None:
        self._servers = servers
        self._turn = 0
        #: By bot, how many of its calls have been looked at by `shown`.
        self._seen: dict[str, int] = {}
        for server in servers.values():
            for number in range(1, READERS.stop):
                server.private(server.person(number, f"P{number}"))
            server.group(GROUP)

    async def bots(self) -> dict[str, tuple[str, str]]:
        """The base URL and the token of each."""
        return {name: (server.base_url, server.token) for name, server in self._servers.items()}

    async def polled(self, bot: str, since: float) -> float:
        """The monotonic moment of the first poll of a bot that began after `since`."""
        server = self._servers[bot]

        def first() -> float | None:
            return next((call.at for call in server.calls_of("getUpdates") if call.at > since), None)

        return await server.wait_for(first, timeout_s=PATIENCE_S) or 0.0

    async def ask(self, bot: str, asks: list[tuple[str, str]], apart_s: float = 0) -> list[float]:
        """Have one person write texts one behind the other, each with what its answer says.

        Gives for each the milliseconds from when it could be fetched to when its answer came.
        """
        server = self._servers[bot]
        await server.wait_for(lambda: server.updates.is_polled, timeout_s=PATIENCE_S)
        await asyncio.sleep(SETTLED_S)
        person, chat = self._next(server)
        before = len(server.calls)
        asked = []
        for text, _ in asks:
            asked.append(monotonic())
            await chat.say(person, text)
            if apart_s:
                await asyncio.sleep(apart_s)

        def answers() -> list[Call] | None:
            shown = [call for call in server.calls[before:] if call.method in _SHOWN]
            found = [
                next((call for call in shown if says in call.parameters[_SHOWN[call.method]]), None) for _, says in asks
            ]
            came = [call for call in found if call is not None]
            return came if len(came) == len(asks) else None

        came = await server.wait_for(answers, timeout_s=PATIENCE_S) or []
        return [(call.at - at) * 1_000 for call, at in zip(came, asked, strict=True)]

    async def keep_asking(self, bot: str, texts: list[str], a_second: float, seconds: float) -> int:
        """Have people write these in turn, at a steady pace; gives how many answers came."""
        server = self._servers[bot]
        before = len(server.calls_of("sendMessage"))
        due = monotonic()
        for number in range(int(a_second * seconds)):
            due += 1 / a_second
            await asyncio.sleep(max(0.0, due - monotonic()))
            if not texts:
                continue
            person, chat = self._next(server)
            await chat.say(person, texts[number % len(texts)])
        return len(server.calls_of("sendMessage")) - before

    async def told(self, bot: str) -> dict[str, Any]:
        """How many messages a bot has sent so far, and what it should never have sent."""
        server = self._servers[bot]
        return {
            "messages": len(server.calls_of("sendMessage")),
            "violations": [f"{one.method}: {one.reason}" for one in server.violations],
        }

    async def taken(self, bot: str, names: list[str]) -> list[float]:
        """The monotonic moments at which messages came to be accepted whose texts begin with these names."""
        server = self._servers[bot]
        wanted = set(names)

        def moments() -> dict[str, float] | None:
            calls = ((call.parameters["text"].partition(":")[0], call) for call in server.calls_of("sendMessage"))
            found = {name: call.at for name, call in calls if name in wanted and call.status == 200}
            return found if len(found) == len(wanted) else None

        found = await server.wait_for(moments, timeout_s=PATIENCE_S) or {}
        return [found[name] for name in names]

    async def shown(self, bot: str, words: list[str], patience_s: float = PATIENCE_S) -> list[float | None]:
        """The monotonic moments of the first messages to be accepted that have these words; None where none came."""
        server = self._servers[bot]
        wanted, found = set(words), dict[str, float]()

        def look() -> bool:
            # What was looked at before has been asked for: to look again would hold up what comes.
            calls, at = server.calls, self._seen.get(bot, 0)
            while at < len(calls) and not (calls[at].method == "sendMessage" and calls[at].status is None):
                if calls[at].method == "sendMessage" and calls[at].status == 200:
                    for word in wanted.intersection(calls[at].parameters["text"].split()):
                        found.setdefault(word, calls[at].at)
                at += 1
            self._seen[bot] = at
            return len(found) == len(wanted)

        with suppress(NotSeen):
            await server.wait_for(look, timeout_s=patience_s)
        return [found.get(word) for word in words]

    async def named(self, bot: str, words: list[str]) -> int:
        """How many of these words any message that was accepted has, or its file."""
        said = set[str]()
        for chat in self._servers[bot].chats:
            for one in chat.from_bot:
                said.update(one.text.split())
                if one.document is not None:
                    said.update(one.document.content.decode().split())
        return len(said.intersection(words))

    async def is_away(self, bot: str, is_away: bool) -> None:
        """Nothing gets through to it from now on, or everything does again."""
        server = self._servers[bot]
        server.fail(Status(502), times=None) if is_away else server.heal()

    async def answered(self, bot: str) -> dict[str, int]:
        """How many messages were answered with each status."""
        return Counter(str(call.status) for call in self._servers[bot].calls_of("sendMessage"))

    def _next(self, server: TelegramServer) -> tuple[Person, Chat]:
        """Whose turn it is, and where they write."""
        self._turn = self._turn % PEOPLE + 1
        person = server.person(self._turn, f"P{self._turn}")
        return person, server.private(person)


async def main() -> None:
    """Serve until standard input ends."""
    async with (
        TelegramServer("1001:benchmark-desk") as desk,
        TelegramServer("1002:benchmark-echo") as echo,
        TelegramServer("1003:benchmark-limited", rate_limits=True) as limited,
        TelegramServer("1004:benchmark-other", swallows=_OF_OLD) as other,
        TelegramServer("1005:benchmark-limited-other", rate_limits=True, swallows=_OF_OLD) as limited_other,
    ):
        servers = {"desk": desk, "echo": echo, "limited": limited, "other": other, "limited other": limited_other}
        platform = Platform(servers)
        await answer_lines(
            {
                "bots": platform.bots,
                "polled": platform.polled,
                "ask": platform.ask,
                "keep_asking": platform.keep_asking,
                "told": platform.told,
                "taken": platform.taken,
                "shown": platform.shown,
                "named": platform.named,
                "is_away": platform.is_away,
                "answered": platform.answered,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
