"""Before and after an act: what it would do, and what became of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot_integration import CommandResult, Fill, Outcome, Position, Preview
from chatops.asks import (
    Ask,
    BreakerReset,
    Breakers,
    Close,
    Config,
    Hold,
    Pause,
    Positions,
    Rebalance,
    Resume,
    Set,
    ShowPosition,
    Status,
)
from chatops.guard.facts import OF
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.views.answers import said_of
from chatops.views.format import change, headline, label, money, price, size

SIGNS = {
    Outcome.DONE: "✓",
    Outcome.PARTIAL: "⚠ PARTIAL:",
    Outcome.REFUSED: "Refused:",
    Outcome.FAILED: "✗ Failed:",
    Outcome.UNKNOWN: "⚠ UNKNOWN:",
}
#: Columns of what a bot says in its own words.
SAID = 600
#: Fills shown; what they come to stands in the bot's own words.
_FILLS = 20
#: Buttons in a row.
_ABREAST = 3
#: What people do when it did not end as it was meant to.
_ADVICE = {
    Outcome.UNKNOWN: "It may have happened. Look before you ask again.",
    Outcome.PARTIAL: "The desk is exposed on what is left. Close it, or look at the venue.",
}

Rows = tuple[tuple[Button, ...], ...]


def really_close(ask: Close, position: Position, preview: Preview | None, note: str = "") -> Message:
    """What closing now would realize, before it is confirmed."""
    gross = sum((leg.notional for leg in position.legs), Decimal(0))
    part = Decimal(str(ask.percent)) / 100
    whole = ask.percent == 100
    of = "" if whole else f" of {ask.percent:g}%"
    rows = [
        (f"Gross{of}" if of else "Gross now", money(gross * part)),
        (f"PnL{of}" if of else "PnL so far", change(position.pnl.total * part)),
    ]
    blocks: list[Block] = [align(rows + (_would(preview) if preview else []), right="1")]
    if preview is not None:
        blocks += _orders(preview)
        if preview.message:
            blocks.append(Paragraph(fit(preview.message, SAID)))
    if note:
        blocks.append(Paragraph(fit(note, SAID)))
    return Message(f"{said_of(ask)}?", tuple(blocks))


def really_rebalance(ask: Rebalance, position: Position, preview: Preview | None, note: str = "") -> Message:
    """What would be traded and moved, before it is confirmed."""
    rows = [("Delta", f"{change(position.delta)} USD")]
    rows += [(f"{leg.side} {leg.venue}", f"{size(leg.size)} = {money(leg.notional)}") for leg in position.legs]
    blocks: list[Block] = [align(rows, right="1")]
    if preview is not None:
        if preview.legs:
            blocks += [align(_would(preview), right="1"), *_orders(preview)]
        if preview.message:
            blocks.append(Paragraph(fit(preview.message, SAID)))
    else:
        blocks.append(Paragraph("The bot does not say beforehand what it would trade."))
    if note:
        blocks.append(Paragraph(fit(note, SAID)))
    return Message(f"{said_of(ask)}?", tuple(blocks))


def _would(preview: Preview) -> list[tuple[str, str]]:
    return [
        ("Would realize", change(preview.realized)),
        ("Fees", money(preview.fees)),
        ("Net", change(preview.net)),
        ("Slippage in it", money(preview.slippage)),
    ]


def _orders(preview: Preview) -> list[Table]:
    if not preview.legs:
        return []
    rows = [(f"{leg.venue} {leg.instrument}", money(leg.fee), money(leg.slippage)) for leg in preview.legs[:_FILLS]]
    return [align([("leg", "fee", "slippage"), *rows], right="12")]


def preview_facts(position: Position, preview: Preview | None, percent: float = 100) -> dict[str, Any]:
    """What was foreseen, as it is recorded and held against the facts when it is confirmed: money, against what the
    part of the position is worth, and how much is held.
    """
    if preview is None:
        return {}
    worth = max((leg.notional for leg in position.legs), default=Decimal(0)) * Decimal(str(percent)) / 100
    return {
        OF: str(round(worth, 2)),
        **preview.model_dump(mode="json", include={"realized", "fees", "slippage"}),
        "held": {f"{leg.venue} {leg.instrument}": str(leg.size) for leg in position.legs},
    }


def refused(reason: str, ways: Sequence[Button] = ()) -> Message:
    """What the bot would not do, before it was even asked twice."""
    return told(f"{SIGNS[Outcome.REFUSED]} {reason}", (), rows_of(ways))


def told(said: str, blocks: Sequence[Block] = (), buttons: Rows = ()) -> Message:
    """What a bot said as the title; whole below it where that is too short for it."""
    title = headline(said)
    whole = fit(said, SAID)
    more = () if whole.strip() == title else (Paragraph(whole),)
    return Message(title, (*more, *blocks), buttons)


def really_pause(ask: Pause | Resume, bots: Sequence[str], note: str) -> Message:
    """What pausing or resuming means, before it is confirmed."""
    blocks: list[Block] = [Paragraph(fit(note, SAID))]
    if ask.reason:
        blocks.append(Paragraph(fit(f"Reason: {ask.reason}", SAID)))
    return Message(headline(f"{said_of(ask)} on {', '.join(bots)}?"), tuple(blocks))


def result(results: Sequence[tuple[str, CommandResult]], ask: Ask, ways: Sequence[Button] = ()) -> Message:
    """What became of it, a line a bot, with the fills and what to do next. `ways` lift what the bot refused it for."""
    blocks: list[Block] = []
    for bot, ended in results:
        if len(results) > 1:
            blocks.append(Paragraph(fit(f"{bot}: {SIGNS[ended.outcome]} {ended.message}", SAID)))
        if ended.fills:
            blocks.append(fills(ended.fills))
        blocks += advice(ended.outcome)
    first = results[0][1]
    head = f"{SIGNS[first.outcome]} {first.message}" if len(results) == 1 else f"{said_of(ask)}: {ends(results)}"
    done = all(ended.outcome is Outcome.DONE for _, ended in results)
    return told(head, blocks, (*rows_of(ways), *_next(ask, done)))


def fills(given: Sequence[Fill]) -> Table:
    """What was really traded, a line a fill."""
    return align(
        [
            (f"{fill.side} {fill.venue}", size(fill.size), price(fill.price), change(fill.realized))
            for fill in given[:_FILLS]
        ],
        right="123",
    )


def advice(outcome: Outcome) -> list[Block]:
    """What people do next where it did not end as it was meant to."""
    return [Paragraph(_ADVICE[outcome])] if outcome in _ADVICE else []


def ends(results: Sequence[tuple[str, CommandResult]]) -> str:
    """How many ended how: `2 done, 1 unknown`."""
    outcomes = [ended.outcome for _, ended in results]
    return ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in Outcome if outcome in outcomes)


def rows_of(buttons: Sequence[Button]) -> Rows:
    """Buttons in rows that a phone shows."""
    return tuple(tuple(buttons[start : start + _ABREAST]) for start in range(0, len(buttons), _ABREAST))


def _next(ask: Ask, done: bool) -> Rows:
    match ask:
        case Close() if done:
            return ((Button("Positions", Positions()),),)
        case Close() | Rebalance() | Hold():
            own = ShowPosition(position=ask.position, bot=ask.bot)
            return ((Button(label(ask.position), own), Button("Positions", Positions())),)
        case Set():
            return ((Button("Config", Config(bot=ask.bot)), Button("Status", Status(bot=ask.bot))),)
        case BreakerReset():
            return ((Button("Breakers", Breakers(bot=ask.bot)), Button("Status", Status(bot=ask.bot))),)
        case _:
            return ((Button("Status", Status(bot=getattr(ask, "bot", ""))),),)
