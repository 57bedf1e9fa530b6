"""A bot that says hardly anything, and takes two words: it is watched and commanded like the others."""

from bot_integration.control import RemoteBot
from bot_integration.control.socket_line import SocketLine
from chatops.adapters.memory import MemoryAdapter
from chatops.storage.database import Database
from tests.bot_integration.control.plain_server import PlainServer, state
from tests.bot_integration.control.socket_caller import Message
from tests.flows.conftest import ADA, Clock, Trader, near_alone, on_memory, world_of

pytestmark = [on_memory, near_alone]


class Grid(PlainServer):
    def __init__(self) -> None:
        super().__init__(answer=self._take)
        self.size = 2
        self.killed = False

    def facts(self) -> Message:
        return state(
            session={"strategy": "grid", "mode": "live", "pause": {"kill_switch": self.killed}},
            parameters=[{"key": "size", "value": self.size, "type": "int", "hot": True}],
        )

    def _take(self, asked: Message) -> list[Message]:
        if asked["type"] == "kill_switch":
            self.killed = asked["activate"]
            return [self.facts(), {"type": "kill_switch_ack", "active": self.killed, "ok": True, "error": None}]
        old, self.size = self.size, asked["value"]
        ack = {"type": "update_config_ack", "key": "size", "old": old, "new": self.size, "ok": True, "error": None}
        return [self.facts(), ack]


async def test_a_plain_bot_is_shown_set_and_killed_and_says_what_it_cannot(
    database: Database, clock: Clock, trader: Trader, chat: MemoryAdapter
) -> None:
    async with Grid() as grid:
        grid.greeting = (grid.facts(),)
        line = SocketLine("grid", grid.url, None, now=clock)
        async with RemoteBot("grid", grid.url, line=line, now=clock) as bot:
            world = world_of(database, clock, trader, chat, bot=bot)
            chat.connect(world.desk.gateway.receive)
            await world.until(lambda: bot.snapshot() is not None)
            texts = []
            for said in ("/status", "/positions", "/events", "/config", "/breakers"):
                await chat.say(ADA, said)
                texts.append(chat.last.text)
            await chat.say(ADA, "/set size 3")
            await chat.press(ADA, "Confirm")
            await chat.say(ADA, "/kill on")
            await chat.press(ADA, "Confirm")
            shown = [one.text for one in chat.shown]
    assert (grid.size, grid.killed) == (3, True)
    assert texts[0].startswith("grid is well\n\ngrid · live · idle · ok (0 s old)")
    assert texts[1:3] == ["No open positions.", "Nothing has happened yet."]
    assert "other      1   1" in texts[3]
    assert shown[-2:] == ["✓ size is 3 now, it was 2.\n\ngrid says: size is 3.", "✓ The kill switch is on."]
