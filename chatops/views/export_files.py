"""Money as a file: CSV (RFC 4180, in UTF-8) or JSON, and nothing in it that a spreadsheet would run.

Money is exact, as plain decimal text (a string in JSON); moments are ISO 8601, UTC; what is not known is empty (null).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chatops.asks import Export
from chatops.messages import Attachment
from chatops.money.daily import Bar
from chatops.money.facts import ZERO, FundingPayment, Origin, Trade
from chatops.money.spans import Span

Value = str | Decimal | int | date | None
Row = Mapping[str, Value | Sequence[Mapping[str, Value]]]

PNL_COLUMNS = (
    *("day", "from", "to", "realized", "unrealized", "funding", "fees", "total", "trades_closed", "not_seen_s"),
)
TRADE_COLUMNS = (
    *("id", "bot", "position", "asset", "strategy", "lane", "opened_at", "closed_at", "held_s"),
    *("realized", "funding", "fees", "net", "deployed", "slippage", "reason"),
)
FUNDING_COLUMNS = ("at", "bot", "position", "asset", "strategy", "lane", "venue", "actual", "expected")
COLUMNS: Mapping[str, tuple[str, ...]] = {"pnl": PNL_COLUMNS, "trades": TRADE_COLUMNS, "funding": FUNDING_COLUMNS}

#: A cell of text that begins so might be run as a formula (OWASP, "CSV Injection").
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes into one file."""

    rows: Sequence[Row]
    #: What it comes to, as `/pnl` says it of the same time.
    total: Decimal
    span: Span
    bots: tuple[str, ...]
    zone: ZoneInfo


def pnl_rows(bars: Iterable[Bar], now: datetime) -> list[Row]:
    """A row for each day of which anything is known."""
    return [
        {
            "day": one.day,
            "from": one.span.start,
            # What is of this very moment is in it.
            "to": min(one.span.end, now),
            "realized": one.parts.realized,
            "unrealized": one.parts.unrealized,
            "funding": one.parts.funding,
            "fees": one.parts.fees,
            "total": one.parts.total,
            "trades_closed": one.trades,
            "not_seen_s": int(one.down.total_seconds()),
        }
        for one in bars
        if one.parts is not None
    ]


def trade_rows(made: Iterable[Trade]) -> list[Row]:
    """A row for each trade; its legs are in JSON alone."""
    return [
        {
            "id": one.id,
            **_origin(one.of),
            "opened_at": one.opened_at,
            "closed_at": one.closed_at,
            "held_s": int(one.held.total_seconds()),
            "realized": one.realized,
            "funding": one.funding,
            "fees": one.fees,
            "net": one.net,
            "deployed": one.deployed,
            "slippage": one.slippage,
            "reason": one.reason,
            "legs": [
                {
                    "venue": leg.venue,
                    "instrument": leg.instrument,
                    "side": leg.side,
                    "realized": leg.realized,
                    "funding": leg.funding,
                    "fees": leg.fees,
                }
                for leg in one.legs
            ],
        }
        for one in made
    ]


def funding_rows(paid: Iterable[FundingPayment]) -> list[Row]:
    """A row for each payment."""
    return [
        {
            "at": one.at,
            **_origin(one.of),
            "venue": one.of.venue,
            "actual": one.actual,
            "expected": one.expected,
        }
        for one in paid
    ]


def days_of(bars: Sequence[Bar], now: datetime) -> tuple[list[Row], Decimal]:
    """The rows of days, and what they come to."""
    return pnl_rows(bars, now), sum((one.parts.total for one in bars if one.parts is not None), ZERO)


def trades_of(made: Sequence[Trade]) -> tuple[list[Row], Decimal]:
    """The rows of trades, and what they come to."""
    return trade_rows(made), sum((one.net for one in made), ZERO)


def payments_of(paid: Sequence[FundingPayment]) -> tuple[list[Row], Decimal]:
    """The rows of payments, and what they come to."""
    return funding_rows(paid), sum((one.actual for one in paid), ZERO)


def file_of(sheet: Sheet, asked: Export, now: datetime) -> Attachment:
    """The file. It takes a while for many rows: not for the loop."""
    whose = f"-{asked.bot}" if asked.bot else ""
    name = _NO_NAME.sub("-", f"{asked.what}{whose}-{asked.range}-{now.astimezone(sheet.zone):%Y-%m-%d}")
    text = as_csv(COLUMNS[asked.what], sheet.rows) if asked.format == "csv" else _as_json(sheet, asked, now)
    return Attachment(f"{name}.{asked.format}", text.encode("utf-8", "replace"))


def as_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """The columns by their names, then the rows."""
    lines = [",".join(columns), *(",".join(_cell(row[column]) for column in columns) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def _as_json(sheet: Sheet, asked: Export, now: datetime) -> str:
    head = {
        "what": asked.what,
        "range": asked.range,
        "from": _plain(sheet.span.start),
        "to": _plain(min(sheet.span.end, now)),
        "zone": sheet.zone.key,
        "bots": list(sheet.bots),
        "currency": "USD",
        "total": _plain(sheet.total),
    }
    rows = ",\n".join(json.dumps(_plain_row(row), ensure_ascii=False) for row in sheet.rows)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "rows": [\n{rows}\n]}}\n'


def _origin(of: Origin) -> dict[str, Value]:
    return {"bot": of.bot, "position": of.position, "asset": of.asset, "strategy": of.strategy, "lane": of.lane}


def _cell(value: object) -> str:
    if isinstance(value, str):
        text = f"'{value}" if value.startswith(_RISKY) else value
        return '"' + text.replace('"', '""') + '"'
    plain = _plain(value)
    return "" if plain is None else str(plain)


def _plain(value: object) -> str | int | None:
    match value:
        case None | int() | str():
            return value
        case Decimal():
            return format(value, "f") if value else "0"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} goes into no export")


def _plain_row(row: Row) -> dict[str, object]:
    return {
        key: [_plain_row(one) for one in value] if isinstance(value, list) else _plain(value)
        for key, value in row.items()
    }
