"""What happened to positions, for those who did not ask: one view a kind."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from alerts.durations import span
from bot_integration import Pnl, Position, PositionStage
from chatops.asks import ShowPosition
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.notices.happenings import Closed, Filled, Funded, Opened, PartClosed, Rebalanced
from chatops.views.format import change, headline, money, percent

OfPositions = Opened | Filled | Rebalanced | Closed | PartClosed | Funded

#: Rows of a table, and names in a list; how many more there are is counted.
ROWS = 10
#: Columns of running text.
SAID = 300
#: From here on cents say nothing.
_WHOLE_USD = 1_000
#: USD that four rounded lines may be away from their rounded sum: half a cent each, and its own.
_ROUNDING = Decimal("0.02")


def position_notice(happening: OfPositions, several: bool, zone: tzinfo) -> Message:
    """What happened to it, with the bot's name before its own where there are several bots; moments in this zone."""
    match happening:
        case Opened():
            return opened(happening, several)
        case Filled():
            return filled(happening, several)
        case Rebalanced():
            return rebalanced(happening, several)
        case Closed():
            return closed(happening, several, zone)
        case PartClosed():
            return part_closed(happening, several)
        case Funded():
            return funded(happening, several, zone)


def opened(told: Opened, several: bool) -> Message:
    """How much and of what, with its legs."""
    position = told.position
    if position.stage is PositionStage.OPENING:
        said = f"opening: {_usd(position.target_usd)} USD wanted"
    else:
        # Not every bot says what it filled; its legs it has to show.
        gross = sum((leg.notional for leg in position.legs), Decimal(0))
        amount = position.filled_usd or position.target_usd
        when = "opened while I was away" if told.unseen else "opened"
        said = f"{when}: {_usd(amount)} USD" if amount else f"{when}: {_usd(gross)} USD gross"
    of = position.lane or position.strategy
    legs = [(f"{leg.side} {leg.venue}", leg.instrument, money(leg.notional)) for leg in position.legs[:ROWS]]
    return Message(
        headline(f"{_name(told.bot, position, several)} {said}" + (f", {of}" if of else "")),
        (align(legs, right="2"),) if legs else (),
        ((Button("Position", ShowPosition(position=position.id, bot=told.bot)),),),
    )


def filled(told: Filled, several: bool) -> Message:
    """How much of the target is there."""
    position = told.position
    part = f" {float(position.filled_usd / position.target_usd):.0%}" if position.target_usd > 0 else ""
    of = f" of {_usd(position.target_usd)}" if part else ""
    return Message(headline(f"{_name(told.bot, position, several)} filled{part}: {_usd(position.filled_usd)}{of} USD"))


def rebalanced(told: Rebalanced, several: bool) -> Message:
    """What is left of its exposure."""
    position = told.position
    drift = f" ({percent(position.delta_ratio * 100)} of gross)" if position.delta_ratio is not None else ""
    return Message(
        headline(f"{_name(told.bot, position, several)} rebalanced: delta {change(position.delta)} USD{drift}")
    )


def closed(told: Closed, several: bool, zone: tzinfo) -> Message:
    """What it made. What it was when it went without a word is said as that."""
    position, pnl = told.position, told.position.pnl
    name = _name(told.bot, position, several)
    if told.unseen and not told.final:
        seen = f"When last seen, {position.updated_at.astimezone(zone):%Y-%m-%d %H:%M %Z}: {change(pnl.total)} USD."
        return Message(
            headline(f"{name} was closed while I was away: its PnL is not known here"), (Paragraph(fit(seen, SAID)),)
        )
    if not told.final and position.filled_usd == 0 and not position.legs and not pnl.total:
        return Message(headline(f"{name} was not opened: nothing was filled"))
    rows = [(part, change(amount)) for part, amount in _parts(pnl, told.final)]
    blocks: list[Block] = [
        align([*rows, ("Held", span(position.updated_at - position.opened_at))], right="1"),
    ]
    if position.risk.last_exit_reason:
        blocks.append(Paragraph(fit(f"Why: {position.risk.last_exit_reason}", SAID)))
    away = " while I was away" if told.unseen else ""
    end = f"closed{away}: {change(pnl.total)} USD" if told.final else f"is gone: {change(pnl.total)} USD when last seen"
    return Message(headline(f"{name} {end}"), tuple(blocks))


def part_closed(told: PartClosed, several: bool) -> Message:
    """What that part made, and what is still held."""
    position = told.position
    # What is left is never nothing.
    share = f"{min(told.share * 100, Decimal('99.9')):.1f}".removesuffix(".0")
    gross = sum((leg.notional for leg in position.legs), Decimal(0))
    left = (
        f"Still held: {money(gross)} USD gross." if position.legs else f"Still held: {money(position.filled_usd)} USD."
    )
    name = _name(told.bot, position, several)
    return Message(
        headline(f"{name} closed in part: {share}%, {change(told.realized)} USD realized"),
        (Paragraph(fit(left, SAID)),),
        ((Button("Position", ShowPosition(position=position.id, bot=told.bot)),),),
    )


def funded(told: Funded, several: bool, zone: tzinfo) -> Message:
    """What was paid, by position, and for how many payments that stands."""
    many = f", {told.payments} payments since {at(told.since, zone)}" if told.payments and told.since else ""
    if len(told.paid) == 1:
        ((position, amount),) = told.paid
        return Message(headline(f"{_name(told.bot, position, several)} funding: {change(amount)} USD{many}"))
    rows = [(position.id, change(amount)) for position, amount in told.paid]
    whose = f"{told.bot} · " if several else ""
    return Message(
        headline(f"{whose}Funding: {change(told.total)} USD on {len(rows)} positions{many}"),
        table(rows, len(rows), right="1"),
    )


def _parts(pnl: Pnl, final: bool) -> list[tuple[str, Decimal]]:
    """What the total is made of, to the cent: the lines add up to what the title says.

    A cent that rounding costs goes to the largest line. What a bot counts beyond these is a line of its own.
    """
    parts = [("Realized", _cents(pnl.realized)), ("Funding", _cents(pnl.funding)), ("Fees", -_cents(pnl.fees))]
    if not final or pnl.unrealized:
        parts.insert(0, ("Unrealized", _cents(pnl.unrealized)))
    rest = _cents(pnl.total) - sum((amount for _, amount in parts), Decimal(0))
    if abs(rest) > _ROUNDING:
        return [*parts, ("Other", rest)]
    largest = max(range(len(parts)), key=lambda index: abs(parts[index][1]))
    name, amount = parts[largest]
    parts[largest] = (name, amount + rest)
    return parts


def _cents(amount: Decimal) -> Decimal:
    # As it is shown; rounding a vast one to cents would raise.
    return Decimal(f"{amount:.2f}")


def table(rows: Sequence[tuple[str, str]], count: int, right: str = "") -> tuple[Table | Paragraph, ...]:
    """The first of them, and how many more there are."""
    shown = align(rows[:ROWS], right=right)
    return (shown, Paragraph(f"and {count - ROWS} more")) if count > ROWS else (shown,)


def _name(bot: str, position: Position, several: bool) -> str:
    return f"{bot} · {position.id}" if several else position.id


def _usd(amount: Decimal) -> str:
    return f"{amount:,.0f}" if abs(amount) >= _WHOLE_USD else money(amount)


def at(moment: datetime, zone: tzinfo) -> str:
    """To the second."""
    return f"{moment.astimezone(zone):%H:%M:%S %Z}"
