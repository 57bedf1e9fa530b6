"""How good trades were, and whose doing the profit was."""

from collections.abc import Mapping

from alerts.durations import span as length
from chatops.asks import Performance, Pnl
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message
from chatops.money.facts import Trade
from chatops.money.parts import Parts
from chatops.money.performance import Performance as Judged
from chatops.views.format import change, percent, short_change
from chatops.views.money import Account, bots_line, drawdowns, marked, notes, parts_line, period, range_buttons, telling

#: Lines of what is told apart.
_MOST = 5
_NAME = 14


def performance(
    of: Account, made: Mapping[str, Parts], judged: Mapping[str, Judged], ask: Performance, *, several: bool
) -> Message:
    """`made` is of all that was booked and of open legs, `judged` of trades that were closed, both told apart alike.

    `several` is whether there is more than one bot to tell apart.
    """
    summary, whole = of.summary, of.summary.performance
    blocks: list[Block] = [period(of), align(_groups(made, judged, ask.by), right="123")]
    if whole.trades:
        blocks.append(align(_whole(of), right="1"))
    said = [parts_line(summary), *notes(of), *drawdowns(of)]
    if ask.by != "bot" and (each := bots_line(of.by_bot)):
        said.append(each)
    won = f", {percent(_won(whole))} of {whole.trades} won" if whole.trades else ""
    title = f"Performance {of.title}{of.whose}: {change(summary.parts.total)} USD{won}"
    apart = ("lane", "asset", "strategy", "bot") if several or ask.by == "bot" else ("lane", "asset", "strategy")
    buttons = (
        range_buttons(ask),
        tuple(Button(marked(by.capitalize(), by == ask.by), ask.model_copy(update={"by": by})) for by in apart),
        (Button("PnL", Pnl(range=ask.range, bot=ask.bot)), Button("Refresh", ask)),
    )
    return telling(title, blocks, said, buttons)


def _groups(made: Mapping[str, Parts], judged: Mapping[str, Judged], by: str) -> list[tuple[str, str, str, str]]:
    nothing = Parts()
    every = sorted({*made, *judged}, key=lambda name: (-made.get(name, nothing).total, name))
    shown, rest = (every, []) if len(every) <= _MOST else (every[: _MOST - 1], every[_MOST - 1 :])
    rows = [(by, "total", "n", "won")]
    for name in shown:
        trades = judged.get(name, Judged())
        total = made.get(name, nothing).total
        rows.append((fit(name or "other", _NAME), short_change(total), str(trades.trades), percent(_won(trades))))
    if rest:
        total = sum((made.get(name, nothing) for name in rest), nothing).total
        trades_left = [judged[name] for name in rest if name in judged]
        count, wins = sum(one.trades for one in trades_left), sum(one.wins for one in trades_left)
        rows.append(
            (f"{len(rest)} others", short_change(total), str(count), percent(100 * wins / count) if count else NOTHING)
        )
    return rows


def _whole(of: Account) -> list[tuple[str, str]]:
    """Of all trades that were closed; what cannot be said of them needs no line."""
    whole, sharpe = of.summary.performance, of.summary.sharpe
    rows = [
        ("Trades, n", str(whole.trades)),
        ("Profit factor", NOTHING if whole.profit_factor is None else f"{whole.profit_factor:.2f}"),
        ("Average trade", change(whole.average_trade)),
        ("Expectancy", NOTHING if whole.expectancy is None else f"{whole.expectancy:.2f}"),
        ("Best", _one(whole.best)),
        ("Worst", _one(whole.worst)),
        ("Held on average", NOTHING if whole.average_held is None else length(whole.average_held)),
        (f"Sharpe, {sharpe.days} days", NOTHING if sharpe.ratio is None else f"{sharpe.ratio:.2f}"),
    ]
    return [row for row in rows if row[1] != NOTHING]


def _one(trade: Trade | None) -> str:
    if trade is None:
        return NOTHING
    return f"{fit(trade.of.position or trade.id, 12)} {short_change(trade.net)}"


def _won(of: Judged) -> float | None:
    return None if of.win_rate is None else 100 * of.win_rate
