"""A bot in the test's own process, whose legs get into trouble, and a desk in another one that tells rooms of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from bot_integration import BotController, Leg, Mode, Portfolio, Position, PositionStage, Session, Side, Stage
from bot_integration.control import ControlServer
from chatops.storage.database import Database
from tests.faults.desk import BOT, DeskFiles
from tests.servers.telegram import Chat

EMERGENCY, LOW, WELL = 0.08, 0.148, 0.4
#: Between two snapshots, so that none is ever stale.
EVERY_S = 0.5
_ROOM = """
[[rooms]]
name = "{name}"
platform = "telegram"
id = "{id}"
receives = ["alerts"]
"""
_NUMBER = re.compile(r"#(\d+)")
_SUBJECT = re.compile(r"P\d+/bybit")
_REPEAT = "Possible repeat"


@dataclass
class Falling:
    """The bot, and the chats that are told."""

    desk: DeskFiles
    chats: tuple[Chat, ...]
    health: dict[str, float] = field(default_factory=dict)
    controller: BotController = field(default_factory=lambda: BotController(BOT))

    def fall(self, *positions: str, to: float = LOW) -> None:
        """The health factors of their legs are this from now on."""
        self.health |= dict.fromkeys(positions, to)
        self.publish()

    def publish(self) -> None:
        now = datetime.now(UTC)
        session = Session(strategy="carry", mode=Mode.PAPER, started_at=now, stage=Stage.MONITORING)
        positions = [_position(name, factor, now) for name, factor in self.health.items()]
        facts = {"session": session, "positions": positions, "portfolio": Portfolio(equity=Decimal(1000))}
        assert not self.controller.publish(facts)

    async def keep_saying(self) -> None:
        """How things are, again and again, until cancelled."""
        while True:
            self.publish()
            await asyncio.sleep(EVERY_S)

    def told(self, chat: Chat) -> list[tuple[int, bool]]:
        """Of each message that is shown there the number of its alert, and whether it is marked as a repeat."""
        texts = [one.text for one in chat.from_bot]
        return [(int(number), _REPEAT in text) for text in texts for number in _NUMBER.findall(text)[:1]]


def subjects(chat: Chat) -> set[str]:
    """What is named in its messages and in the files that go with them."""
    texts = [one.text for one in chat.from_bot]
    texts += [one.document.content.decode() for one in chat.from_bot if one.document is not None]
    return set(_SUBJECT.findall("\n".join(texts)))


@asynccontextmanager
async def falling(
    desk: DeskFiles, chats: Mapping[str, Chat], *positions: str, more: str = ""
) -> AsyncIterator[Falling]:
    """The bot says how it is, and the settings name it and the rooms; no desk runs yet."""
    socket = desk.folder / "bot.sock"
    rooms = "".join(_ROOM.format(name=name, id=chat.id) for name, chat in chats.items())
    desk.write(f"unix://{socket}", more=more + rooms)
    bot = Falling(desk, tuple(chats.values()), dict.fromkeys(positions, WELL))
    async with ControlServer(bot.controller, listen=f"unix:{socket}"):
        saying = asyncio.create_task(bot.keep_saying())
        try:
            yield bot
        finally:
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)


async def alerts_of(database: Database) -> list[tuple[int, str]]:
    """The number and the subject of every alert there ever was."""
    rows = await database.fetch("SELECT number, subject FROM alerts ORDER BY number")
    return [(row["number"], row["subject"]) for row in rows]


def _position(name: str, health: float, now: datetime) -> Position:
    leg = Leg(
        venue="bybit",
        instrument="SOL spot",
        side=Side.LONG,
        size=Decimal(2),
        mark_price=Decimal(100),
        notional=Decimal(200),
        leverage=3.0,
        health_factor=health,
    )
    return Position(id=name, asset="SOL", stage=PositionStage.OPEN, opened_at=now, updated_at=now, legs=(leg,))
