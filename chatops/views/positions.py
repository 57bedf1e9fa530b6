"""The positions: all in a table, one on a card."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from alerts.distance import distance_pct
from alerts.durations import span
from bot_integration import Leg, Position, PositionStage
from chatops.asks import Close, Hold, Positions, Rebalance, ShowPosition
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table, Wanted
from chatops.views.danger import Danger, danger, urgency
from chatops.views.format import (
    age,
    change,
    headline,
    is_stale,
    label,
    money,
    percent,
    price,
    ratio,
    short_change,
    size,
)

#: Rows of one page: a message holds 4,096 characters, and a phone no more than a few screens.
PAGE = 50
#: Positions that get a button of their own under the table.
BUTTONS = 6
#: Columns of a line of running text.
_LINE = 200

#: A position with the bot that holds it and the moment of its facts.
Row = tuple[str, Position, datetime]


def positions(
    rows: Sequence[Row], silent: Sequence[str], now: datetime, asked: Positions, *, notes: Sequence[str] = ()
) -> Message:
    """A table, the most endangered first. `silent` are bots that have said nothing yet; `notes` are warnings above."""
    blocks: list[Block] = [Paragraph(fit(f"⚠ {note}", _LINE), bold=True) for note in notes]
    blocks += [Paragraph(fit(f"{name} has said nothing yet.", _LINE)) for name in silent]
    if not rows:
        title = f"⚠ Nothing heard from {', '.join(silent)} yet" if silent else "No open positions."
        return Message(headline(title), tuple(blocks), ((Button("Refresh", asked),),))
    ordered = worst_first(rows)
    pages = -(-len(ordered) // PAGE)
    page = min(asked.page, pages)
    on_page = ordered[(page - 1) * PAGE : page * PAGE]
    shown = [row for _, row in on_page]
    # Of each bot all are as old.
    heard = {(bot, at) for bot, _, at in rows}
    stale = sorted({bot for bot, at in heard if is_stale(at, now)})
    total = sum((position.pnl.total for _, position, _ in rows), Decimal(0))
    blocks += [Paragraph(fit(f"⚠ STALE: the facts of {name} are old", _LINE), bold=True) for name in stale]
    several = len({bot for bot, _ in heard}) > 1
    blocks.append(table(on_page, several))
    if moving := _moving([position for _, position, _ in shown]):
        blocks.append(Paragraph("\n".join(moving)))
    if asked.page > pages:
        last = f"the last is {pages}" if pages > 1 else "this is all"
        blocks.append(Paragraph(f"There is no page {asked.page}: {last}."))
    blocks.append(Paragraph(_footing(min(at for _, at in heard), now, page, pages)))
    return Message(
        f"{'⚠ STALE · ' if stale else ''}{len(rows)} open, {change(total)} USD",
        tuple(blocks),
        _buttons(shown[:BUTTONS], several, asked, page, pages),
        menu=Wanted(ShowPosition(bot=asked.bot), "position") if len(rows) > BUTTONS else None,
    )


def worst_first(rows: Sequence[Row]) -> list[tuple[Danger, Row]]:
    """The most endangered first, each with how near it is."""
    looked = [(danger(row[1]), row) for row in rows]
    return sorted(looked, key=lambda one: urgency(one[1][1], one[0]))


def _named(bot: str, position: Position, several: bool) -> str:
    return f"{position.id} {bot}" if several else position.id


def _moving(shown: Sequence[Position]) -> list[str]:
    """The positions that are on their way, a line a stage."""
    moving = [held for held in shown if held.stage is not PositionStage.OPEN]
    stages = [(stage, [held.id for held in moving if held.stage is stage]) for stage in PositionStage]
    return [fit(f"{stage.capitalize()}: {', '.join(ids)}", _LINE) for stage, ids in stages if ids]


def table(shown: Sequence[tuple[Danger, Row]], several: bool) -> Table:
    """A line each: money, and how near to liquidation; with `several` bots the one that holds it is named."""
    cells = [("id", "PnL", "HF", "MF", "to liq")]
    for worst, (bot, position, _) in shown:
        cells.append(
            (
                _named(bot, position, several),
                short_change(position.pnl.total),
                ratio(worst.health_factor),
                ratio(worst.margin_fraction),
                percent(worst.distance_pct),
            )
        )
    return align(cells, right="1234")


def _footing(oldest: datetime, now: datetime, page: int, pages: int) -> str:
    which = f"page {page} of {pages}, most endangered first; " if pages > 1 else ""
    return f"{which}{age(oldest, now)}"


def _buttons(
    shown: Sequence[Row], several: bool, asked: Positions, page: int, pages: int
) -> tuple[tuple[Button, ...], ...]:
    each = [
        Button(label(_named(bot, position, several)), ShowPosition(position=position.id, bot=bot))
        for bot, position, _ in shown
    ]
    rows = [tuple(each[start : start + 3]) for start in range(0, len(each), 3)]
    turn = []
    if page > 1:
        turn.append(Button("◂", asked.model_copy(update={"page": page - 1})))
    turn.append(Button("Refresh", asked))
    if page < pages:
        turn.append(Button("▸", asked.model_copy(update={"page": page + 1})))
    return (*rows, tuple(turn))


def card(bot: str, position: Position, at: datetime, now: datetime) -> Message:
    """One position: money now, danger, both legs. `now` is in the zone in which moments are told."""
    worst = danger(position)
    pnl = position.pnl
    head = f"{position.id} · {change(pnl.total)} USD"
    if is_stale(at, now):
        head = f"⚠ STALE {span(now - at)} · {head}"
    money_now = align(
        [
            ("Total", change(pnl.total), percent(pnl.total_pct, signed=True)),
            ("Unrealized", change(pnl.unrealized), ""),
            ("Realized", change(pnl.realized), ""),
            ("Funding", change(pnl.funding), ""),
            ("Fees", change(-pnl.fees), ""),
        ],
        right="12",
    )
    dangers = align(
        _known(
            ("Health factor", ratio(worst.health_factor)),
            ("Margin fraction", ratio(worst.margin_fraction)),
            ("To liquidation", percent(worst.distance_pct)),
            ("Delta", f"{change(position.delta)} USD"),
            ("Divergence", percent(position.divergence, signed=True)),
            ("Profit gone", percent(position.profit_erosion)),
        ),
        right="1",
    )
    blocks: list[Block] = [
        Paragraph(_identity(bot, position, now)),
        money_now,
        dangers,
        *(leg_table(leg) for leg in position.legs),
    ]
    if position.risk.should_exit or position.risk.held:
        blocks.append(Paragraph(_risk(position, now)))
    blocks.append(Paragraph(age(at, now)))
    own = ShowPosition(position=position.id, bot=bot)
    closing = position.stage in (PositionStage.CLOSING, PositionStage.CLOSED)
    if closing:
        return Message(headline(head), tuple(blocks), ((Button("Refresh", own),), (Button("Positions", Positions()),)))
    acts = (
        Button("Rebalance…", Rebalance(position=position.id, bot=bot)),
        Button("End hold…", Hold(position=position.id, until="off", bot=bot))
        if position.risk.held
        else Button("Hold…", Hold(position=position.id, bot=bot), form=True),
    )
    close = Button("Close…", Close(position=position.id, bot=bot), form=True)
    return Message(
        headline(head), tuple(blocks), ((Button("Refresh", own), close), acts, (Button("Positions", Positions()),))
    )


def leg_table(leg: Leg) -> Table:
    """A leg in a few lines: what it is, its prices, its danger, its money."""
    away = distance_pct(leg)
    return align(
        _known(
            (f"{leg.side} {leg.venue}", leg.instrument),
            ("size", f"{size(leg.size)} = {money(leg.notional)}"),
            ("entry → mark", f"{price(leg.entry_price)} → {price(leg.mark_price)}"),
            ("liquidation", price(leg.liquidation_price) + (f" ({percent(away)})" if away is not None else "")),
            ("health f.", ratio(leg.health_factor)),
            ("margin f.", ratio(leg.margin_fraction)),
            ("PnL, funding", f"{change(leg.unrealized)}, {change(leg.funding)}"),
        )
    )


def _known(*rows: tuple[str, str]) -> list[tuple[str, str]]:
    """The rows that have a value: what a venue has no notion of needs no line on a phone."""
    return [row for row in rows if row[1] != NOTHING]


def _identity(bot: str, position: Position, now: datetime) -> str:
    lane = f" · {position.lane}" if position.lane else ""
    return fit(f"{bot} · {position.asset}{lane} · {position.stage} · held {span(now - position.opened_at)}", _LINE)


def _risk(position: Position, now: datetime) -> str:
    risk = position.risk
    if risk.held:
        until = f" until {risk.hold_until.astimezone(now.tzinfo):%Y-%m-%d %H:%M %Z}" if risk.hold_until else ""
        return f"Held by a person{until}, whatever the risk manager says."
    return fit("The risk manager wants out: " + ("; ".join(risk.reasons) or "no reason given"), 2 * _LINE)
