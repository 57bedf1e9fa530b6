"""Asks about money over time: what was made, when, and by what."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from chatops.asks.ask import Ask, Label, folded
from chatops.people import Role
from chatops.ranges import Range, is_range


class _OfBots(Ask):
    """Of one bot, or of every one that whoever asks may see."""

    bot: Label = ""

    @property
    def _whose(self) -> str:
        return f" of {self.bot}" if self.bot else ""


class Pnl(_OfBots, word="pnl", role=Role.VIEWER):
    """Show profit and loss of a time, with open positions and funding in it."""

    range: Range = "24h"

    @property
    def said(self) -> str:
        """`PnL 30d of alpha`."""
        return f"PnL {self.range}{self._whose}"


class Daily(_OfBots, word="daily", role=Role.VIEWER):
    """Show what each of the last 14 days made."""


class Weekly(_OfBots, word="weekly", role=Role.VIEWER):
    """Show what each of the last 12 weeks made."""


class Monthly(_OfBots, word="monthly", role=Role.VIEWER):
    """Show what each of the last 12 months made."""


class Equity(_OfBots, word="equity", role=Role.VIEWER):
    """Show equity over time, its high-water mark and its drawdowns."""

    range: Range = "30d"

    @property
    def said(self) -> str:
        """`Equity 30d of alpha`."""
        return f"Equity {self.range}{self._whose}"


#: What profit is told apart by.
Apart = Literal["lane", "asset", "strategy", "bot"]


class Performance(_OfBots, word="performance", role=Role.VIEWER):
    """Show how good trades were, and which lane, asset, strategy or bot made what."""

    by: Annotated[Apart, BeforeValidator(folded)] = "lane"
    range: Range = "30d"

    @property
    def said(self) -> str:
        """`Performance 30d by lane of alpha`."""
        return f"Performance {self.range} by {self.by}{self._whose}"

    @model_validator(mode="before")
    @classmethod
    def _either_first(cls, given: Any) -> Any:
        """`performance 7d` and `performance 7d asset` say what is meant as well."""
        if isinstance(given, dict) and is_range(given.get("by")):
            rest = {name: value for name, value in given.items() if name not in ("by", "range")}
            by = given.get("range")
            return {**rest, "range": given["by"], **({"by": by} if by else {})}
        return given
