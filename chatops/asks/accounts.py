"""Asks about what there is: the books of trades and funding, what is held where, and how near its end each leg is."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from chatops.asks.ask import Ask, Count, Label, Names, Settled, Thing, folded
from chatops.people import Role
from chatops.ranges import Range, is_range


class Trades(Ask, word="trades", role=Role.VIEWER):
    """Show the trades that were closed last, what each made and why it ended."""

    count: Count = 10
    bot: Label = ""


def _range_alone(given: Any, name: str) -> Any:
    """`funding 7d` is of all, as `funding SOL 7d` is of one."""
    if isinstance(given, dict) and is_range(given.get(name)) and "range" not in given:
        return {**{key: value for key, value in given.items() if key != name}, "range": given[name]}
    return given


class ShowFunding(Ask, word="funding", role=Role.VIEWER):
    """Show funding: rates, the next payment, what was expected and what came."""

    asset: Label = ""
    range: Range = "7d"
    bot: Label = ""

    @model_validator(mode="before")
    @classmethod
    def _range_first(cls, given: Any) -> Any:
        return _range_alone(given, "asset")


class ShowExposure(Ask, word="exposure", role=Role.VIEWER):
    """Show what is held long and short on each venue, and what is net."""

    bot: Label = ""


class ShowBalance(Ask, word="balance", role=Role.VIEWER):
    """Show what lies on each venue, and what is locked."""

    bot: Label = ""


class ShowHealth(Ask, word="health", role=Role.VIEWER):
    """Show how near to liquidation each leg is, the worst first."""

    #: Whose chart is shown; empty: that of the worst.
    position: Annotated[Label, Names(Thing.POSITION)] = ""
    range: Range = "24h"
    page: Annotated[int, Field(ge=1, le=10_000), Settled()] = 1
    #: The bot that has the position: two may each have one of its id.
    of: Annotated[Label, Settled()] = ""
    bot: Label = ""

    @model_validator(mode="before")
    @classmethod
    def _range_first(cls, given: Any) -> Any:
        return _range_alone(given, "position")


What = Literal["pnl", "trades", "funding"]
Format = Literal["csv", "json"]


class Export(Ask, word="export", role=Role.VIEWER, stored=True):
    """Send days, trades or funding payments of a time as a file."""

    what: Annotated[Literal["", What], BeforeValidator(folded)] = ""
    range: Range = "30d"
    format: Annotated[Format, BeforeValidator(folded)] = "csv"
    bot: Label = ""

    @model_validator(mode="before")
    @classmethod
    def _format_alone(cls, given: Any) -> Any:
        """`export trades json` is of the usual range; the two may stand in either order."""
        if not isinstance(given, dict) or folded(given.get("range")) not in ("csv", "json"):
            return given
        rest = {key: value for key, value in given.items() if key not in ("range", "format")}
        other = {"range": given["format"]} if "format" in given else {}
        return {**rest, **other, "format": given["range"]}

    @property
    def said(self) -> str:
        """`Export trades`."""
        return f"Export {self.what}".rstrip()
