"""All figures of a history as a text that people can read and a review can compare."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from chatops.money.attribution import By
from chatops.money.daily import Bar
from chatops.money.parts import Parts, cents
from chatops.money.performance import Performance
from chatops.money.summary import Summary

#: Name, and seven numbers.
ROW = "{:<18}{:>12}{:>12}{:>12}{:>11}{:>12}{:>8}{:>8}"
HEAD = ROW.format("", "realized", "unrealized", "funding", "fees", "total", "trades", "won")


def table(
    ranges: Mapping[str, Summary],
    months: Sequence[Bar],
    days: Sequence[Bar],
    judged: Mapping[By, Mapping[str, Performance]],
    made: Mapping[By, Mapping[str, Parts]],
) -> str:
    """USD, days of UTC."""
    lines = ["The paper bot over all of bybit_okx_8h.csv: USD, days of UTC.", "", HEAD]
    lines += [_row(name, one.parts, one.performance) for name, one in ranges.items()]
    for name, one in ranges.items():
        lines += ["", f"{name}: {one.span.start:%Y-%m-%d} to {one.span.end:%Y-%m-%d}", *_whole(one)]
    for by, parts in made.items():
        lines += ["", f"by {by.value}", HEAD]
        lines += [_row(name, one, judged.get(by, {}).get(name)) for name, one in parts.items()]
    lines += ["", "by month", HEAD, *_bars(months, "%Y-%m"), "", "by day", HEAD, *_bars(days, "%Y-%m-%d")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _row(name: str, parts: Parts, performance: Performance | None) -> str:
    trades = "" if performance is None else str(performance.trades)
    won = "" if performance is None else str(performance.wins)
    amounts = (parts.realized, parts.unrealized, parts.funding, parts.fees, parts.total)
    return ROW.format(name, *(f"{cents(one):,}" for one in amounts), trades, won)


def _bars(bars: Iterable[Bar], form: str) -> list[str]:
    return [
        ROW.format(f"{bar.day:{form}}", *(f"{cents(one):,}" for one in _amounts(bar)), bar.trades, "") for bar in bars
    ]


def _amounts(bar: Bar) -> tuple[Decimal, ...]:
    parts = bar.parts or Parts()
    return parts.realized, parts.unrealized, parts.funding, parts.fees, parts.total


def _whole(one: Summary) -> list[str]:
    equity, judged, funding = one.equity, one.performance, one.funding
    fallen = one.worst_drawdown
    figures = {
        "equity at the start": _usd(equity.start),
        "equity at the end": _usd(equity.end),
        "put in": _usd(equity.deposits),
        "made by equity": _usd(equity.made),
        "unexplained": _usd(one.unexplained),
        "funding payments": str(funding.payments),
        "funding expected": _usd(funding.expected),
        "of these came": _usd(funding.of_expected),
        "gross profit": _usd(judged.gross_profit),
        "gross loss": _usd(judged.gross_loss),
        "net of trades": _usd(judged.net),
        "win rate": _ratio(judged.win_rate),
        "profit factor": _ratio(judged.profit_factor),
        "average trade": _usd(judged.average_trade),
        "expectancy": _ratio(judged.expectancy),
        "best trade": "-" if judged.best is None else f"{judged.best.of.position} {_usd(judged.best.net)}",
        "worst trade": "-" if judged.worst is None else f"{judged.worst.of.position} {_usd(judged.worst.net)}",
        "average time held": "-" if judged.average_held is None else str(judged.average_held),
        "returned": _ratio(one.returned),
        "Sharpe ratio": f"{_ratio(one.sharpe.ratio)} of {one.sharpe.days} days",
        "worst drawdown": "-"
        if fallen is None
        else f"{fallen.depth:.6f}, {_usd(fallen.usd)} from {fallen.peak_at:%Y-%m-%d} to {fallen.trough_at:%Y-%m-%d}",
    }
    return [f"  {name:<20}{value:>16}" for name, value in figures.items()]


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{cents(amount):,}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.6f}"
