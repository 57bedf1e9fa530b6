"""A bot as plain lines, where nobody looks at a terminal: the essential now and then, and each event as it comes."""

import asyncio
from collections.abc import Awaitable, Callable

from bot_integration import SnapshotTaken
from chatops.tasks import running
from chatops.watch.header import summary
from chatops.watch.scene import Scene

#: So long one that is asked once may take to answer.
ANSWERS_WITHIN_S = 5.0


class Lines:
    """Writes through `write`, a line a call. `as_json` writes whole snapshots instead, and no events."""

    def __init__(self, scene: Scene, write: Callable[[str], object], *, as_json: bool = False) -> None:
        self._scene = scene
        self._write = write
        self._as_json = as_json

    async def once(self, within_s: float = ANSWERS_WITHIN_S) -> bool:
        """The essential as soon as it is known; whether it is."""
        try:
            async with asyncio.timeout(within_s), self._scene.bot.follow() as told:
                self._scene.look()
                while self._scene.snapshot is None and self._scene.away is None:
                    await anext(told)
                    self._scene.look()
        except TimeoutError:
            self._scene.look()
        self._say()
        return self._scene.snapshot is not None and self._scene.away is None

    async def run(self, every_s: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        async with self._scene.bot.follow() as told, running(self._periodically(every_s, sleep), "plain lines"):
            async for event in told:
                self._scene.hear(event)
                if isinstance(event, SnapshotTaken):
                    self._scene.look()
                for one in self._scene.news():
                    if not self._as_json:
                        self._write(f"{one.at:%H:%M:%S} {one.mark} {one.text}")

    async def _periodically(self, every_s: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        while True:
            self._scene.look()
            self._say()
            await sleep(every_s)

    def _say(self) -> None:
        scene = self._scene
        if not self._as_json:
            self._write(f"{scene.now:%H:%M:%S} {summary(scene.bot.name, scene.snapshot, scene.away, scene.now)}")
        elif scene.snapshot is not None:
            self._write(scene.snapshot.model_dump_json())
