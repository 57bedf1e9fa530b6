"""A bot with two positions that closes what it is told to, and lets a test watch it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from bot_integration.bot import Bot
from bot_integration.commands import (
    ClosePosition,
    CommandResult,
    Fill,
    Outcome,
    Pause,
    Preview,
    Rebalance,
    Resume,
)
from bot_integration.controller import BotController
from bot_integration.errors import Refused
from bot_integration.events import Event
from bot_integration.state import Snapshot

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def now() -> datetime:
    return NOW


def leg(venue: str, side: str) -> dict[str, Any]:
    return {
        "venue": venue,
        "instrument": "SOL-PERP",
        "side": side,
        "size": "12.345678",
        "mark_price": "151.07",
        "notional": "1865.06",
        "margin_fraction": 0.21,
    }


def position(position_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": position_id,
        "asset": position_id.upper(),
        "stage": "open",
        "opened_at": NOW,
        "updated_at": NOW,
        "legs": [leg("drift", "short"), leg("kamino", "long")],
        "lending_rate": 0.07,
        **changes,
    }


def facts(*positions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "session": {"strategy": "carry", "mode": "paper", "started_at": NOW},
        "positions": positions or (position("sol"), position("eth")),
        "portfolio": {"equity": "10000.25"},
        **changes,
    }


def line(message: str, category: str = "execution") -> dict[str, Any]:
    return {"at": NOW, "category": category, "message": message}


class Alpha(BotController):
    """Closes once what it may close; never closes ETH; rebalances only when the test lets it; breaks on resume."""

    def __init__(self, name: str = "alpha") -> None:
        super().__init__(name, now=now)
        self.closed: list[UUID] = []
        self.rebalanced: list[UUID] = []
        self.rebalancing = asyncio.Event()
        self.may_rebalance = asyncio.Event()
        self.on(ClosePosition)(self._close)
        self.on(Rebalance)(self._rebalance)
        self.on(Resume)(self._resume)
        self.previews(ClosePosition)(self._preview)

    def newest(self) -> Snapshot:
        snapshot = self.snapshot()
        assert snapshot is not None
        return snapshot

    async def _close(self, command: ClosePosition) -> CommandResult:
        if command.position_id == "eth":
            raise Refused("ETH is closing already.")
        self.closed.append(command.id)
        fill = Fill(venue="drift", instrument="SOL-PERP", side="buy", size=Decimal("6.17"), price=Decimal("151.1"))
        return CommandResult(command_id=command.id, outcome=Outcome.PARTIAL, message="One leg.", fills=(fill,))

    async def _rebalance(self, command: Rebalance) -> str:
        self.rebalancing.set()
        await self.may_rebalance.wait()
        self.rebalanced.append(command.id)
        return "Balanced."

    async def _resume(self, command: Resume) -> None:
        raise ZeroDivisionError("the secret inside")

    async def _preview(self, command: ClosePosition) -> Preview:
        if command.position_id == "eth":
            raise Refused("ETH is closing already.")
        return Preview(command=command.name, at=NOW, realized=Decimal("12.5"))


def close(position_id: str = "sol") -> ClosePosition:
    return ClosePosition(id=uuid4(), by="ada", not_after=NOW + timedelta(seconds=30), position_id=position_id)


def rebalance() -> Rebalance:
    return Rebalance(id=uuid4(), by="ada", not_after=NOW + timedelta(seconds=30), position_id="sol")


def pause() -> Pause:
    return Pause(id=uuid4(), by="ada", not_after=NOW + timedelta(seconds=30))


def resume() -> Resume:
    return Resume(id=uuid4(), by="ada", not_after=NOW + timedelta(seconds=30))


async def shows(bot: Bot, wanted: Snapshot) -> None:
    """Wait until the bot, near or far, shows these facts."""
    async with asyncio.timeout(30), bot.follow() as events:
        while bot.snapshot() != wanted:
            await anext(events)


async def heard(events: AsyncIterator[Event], count: int) -> list[Event]:
    """The next so many events."""
    async with asyncio.timeout(30):
        return [await anext(events) for _ in range(count)]
