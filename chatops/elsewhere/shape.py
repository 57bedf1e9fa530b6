"""Where in a bot's own database what stands: tables, and their columns by what they mean here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class Part(StrEnum):
    """What a table tells of."""

    #: A row a fill: trades are made from those of one position whose sizes add up to nothing.
    FILLS = "fills"
    #: A row a position that was, or is, held.
    TRADES = "trades"
    #: A row a day (UTC): where there are such, money is counted from them.
    DAILY = "daily"
    #: A row a line of what the bot thought or did.
    EVENTS = "events"


#: What has to be there of each, and what may be; money in USD, positive fees are paid.
NEEDED: Mapping[Part, tuple[str, ...]] = MappingProxyType(
    {
        Part.FILLS: ("position", "asset", "venue", "side", "size", "realized", "fees", "at"),
        Part.TRADES: ("id", "asset", "opened_at", "closed_at", "realized", "fees"),
        Part.DAILY: ("day", "realized", "funding", "fees"),
        Part.EVENTS: ("at", "message"),
    }
)
OPTIONAL: Mapping[Part, tuple[str, ...]] = MappingProxyType(
    {
        Part.FILLS: ("strategy", "lane"),
        Part.TRADES: ("funding", "deployed", "strategy", "lane", "reason"),
        Part.DAILY: (),
        Part.EVENTS: ("position",),
    }
)


@dataclass(frozen=True, slots=True)
class TableOf:
    """One table, and its columns by what they mean; "" is one that it has not."""

    table: str
    columns: Mapping[str, str]

    def amended(self, table: str, columns: Mapping[str, str]) -> "TableOf":
        """With what somebody says of it."""
        return replace(self, table=table or self.table, columns={**self.columns, **columns})

    @property
    def present(self) -> Mapping[str, str]:
        """The columns that it has."""
        return {meaning: column for meaning, column in self.columns.items() if column}


Shape = Mapping[Part, TableOf]
#: How the url of one begins.
SQLITE = "sqlite:///"

#: Those that come with the program.
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "decisions": {
            Part.FILLS: TableOf(
                "fills",
                {
                    "position": "position_id",
                    "asset": "symbol",
                    "venue": "venue",
                    "side": "side",
                    "size": "quantity",
                    "realized": "realized_pnl",
                    "fees": "fee",
                    "at": "filled_at",
                },
            ),
            Part.DAILY: TableOf(
                "daily_summaries",
                {"day": "date", "realized": "realized_pnl", "funding": "funding_pnl", "fees": "fees"},
            ),
            Part.EVENTS: TableOf("decisions", {"at": "decided_at", "message": "reason"}),
        },
        "intents": {
            Part.TRADES: TableOf(
                "positions",
                {
                    "id": "id",
                    "asset": "symbol",
                    "opened_at": "opened_at",
                    "closed_at": "closed_at",
                    "realized": "realized_pnl",
                    "funding": "funding_pnl",
                    "fees": "fees",
                    "reason": "exit_reason",
                },
            ),
            Part.EVENTS: TableOf("order_intents", {"at": "created_at", "message": "status", "position": "position_id"}),
        },
    }
)


def mapped(named: str, tables: Mapping[Part, tuple[str, Mapping[str, str]]]) -> Shape:
    """The shape of this name, or none, with what somebody says of tables and columns."""
    shape = dict(SHAPES.get(named, {}))
    for part, (table, columns) in tables.items():
        shape[part] = shape.get(part, TableOf("", {})).amended(table, columns)
    return shape


def faults_of(shape: Shape) -> str:
    """What it lacks to be read, the first; empty where it lacks nothing."""
    if not shape:
        return "there is no table"
    for part, of in shape.items():
        if not of.table:
            return f"{part} has no table"
        if missing := [meaning for meaning in NEEDED[part] if not of.columns.get(meaning)]:
            return f"{part}.columns has no {missing[0]}"
        if unknown := sorted(of.columns.keys() - {*NEEDED[part], *OPTIONAL[part]}):
            return f"{part}.columns knows no {unknown[0]}, only {', '.join((*NEEDED[part], *OPTIONAL[part]))}"
    return ""
