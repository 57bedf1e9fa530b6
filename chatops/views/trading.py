"""Before and after an act: what it would do, and what became of it."""

from collections.abc import Sequence
from decimal import Decimal

from bot_integration import CommandResult, Outcome, Position, Preview
from chatops.asks import Close, Pause, Positions, Resume, ShowPosition, Status
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.answers import said_of
from chatops.views.format import change, headline, label, money, price, size

_SIGNS = {
    Outcome.DONE: "✓",
    Outcome.PARTIAL: "⚠ PARTIAL:",
    Outcome.REFUSED: "Refused:",
    Outcome.FAILED: "✗ Failed:",
    Outcome.UNKNOWN: "⚠ UNKNOWN:",
}
#: Columns of what a bot says in its own words.
_SAID = 600
#: Fills shown; what they come to stands in the bot's own words.
_FILLS = 20


def really_close(ask: Close, position: Position, preview: Preview | None, note: str = "") -> Message:
    """What closing now would realize, before it is confirmed."""
    gross = sum((leg.notional for leg in position.legs), Decimal(0))
    rows = [("Gross now", money(gross)), ("PnL so far", change(position.pnl.total))]
    if preview is not None:
        rows += [
            ("Would realize", change(preview.realized)),
            ("Fees", money(preview.fees)),
            ("Slippage", money(preview.slippage)),
        ]
    blocks: list[Block] = [align(rows, right="1")]
    if preview is not None and preview.legs:
        blocks.append(
            align(
                [
                    ("leg", "fee", "slippage"),
                    *(
                        (f"{leg.venue} {leg.instrument}", money(leg.fee), money(leg.slippage))
                        for leg in preview.legs[:_FILLS]
                    ),
                ],
                right="12",
            )
        )
    if preview is not None and preview.message:
        blocks.append(Paragraph(fit(preview.message, _SAID)))
    if note:
        blocks.append(Paragraph(fit(note, _SAID)))
    return Message(f"{said_of(ask)}?", tuple(blocks))


def refused(reason: str) -> Message:
    """What the bot would not do, before it was even asked twice."""
    return _told(f"{_SIGNS[Outcome.REFUSED]} {reason}")


def _told(said: str, blocks: Sequence[Block] = (), buttons: tuple[tuple[Button, ...], ...] = ()) -> Message:
    """What a bot said as the title; whole below it where that is too short for it."""
    title = headline(said)
    whole = fit(said, _SAID)
    more = () if whole.strip() == title else (Paragraph(whole),)
    return Message(title, (*more, *blocks), buttons)


def really_hold(ask: Pause | Resume, bots: Sequence[str], note: str) -> Message:
    """What pausing or resuming means, before it is confirmed."""
    blocks: list[Block] = [Paragraph(fit(note, _SAID))]
    if ask.reason:
        blocks.append(Paragraph(fit(f"Reason: {ask.reason}", _SAID)))
    return Message(headline(f"{said_of(ask)} on {', '.join(bots)}?"), tuple(blocks))


def result(results: Sequence[tuple[str, CommandResult]], ask: Close | Pause | Resume) -> Message:
    """What became of it, a line a bot, with the fills and what to do next."""
    blocks: list[Block] = []
    for bot, ended in results:
        if len(results) > 1:
            blocks.append(Paragraph(fit(f"{bot}: {_SIGNS[ended.outcome]} {ended.message}", _SAID)))
        if ended.fills:
            blocks.append(
                align(
                    [
                        (f"{fill.side} {fill.venue}", size(fill.size), price(fill.price), change(fill.realized))
                        for fill in ended.fills[:_FILLS]
                    ],
                    right="123",
                )
            )
        if ended.outcome is Outcome.UNKNOWN:
            blocks.append(Paragraph("It may have happened. Look before you ask again."))
        if ended.outcome is Outcome.PARTIAL:
            blocks.append(Paragraph("The desk is exposed on what is left. Close it, or look at the venue."))
    first = results[0][1]
    head = f"{_SIGNS[first.outcome]} {first.message}" if len(results) == 1 else f"{said_of(ask)}: {_ends(results)}"
    return _told(head, blocks, _next(ask, first.outcome))


def _ends(results: Sequence[tuple[str, CommandResult]]) -> str:
    ends = [ended.outcome for _, ended in results]
    return ", ".join(f"{ends.count(outcome)} {outcome}" for outcome in Outcome if outcome in ends)


def _next(ask: Close | Pause | Resume, outcome: Outcome) -> tuple[tuple[Button, ...], ...]:
    if isinstance(ask, Close):
        if outcome is Outcome.DONE:
            return ((Button("Positions", Positions()),),)
        own = ShowPosition(position=ask.position, bot=ask.bot)
        return ((Button(label(ask.position), own), Button("Positions", Positions())),)
    return ((Button("Status", Status(bot=ask.bot)),),)
