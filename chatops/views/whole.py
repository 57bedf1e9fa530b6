"""Closing everything: what each bot holds, how far it has come, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from bot_integration import CommandResult, Outcome, Position, PositionStage, Preview, Snapshot
from chatops.asks import CloseAll, Positions, Status, Stop
from chatops.fleet import Held
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.answers import said_of
from chatops.views.danger import urgency
from chatops.views.format import change, headline, how_old, is_stale, label, money, short_change
from chatops.views.trading import SAID, SIGNS, Rows, advice, ends, fills, rows_of, told

Whole: TypeAlias = CloseAll | Stop
#: The last facts of each bot, by name; None of one that has said nothing yet.
Now: TypeAlias = Mapping[str, Snapshot | None]

#: Lines of one table: an emergency is read at a glance.
_LINES = 20
#: Fills are listed up to here; beyond, what they come to says more.
_FILLS = 8
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Look:
    """One bot before everything of it is closed."""

    bot: str
    snapshot: Snapshot | None
    preview: Preview | None = None
    #: Why it would be refused.
    refusal: str = ""
    #: Why there is no preview.
    missing: str = ""

    def with_preview(self, preview: Preview) -> "Look":
        """With what it would come to."""
        return replace(self, preview=preview)

    def without_preview(self, why: str) -> "Look":
        """Without."""
        return replace(self, missing=why)

    def refused(self, why: str) -> "Look":
        """The bot would not do it as things are."""
        return replace(self, refusal=why)

    @property
    def open(self) -> tuple[Position, ...]:
        """What it holds, the most endangered first."""
        return tuple(sorted(_open(self.snapshot), key=urgency))


def preview_facts(looks: Sequence[Look]) -> dict[str, Any]:
    """What is held against the facts when it is confirmed: which positions. Their profit moves with every tick."""
    return {look.bot: ", ".join(sorted(one.id for one in look.open)) for look in looks}


def refused(looks: Sequence[Look], ways: Sequence[Button]) -> Message:
    """No bot would do it."""
    said = "; ".join(look.refusal if len(looks) == 1 else f"{look.bot}: {look.refusal}" for look in looks)
    return told(f"{SIGNS[Outcome.REFUSED]} {said}", (), (*rows_of(ways), (Button("Positions", Positions()),)))


def really(ask: Whole, looks: Sequence[Look], now: datetime, command_id: UUID) -> Message:
    """Each bot with its positions and what they would come to. One of several has a button of its own."""
    blocks: list[Block] = [
        Paragraph(
            "All is paused first, then every position is closed, all at the same time."
            if isinstance(ask, Stop)
            else "Every position is closed, all at the same time. The bot may open new ones: /stop pauses it too."
        )
    ]
    for look in looks:
        blocks += _of_bot(look, now, several=len(looks) > 1)
    seen = [look.preview for look in looks if look.preview is not None]
    if seen:
        realized, fees = sum((one.realized for one in seen), ZERO), sum((one.fees for one in seen), ZERO)
        slippage = sum((one.slippage for one in seen), ZERO)
        rows = [("Would realize", change(realized)), ("Fees", money(fees)), ("Net", change(realized - fees))]
        blocks.append(align([*rows, ("Slippage in it", money(slippage))], right="1"))
    if isinstance(ask, Stop) and ask.reason:
        blocks.append(Paragraph(fit(f"Reason: {ask.reason}", SAID)))
    each = [
        Button(label(f"Only {look.bot}"), ask.model_copy(update={"bot": look.bot}), settles=command_id)
        for look in looks
    ]
    count = sum(len(look.open) for look in looks)
    what = said_of(ask) if len(looks) == 1 else f"{said_of(ask)} on {len(looks)} bots"
    return Message(headline(f"{what}? {_counted(count)}"), tuple(blocks), rows_of(each) if len(looks) > 1 else ())


def _of_bot(look: Look, now: datetime, *, several: bool) -> list[Block]:
    blocks: list[Block] = []
    if several:
        blocks.append(Paragraph(fit(f"{look.bot}: {_counted(len(look.open))}", SAID), bold=True))
    if look.snapshot is None:
        blocks.append(Paragraph(fit(f"⚠ {look.bot} has said nothing yet: what it holds is not known.", SAID)))
    elif is_stale(look.snapshot.at, now):
        blocks.append(Paragraph(fit(f"{look.bot}: {how_old(look.snapshot.at, now)}", SAID), bold=True))
    if look.open:
        blocks.append(align(_rows(look), right="123"))
        if len(look.open) > _LINES:
            blocks.append(Paragraph(f"and {len(look.open) - _LINES} more."))
    said = [look.refusal and f"⚠ {look.refusal}", look.missing, look.preview.message if look.preview else ""]
    return [*blocks, *(Paragraph(fit(one, SAID)) for one in said if one)]


def _rows(look: Look) -> list[tuple[str, ...]]:
    """A line a position: what it would come to where the bot says so, else what it is now."""
    shown = look.open[:_LINES]
    legs = look.preview.legs if look.preview else ()
    rows: list[tuple[str, ...]]
    if not any(leg.position for leg in legs):
        return [
            ("position", "gross", "PnL"),
            *((one.id, money(_gross(one)), short_change(one.pnl.total)) for one in shown),
        ]
    rows = [("position", "net", "fees", "slippage")]
    for one in shown:
        own = [leg for leg in legs if leg.position == one.id]
        fees = sum((leg.fee for leg in own), ZERO)
        net = sum((leg.realized for leg in own), ZERO) - fees
        rows.append((one.id, short_change(net), money(fees), money(sum((leg.slippage for leg in own), ZERO))))
    return rows


def course(ask: Whole, began: Sequence[Held], now: Now, ended: Mapping[str, CommandResult]) -> Message:
    """How far it has come: a line a leg that was open when it began, what is still open first."""
    several = len(now) > 1
    rows = []
    for held in began:
        facts = now.get(held.bot.name)
        position = facts.position(held.position.id) if facts else held.position
        for leg in held.position.legs:
            left = _left(position, leg.venue, leg.instrument)
            share = float(left / leg.size) if leg.size else 0.0
            named = f"{held.position.id} {held.bot.name}" if several else held.position.id
            rows.append((share, (named, leg.venue, _state(share))))
    closed = sum(share <= 0 for share, _ in rows)
    shown = [row for _, row in sorted(rows, key=lambda one: one[0] <= 0)][:_LINES]
    blocks: list[Block] = [align(shown)] if shown else []
    blocks += [Paragraph(fit(f"{bot}: {SIGNS[end.outcome]} {end.message}", SAID)) for bot, end in ended.items()]
    return Message(headline(f"{ask.doing}: {closed} of {len(rows)} legs closed…"), tuple(blocks))


def ended(
    ask: Whole,
    began: Sequence[Held],
    results: Sequence[tuple[str, CommandResult]],
    now: Now,
    ways: Sequence[Button],
) -> Message:
    """What was closed, what was not, and the money that it realized, each bot apart."""
    blocks: list[Block] = []
    if len(results) > 1:
        blocks += [Paragraph(fit(f"{bot}: {SIGNS[end.outcome]} {end.message}", SAID)) for bot, end in results]
    if left := _still_open(began, results, now):
        blocks.append(Paragraph(fit(f"⚠ Still open: {', '.join(left)}", SAID), bold=True))
    every = [fill for _, end in results for fill in end.fills]
    if every:
        realized, fees = sum((fill.realized for fill in every), ZERO), sum((fill.fee for fill in every), ZERO)
        rows = [("Realized", change(realized)), ("Fees", money(fees)), ("Net", change(realized - fees))]
        blocks.append(align(rows, right="1"))
        if len(every) <= _FILLS:
            blocks.append(fills(every))
    for outcome in (Outcome.UNKNOWN, Outcome.PARTIAL):
        if any(end.outcome is outcome for _, end in results):
            blocks += advice(outcome)
    if isinstance(ask, Stop) and any(end.outcome in (Outcome.DONE, Outcome.PARTIAL) for _, end in results):
        blocks.append(Paragraph("What was stopped stays paused until /resume all."))
    first = results[0][1]
    head = f"{SIGNS[first.outcome]} {first.message}" if len(results) == 1 else f"{said_of(ask)}: {ends(results)}"
    buttons: Rows = ((Button("Positions", Positions(bot=ask.bot)), Button("Status", Status(bot=ask.bot))),)
    return told(head, blocks, (*rows_of(ways), *buttons))


def _still_open(began: Sequence[Held], results: Sequence[tuple[str, CommandResult]], now: Now) -> list[str]:
    """What a bot says is left, or else what its facts show as open after the end; of the others nothing is claimed."""
    over = {bot: end for bot, end in results if end.outcome is not Outcome.DONE}
    left = []
    for held in began:
        facts, end = now.get(held.bot.name), over.get(held.bot.name)
        if end is None:
            continue
        said = end.data.get("left", ())
        if facts is None or end.finished_at is None or facts.at < end.finished_at:
            if isinstance(said, list | tuple) and held.position.id in said:
                left.append(held.position.id)
            continue
        position = facts.position(held.position.id)
        if position is None or position.stage is PositionStage.CLOSED:
            continue
        if legs := [leg.venue for leg in position.legs if leg.size]:
            left.append(f"{held.position.id} ({', '.join(legs)})")
    return left


def _open(facts: Snapshot | None) -> tuple[Position, ...]:
    return tuple(one for one in facts.positions if one.stage is not PositionStage.CLOSED) if facts else ()


def _left(position: Position | None, venue: str, instrument: str) -> Decimal:
    if position is None or position.stage is PositionStage.CLOSED:
        return ZERO
    same = (leg for leg in position.legs if (leg.venue, leg.instrument) == (venue, instrument))
    return next((leg.size for leg in same), ZERO)


def _state(share: float) -> str:
    if share <= 0:
        return "✓ closed"
    return "open" if share >= 1 else f"{1 - share:.0%} closed"


def _gross(position: Position) -> Decimal:
    return sum((leg.notional for leg in position.legs), ZERO)


def _counted(count: int) -> str:
    return "1 position" if count == 1 else f"{count} positions" if count else "no positions"
