"""A real crash in a chat: every message that a room and three people read in it is in a file to be read."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

from alerts.oncall import Rotation
from chatops.adapters.memory import Shown
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.messages import Posting
from chatops.room import Room
from chatops.storage.database import Database
from tests.alerts.crash import Crash
from tests.flows.conftest import ADA, BOB, Clock, Trader, World, near_alone, world_of
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.ways import MemoryChat, Way
from tests.transcripts import differs

pytestmark = near_alone

TRANSCRIPT = Path(__file__).parents[1] / "alerts" / "transcripts" / "eth_crash_in_chat.txt"
TITLE = """\
What a room and two people read in the crash of ETH on 17 and 18 August 2023 on a 3.5x borrowed leg on Bybit, two days
of the market in 48 minutes of ours: every new message, with its buttons. Cards are edited meanwhile, without a sound;
how each looks in the end stands below. 1 is ada, who is on call and an admin; 2 is bob, who is next and an operator.
"""
#: Shortly before it begins; until then snapshots are farther between.
CALM_S, CALM_STEP_S, STEP_S, ENDS_S = 19 * 60, 10, 4, 43 * 60 + 30
ADA_HAS_IT, BOB_HAS_IT, BOB_CLOSES, BOB_CONFIRMS = 26 * 60, 31 * 60 + 20, 43 * 60, 43 * 60 + 4
_ON_ITS_WAY = """
SELECT EXISTS (
    SELECT FROM deliveries WHERE state = 'sending' OR (state = 'pending' AND NOT in_place AND not_before <= $1))
"""


class Recorder(MemoryChat):
    """The memory platform, and when which message came."""

    def __init__(self, clock: Clock, way: Way) -> None:
        super().__init__(clock, way)
        self.came: list[tuple[datetime, Shown]] = []

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        message_id = await super().send(room, posting, reply_to=reply_to, plain=plain)
        self.came.append((self._now(), self.shown[-1]))
        return message_id


class Replay:
    """A desk that watches the crash, and its people."""

    def __init__(self, database: Database, clock: Clock, trader: Trader) -> None:
        self.began_at = clock()
        self.crash = Crash("carry", clock)
        self.chat = Recorder(clock, trader.way)
        rotation = Rotation(("ada", "bob"), clock().date(), clock().weekday(), clock().time(), ZoneInfo("UTC"))
        alerts = AlertTerms(places=(Place("ops", self.chat.room),), rotation=rotation)
        self.world: World = world_of(database, clock, trader, self.chat, bot=self.crash.bot, alerts=alerts)
        self.chat.connect(self.world.desk.gateway.receive)

    async def run(self) -> None:
        """The whole of it; people act at their moments."""
        desk = self.world.desk
        await desk.alerting.load()
        async with desk.outbox.open():
            await desk.alerting.watch.begin()
            try:
                while self.elapsed_s < ENDS_S:
                    await self._look()
                    await self._people_act()
                    step_s = CALM_STEP_S if self.elapsed_s < CALM_S else STEP_S
                    self.world.clock.pass_by(seconds=step_s)
                    self.crash.tick(step_s)
            finally:
                desk.alerting.watch.close()

    @property
    def elapsed_s(self) -> int:
        return int((self.world.clock() - self.began_at).total_seconds())

    @property
    def text(self) -> str:
        """As a person reads it."""
        # What comes to several rooms at one moment has no order among them.
        came = sorted(self.chat.came, key=lambda one: (one[0], one[1].room.id))
        lines = [TITLE, *(_told(f"{at:%H:%M:%S}", shown) for at, shown in came), "In the end\n"]
        in_the_end = sorted(self.chat.shown, key=lambda one: (one.room.id, int(one.id)))
        lines += [_told("", one) for one in in_the_end if one.earlier]
        return "\n".join(lines)

    async def _look(self) -> None:
        snapshot = self.crash.bot.snapshot()
        assert snapshot is not None
        watch = self.world.desk.alerting.watch
        await watch.hear("carry", snapshot)
        await watch.tick()
        await self._quiet()

    async def _people_act(self) -> None:
        """Ada takes the warning in hand, bob the emergency, and he closes the position in the end."""
        acts: dict[int, Callable[[], Awaitable[None]]] = {
            ADA_HAS_IT: lambda: self.chat.press(ADA, "Ack", self._newest("WARNING")),
            BOB_HAS_IT: lambda: self.chat.say(BOB, "/ack 1"),
            BOB_CLOSES: lambda: self.chat.say(BOB, "/close ETH-1"),
            BOB_CONFIRMS: lambda: self.chat.press(BOB, "Confirm", self._newest("Close ETH-1?")),
        }
        if (act := acts.get(self.elapsed_s)) is not None:
            await act()
        await self._quiet()

    def _newest(self, words: str) -> Shown:
        return next(one for one in reversed(self.chat.in_room(self.chat.room)) if words in one.text)

    async def _quiet(self) -> None:
        """Wait until all that is new has come; edits have a pace of their own."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.world.database.fetchval(_ON_ITS_WAY, self.world.clock()):  # noqa: ASYNC110 - rows say nothing
                await asyncio.sleep(0.002)


def _told(when: str, shown: Shown) -> str:
    buttons = f"\n[{'] ['.join(shown.labels)}]" if shown.labels else ""
    return f"{when}  to {shown.room.id}\n\n{indent(shown.text + buttons, '    ')}\n".lstrip()


async def test_the_crash_of_august_2023_is_read_as_it_stands_in_the_file(
    database: Database, clock: Clock, trader: Trader
) -> None:
    replay = Replay(database, clock, trader)
    await replay.run()
    assert not (difference := differs(TRANSCRIPT, replay.text)), difference
