"""Asks that only look at the bots, and at the desk itself."""

from typing import Annotated

from pydantic import Field

from chatops.asks.ask import Ask, Count, Label, Names, Settled, Thing
from chatops.people import Role


class Status(Ask, word="status", role=Role.VIEWER):
    """Show how each bot is: money, danger, venues, and how old the facts are."""

    bot: Label = ""


class Positions(Ask, word="positions", role=Role.VIEWER):
    """Show every position, the most endangered first."""

    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    bot: Label = ""


class ShowPosition(Ask, word="position", role=Role.VIEWER):
    """Show one position, held or closed: its money, its danger, its legs, its life."""

    position: Annotated[Label, Names(Thing.POSITION)] = ""
    #: Which of those that went by this id: the id of its trade.
    trade: Annotated[str, Field(max_length=200), Settled()] = ""
    bot: Label = ""

    @property
    def said(self) -> str:
        """`SOL-1`."""
        return self.position or "Position"


class Events(Ask, word="events", role=Role.VIEWER):
    """Show what happened last."""

    count: Count = 10
    bot: Label = ""


class Bots(Ask, word="bots"):
    """Show which bots there are, where each runs, and how it is."""

    bot: Label = ""


class System(Ask, word="system", role=Role.VIEWER):
    """Show how the desk itself is: its database, its platforms, what it owes."""
