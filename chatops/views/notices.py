"""What happened, for those who did not ask: one view a kind. The title is all that a phone's notification says."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from bot_integration import Mode, Pnl, Position, PositionStage, Stage
from chatops.asks import ShowPosition, Status
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.notices.happenings import (
    BreakersChanged,
    CameBack,
    Changed,
    Closed,
    Filled,
    Funded,
    Happening,
    ModeChanged,
    Opened,
    PartClosed,
    Rebalanced,
    Restarted,
    SettingsChanged,
    StageChanged,
    Used,
    WentAway,
)
from chatops.views.format import change, headline, money, percent, span

#: Rows of a table, and names in a list; how many more there are is counted.
_ROWS = 10
#: Columns of running text.
_SAID = 300
#: From here on cents say nothing.
_WHOLE_USD = 1_000
#: USD that four rounded lines may be away from their rounded sum: half a cent each, and its own.
_ROUNDING = Decimal("0.02")


def notice(happening: Happening, several: bool) -> Message:
    """What happened, with the bot's name before a position's where there are several bots."""
    match happening:
        case Opened() | Filled() | Rebalanced() | Closed() | PartClosed() | Funded():
            return _of_positions(happening, several)
        case StageChanged():
            return stage(happening)
        case ModeChanged():
            return mode(happening)
        case BreakersChanged():
            return breakers(happening)
        case Restarted():
            return restarted(happening)
        case WentAway():
            return went_away(happening)
        case CameBack():
            return Message(headline(f"{happening.bot} is back after {span(happening.away_for)}"))
        case Used():
            return used(happening)
        case SettingsChanged():
            return settings(happening)
        case _:
            assert_never(happening)


def _of_positions(happening: Opened | Filled | Rebalanced | Closed | PartClosed | Funded, several: bool) -> Message:
    match happening:
        case Opened():
            return opened(happening, several)
        case Filled():
            return filled(happening, several)
        case Rebalanced():
            return rebalanced(happening, several)
        case Closed():
            return closed(happening, several)
        case PartClosed():
            return part_closed(happening, several)
        case Funded():
            return funded(happening, several)


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
    legs = [(f"{leg.side} {leg.venue}", leg.instrument, money(leg.notional)) for leg in position.legs[:_ROWS]]
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


def closed(told: Closed, several: bool) -> Message:
    """What it made. What it was when it went without a word is said as that."""
    position, pnl = told.position, told.position.pnl
    name = _name(told.bot, position, several)
    if told.unseen and not told.final:
        seen = f"When last seen, {position.updated_at:%Y-%m-%d %H:%M} UTC: {change(pnl.total)} USD."
        return Message(
            headline(f"{name} was closed while I was away: its PnL is not known here"), (Paragraph(fit(seen, _SAID)),)
        )
    if not told.final and position.filled_usd == 0 and not position.legs and not pnl.total:
        return Message(headline(f"{name} was not opened: nothing was filled"))
    rows = [(part, change(amount)) for part, amount in _parts(pnl, told.final)]
    blocks: list[Block] = [
        align([*rows, ("Held", span(position.updated_at - position.opened_at))], right="1"),
    ]
    if position.risk.last_exit_reason:
        blocks.append(Paragraph(fit(f"Why: {position.risk.last_exit_reason}", _SAID)))
    away = " while I was away" if told.unseen else ""
    end = f"closed{away}: {change(pnl.total)} USD" if told.final else f"is gone: {change(pnl.total)} USD when last seen"
    return Message(headline(f"{name} {end}"), tuple(blocks))


def part_closed(told: PartClosed, several: bool) -> Message:
    """What that part made, and what is still held."""
    position = told.position
    # What is left is never nothing.
    share = min(told.share, Decimal("0.99"))
    gross = sum((leg.notional for leg in position.legs), Decimal(0))
    left = (
        f"Still held: {money(gross)} USD gross." if position.legs else f"Still held: {money(position.filled_usd)} USD."
    )
    name = _name(told.bot, position, several)
    return Message(
        headline(f"{name} closed in part: {share:.0%}, {change(told.realized)} USD realized"),
        (Paragraph(fit(left, _SAID)),),
        ((Button("Position", ShowPosition(position=position.id, bot=told.bot)),),),
    )


def funded(told: Funded, several: bool) -> Message:
    """What was paid, by position, and for how many payments that stands."""
    many = f", {told.payments} payments since {_at(told.since)}" if told.payments and told.since else ""
    if len(told.paid) == 1:
        ((position, amount),) = told.paid
        return Message(headline(f"{_name(told.bot, position, several)} funding: {change(amount)} USD{many}"))
    rows = [(position.id, change(amount)) for position, amount in told.paid]
    whose = f"{told.bot} · " if several else ""
    return Message(
        headline(f"{whose}Funding: {change(told.total)} USD on {len(rows)} positions{many}"),
        _table(rows, len(rows), right="1"),
    )


def stage(told: StageChanged) -> Message:
    """What it is about; of a bot that is held back what is held, by whom and why."""
    was = f"(was {told.before})"
    if told.after is not Stage.PAUSED:
        return Message(headline(f"{told.bot} is {told.after} now {was}"))
    pause = told.pause
    by = f" by {pause.by}" if pause.by else ""
    why = f": {pause.reason}" if pause.reason else ""
    held = [scope for scope in pause.scopes if scope != "all"]
    if pause.paused and held and "all" not in pause.scopes:
        said = f"{told.bot}: {_list(held)} is paused now{by} {was}{why}"
    elif pause.paused:
        said = f"{told.bot} is paused now{by} {was}{why}"
    elif pause.kill_switch:
        said = f"{told.bot} is paused now {was}: the kill switch is on"
    elif pause.active_breakers:
        said = f"{told.bot} is paused now {was}: breaker {_list(pause.active_breakers)}"
    else:
        said = f"{told.bot} is paused now {was}"
    return _whole(said)


def mode(told: ModeChanged) -> Message:
    """Loud where orders have become real."""
    if told.after is Mode.LIVE:
        return Message(headline(f"⚠ {told.bot} trades LIVE now: its orders are real"), (), _status(told.bot))
    return Message(headline(f"{told.bot} trades on paper now"), (), _status(told.bot))


def breakers(told: BreakersChanged) -> Message:
    """What tripped first, since it holds the bot back."""
    tripped = f"⚠ {told.bot}: breaker {_list(told.tripped)} tripped" if told.tripped else ""
    reset = f"{told.bot}: breaker {_list(told.reset)} was reset" if told.reset else ""
    more = (Paragraph(fit(reset, _SAID)),) if tripped and reset else ()
    return Message(headline(tripped or reset), more, _status(told.bot))


def restarted(told: Restarted) -> Message:
    """What it holds, and what came or went over the restart."""
    blocks: list[Block] = []
    if told.was:
        blocks.append(Paragraph(fit(f"Version {told.version or 'unknown'}, was {told.was}.", _SAID)))
    if told.gone:
        blocks.append(Paragraph(fit(f"No longer held: {_list(told.gone)}.", _SAID), bold=True))
    if told.new:
        blocks.append(Paragraph(fit(f"Held, and was not before: {_list(told.new)}.", _SAID), bold=True))
    mark = "⚠ " if told.gone or told.new else ""
    held = f"{told.held} {'position' if told.held == 1 else 'positions'} held"
    return Message(
        headline(f"{mark}{told.bot} was restarted at {_at(told.started_at)}: {held}"), tuple(blocks), _status(told.bot)
    )


def went_away(told: WentAway) -> Message:
    """Since when. What it trades meanwhile nobody sees."""
    heard = "last heard at" if told.heard_at is not None else "nothing heard since"
    return Message(
        headline(f"⚠ {told.bot} is away: {heard} {_at(told.since)}"),
        (Paragraph("What it holds may change unseen. What is shown of it is the last that it said."),),
        _status(told.bot),
    )


def used(told: Used) -> Message:
    """Who, what, on which bot, and what came of it."""
    where = f" on {told.bot}" if told.bot else ""
    said = f"{told.person} used /{told.word}{where}: {told.outcome}"
    return _whole(said)


def settings(told: SettingsChanged) -> Message:
    """Each parameter before and after."""
    if len(told.changed) == 1:
        (one,) = told.changed
        return Message(headline(f"{told.bot}: {one.key} {_became(one)}"))
    rows = [(one.key, _became(one)) for one in told.changed]
    return Message(headline(f"{told.bot}: {len(rows)} settings changed"), _table(rows, len(rows)))


def _whole(said: str) -> Message:
    """As the title; whole below it where that is too short for it."""
    title = headline(said)
    whole = fit(said, _SAID)
    return Message(title, () if whole.strip() == title else (Paragraph(whole),))


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


def _became(one: Changed) -> str:
    # Of a secret there is nothing to see but that it is another.
    if one.before == one.after:
        return "was changed"
    return fit(f"{one.before} → {one.after}{f' {one.unit}' if one.unit else ''}", _SAID)


def _table(rows: Sequence[tuple[str, str]], count: int, right: str = "") -> tuple[Table | Paragraph, ...]:
    table = align(rows[:_ROWS], right=right)
    return (table, Paragraph(f"and {count - _ROWS} more")) if count > _ROWS else (table,)


def _name(bot: str, position: Position, several: bool) -> str:
    return f"{bot} · {position.id}" if several else position.id


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _ROWS} more" if len(names) > _ROWS else ""
    return ", ".join(names[:_ROWS]) + more


def _usd(amount: Decimal) -> str:
    return f"{amount:,.0f}" if abs(amount) >= _WHOLE_USD else money(amount)


def _at(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"


def _status(bot: str) -> tuple[tuple[Button, ...], ...]:
    return ((Button("Status", Status(bot=bot)),),)
