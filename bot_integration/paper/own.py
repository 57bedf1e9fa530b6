"""Commands of the paper bot's own: how an author declares what no other bot has."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot_integration.commands import CommandRisk, Custom
from bot_integration.controller import BotController
from bot_integration.declaring import Unit
from bot_integration.errors import Refused
from bot_integration.paper.desk import Desk
from bot_integration.paper.strategy import STRATEGY_OF
from bot_integration.state import EventCategory


class Cooldown(BaseModel):
    """What is left alone, and for how long."""

    asset: Annotated[str, Field(min_length=1, max_length=16, description="An asset of the market, as SOL.")]
    hours: Annotated[float, Field(gt=0, le=168, description="Of the market's time."), Unit("h")] = 24


class OwnHandlers:
    """A pause of one asset, and the trades of the market's day."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, controller: BotController) -> None:
        """Declare these commands."""
        controller.command("cooldown", role="operator", risk=CommandRisk.REDUCES)(self.cooldown)
        controller.previews_command("cooldown")(self.foretell)
        controller.command("trades_today", role="viewer", risk=None)(self.trades_today)

    async def cooldown(self, asked: Cooldown, command: Custom) -> str:
        """Open nothing of an asset for a while. What is held of it stays."""
        desk, asset = self._desk, self._asset(asked)
        until = desk.step.at + timedelta(hours=asked.hours)
        for lane in STRATEGY_OF:
            desk.cooldowns[lane, asset] = max(until, desk.cooldowns.get((lane, asset), until))
        desk.say(EventCategory.INFO, f"{command.by} lets {asset} cool down for {asked.hours:g} h", asset=asset)
        desk.publish()
        return f"No {asset} is opened until {until:%Y-%m-%d %H:%M} of the market."

    async def foretell(self, asked: Cooldown) -> str:
        """What is held of the asset stays."""
        asset = self._asset(asked)
        held = [one.id for one in self._desk.held if one.asset == asset]
        return f"Held of {asset}: {', '.join(held)}; that stays." if held else f"No {asset} is held."

    async def trades_today(self) -> dict[str, Any]:
        """Show the trades that were closed on this day of the market, and what they made."""
        desk = self._desk
        today = [trade for trade in desk.trades if trade.closed_in_market.date() == desk.step.at.date()]
        made = sum((trade.pnl.total for trade in today), start=desk.equity * 0)
        return {
            "closed": len(today),
            "won": sum(trade.pnl.total > 0 for trade in today),
            "made USD": round(float(made), 2),
            "held": len(desk.held),
        }

    def _asset(self, asked: Cooldown) -> str:
        known = sorted({instrument.asset for instrument in self._desk.step.quotes})
        found = next((asset for asset in known if asset.casefold() == asked.asset.casefold()), None)
        if found is None:
            raise Refused(f"No asset is called {asked.asset}. There are {', '.join(known)}.")
        return found
