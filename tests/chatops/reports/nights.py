"""A desk that tells reports, on a clock that a test moves, over the real database."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot_integration import BotController
from chatops.adapters.memory import MemoryAdapter
from chatops.alerting.building import AlertTerms
from chatops.charts.studio import Studio
from chatops.desk import build_desk
from chatops.fleet import Fleet
from chatops.habits import Habit
from chatops.history.rows import Batch, Head
from chatops.money.facts import Booking, Origin, Sample, Trade
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.people import Directory
from chatops.report_kinds import Choice, ReportKind, ReportTerms
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.chatops.notices.looks import look, sol
from tests.flows.conftest import Clock, people
from tests.folders import new_folder

OPS, DESK = Room("memory", "ops"), Room("memory", "desk")
ZONES = {OPS: "Europe/Berlin", DESK: "America/New_York"}
DAILY = {ReportKind.DAILY: Choice(is_on=True)}
#: Longer than any machine takes under load: only what never comes takes so long.
PATIENCE_S = 60.0
_FIRST = datetime(2026, 3, 20, tzinfo=UTC)


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    """That moment there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


class Nights:
    """A desk, two rooms, a bot; `again` stops it and starts another on the same database."""

    def __init__(
        self,
        database: Database,
        rooms: Mapping[Room, Mapping[ReportKind, Choice]] | None = None,
        directory: Directory | None = None,
        studio: Studio | None = None,
        alerts: AlertTerms | None = None,
    ) -> None:
        self.studio = studio
        self.alerts = alerts
        self.database = database
        self.clock = Clock()
        self.chat = MemoryAdapter(self.clock)
        self.bot = BotController("alpha", now=self.clock)
        self.bot.publish(look(sol()))
        self.other = BotController("beta", now=self.clock)
        self.directory = directory or people()
        self.rooms = rooms if rooms is not None else {OPS: DAILY}
        self.folder = new_folder()
        self.desk = self.another()

    def another(self) -> Desk:
        """One more gateway on the same database."""
        desk = build_desk(
            name="main",
            version="1.2.3",
            database=self.database,
            fleet=Fleet([self.bot, self.other]),
            directory=self.directory,
            adapters=[self.chat],
            now=self.clock,
            patience=Patience(),
            monotonic=lambda: self.clock().timestamp(),
            sleep=self.clock.wait,
            spool=self.folder / "spool",
            zone_of=lambda room: ZoneInfo(ZONES.get(room, "UTC")),
            reports=ReportTerms(self.rooms),
            notices={room: {} for room in self.rooms},
            studio=self.studio,
            alerts=self.alerts,
        )
        self.chat.connect(desk.gateway.receive)
        return desk

    async def again(self) -> None:
        """Stop, and start on the same database."""
        self.desk = self.another()
        await self.desk.preferences.load()
        await self.desk.personal.load()

    def habit_of(self, person: str, room: Room) -> Habit:
        """How somebody reads there."""
        return self.desk.habits.of(person, room)

    async def away_until(self, text: str) -> None:
        """Stop now, and start at that moment in Berlin."""
        self.clock.pass_by(seconds=(at(text) - self.clock()).total_seconds())
        await self.again()
        await self.desk.reports.look()

    async def at(self, text: str, zone: str = "Europe/Berlin") -> None:
        """Let it be that moment there, once all is gathered, and look what is due."""
        await self.look(at(text, zone) + timedelta(seconds=10))

    async def look(self, moment: datetime) -> None:
        """Let it be this moment, and look what is due."""
        self.clock.pass_by(seconds=(moment - self.clock()).total_seconds())
        await self.desk.reports.look()

    async def told(self, room: Room = OPS) -> list[str]:
        """The first line of the text of each report that is owed there, in order."""
        return [row["payload"]["blocks"][0]["text"] for row in await self._owed(room)]

    async def titles(self, room: Room = OPS) -> list[str]:
        """The title of each."""
        return [row["payload"]["title"] for row in await self._owed(room)]

    async def texts(self, room: Room = OPS) -> list[str]:
        """All of each, tables too."""
        return [
            "\n".join(line for block in row["payload"]["blocks"] for line in block.get("lines", [block.get("text")]))
            for row in await self._owed(room)
        ]

    async def _owed(self, room: Room) -> list[Any]:
        query = "SELECT payload FROM deliveries WHERE kind = 'report' AND room = $1 ORDER BY seq"
        return list(await self.database.fetch(query, room.key))

    async def rows(self) -> list[tuple[str, str, int]]:
        """What is on record: kind, step and how many periods, in order."""
        found = await self.database.fetch(
            "SELECT kind, step, periods FROM reports ORDER BY kind, platform, room, number"
        )
        return [(row["kind"], row["step"], row["periods"]) for row in found]

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """While the block runs what is owed goes out; at its end all of it has."""
        async with self.desk.outbox.open():
            yield
            async with asyncio.timeout(PATIENCE_S):
                while await self.database.fetchval(
                    "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"
                ):
                    self.clock.pass_by(seconds=1)
                    await asyncio.sleep(0.002)

    async def lived(self) -> None:
        """Have a life of alpha on record: 10 USD a day, and a trade at noon of each, UTC."""
        days = [_FIRST + timedelta(days=number) for number in range(16)]
        trades = [
            Trade(
                f"alpha/{day:%d}",
                Origin("alpha", f"SOL-{day.day}", "SOL"),
                day,
                day + timedelta(hours=12),
                Decimal(10),
                Decimal(0),
                Decimal(0),
            )
            for day in days
        ]
        bookings = [Booking(one.closed_at, Origin("alpha", one.of.position, "SOL"), one.realized) for one in trades]
        samples = [Sample(_FIRST, "alpha", Decimal(1000), deposits=Decimal(1000))]
        samples += [
            Sample(one.closed_at, "alpha", Decimal(1000 + 10 * number), deposits=Decimal(1000))
            for number, one in enumerate(trades, 1)
        ]
        snapshot = look(sol())
        head = Head(snapshot.session_id, snapshot.seq, snapshot, {})
        batch = Batch("alpha", None, head, bookings=tuple(bookings), trades=tuple(trades), samples=tuple(samples))
        assert await PostgresHistory(self.database).keep([batch]) == frozenset()


def timed(hour: int, minute: int = 0) -> dict[ReportKind, Choice]:
    """A daily report at this time."""
    return {ReportKind.DAILY: Choice(is_on=True, at=time(hour, minute))}
