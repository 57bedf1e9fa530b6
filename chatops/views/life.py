"""The life of a position: opened, what came of funding, what rang, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.durations import span
from bot_integration import EventCategory, PositionStage
from chatops.alert_record import Rang
from chatops.asks import Alerts, Positions, ShowPosition, Trades
from chatops.history.happenings_of import GONE, POSITION
from chatops.history.rows import Happened
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.money.facts import Trade
from chatops.money.funding import FundingSum
from chatops.views.alert_titles import SIGNS
from chatops.views.format import change, headline, label, money, percent, short_change
from chatops.views.money import moment

#: Lines of a life, and columns of one.
_LINES, _COLUMNS = 14, 120
#: What is no further apart is of one moment.
_BESIDE = timedelta(seconds=60)
#: What a bot tells that is of a life; what it only mentions, as each payment, is not.
_SAID = (EventCategory.STAGE, EventCategory.EXECUTION, EventCategory.WARNING)
#: Changes of stage that are told by themselves.
_STAGES = {PositionStage.REBALANCING.value: "rebalanced", GONE: "gone, though nobody saw it closed"}
#: Earlier ones of the same id that get a button.
_EARLIER = 6

#: A line and its moment.
_Line = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Life:
    """What is on record of one position."""

    bot: str
    position: str
    opened_at: datetime
    funding: FundingSum
    #: Of the last payment.
    paid_at: datetime | None = None
    rang: tuple[Rang, ...] = ()
    happened: tuple[Happened, ...] = ()
    #: Of one that is closed.
    trade: Trade | None = None


def told(life: Life, zone: ZoneInfo, now: datetime) -> Paragraph:
    """Line by line, oldest first; where there are many, how it began and the newest."""
    lines = sorted([*_funding(life), *_rang(life), *_happened(life)], key=lambda one: one[0])
    room = _LINES - 1 - (life.trade is not None)
    left_out = len(lines) - room
    if left_out > 0:
        lines = lines[left_out + 1 :]
    said = [f"{moment(life.opened_at, zone, now)} opened"]
    if left_out > 0:
        said.append(f"… {left_out + 1} more")
    said += [fit(f"{moment(at, zone, now)} {what}", _COLUMNS) for at, what in lines]
    if life.trade is not None:
        why = f": {life.trade.reason}" if life.trade.reason else ""
        said.append(
            fit(f"{moment(life.trade.closed_at, zone, now)} closed, {change(life.trade.net)} USD{why}", _COLUMNS)
        )
    return Paragraph("\n".join(said))


def _funding(life: Life) -> list[_Line]:
    came = life.funding
    if life.paid_at is None:
        return []
    count = "1 payment" if came.payments == 1 else f"{came.payments} payments"
    expected = f", expected {change(came.expected)}" if came.expected is not None else ""
    return [(life.paid_at, f"funding {change(came.actual)} USD in {count}{expected}")]


def _rang(life: Life) -> list[_Line]:
    return [
        (
            one.at,
            f"{SIGNS[one.severity]} {one.severity} {one.rule}, alert {one.number}"
            + (f", over after {span(one.resolved_at - one.at)}" if one.resolved_at is not None else ", not over"),
        )
        for one in life.rang
    ]


def _happened(life: Life) -> list[_Line]:
    """What the bot said of it; where it said nothing, that it was rebalanced, or is gone."""
    said = [one for one in life.happened if one.category in _SAID]
    lines = [(one.at, one.message) for one in said if not _is_told(one, life)]
    lines += [
        (one.at, _STAGES[one.message])
        for one in life.happened
        if one.category == POSITION and one.message in _STAGES and not any(_beside(one.at, other.at) for other in said)
    ]
    return lines


def _is_told(one: Happened, life: Life) -> bool:
    """Whether the lines of the opening and of the closing say it already."""
    if life.trade is not None and _beside(one.at, life.trade.closed_at):
        return one.category != EventCategory.WARNING
    return one.category == EventCategory.STAGE and _beside(one.at, life.opened_at)


def _beside(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= _BESIDE


def closed(life: Life, trade: Trade, zone: ZoneInfo, now: datetime) -> Message:
    """The card of a position that is no more: what it made, leg by leg, and its life."""
    of = trade.of
    whose = " · ".join(part for part in (of.bot, of.asset, of.lane, f"held {span(trade.held)}") if part)
    rows = [
        ("Realized", change(trade.realized), ""),
        ("Funding", change(trade.funding), ""),
        ("Fees", change(-trade.fees), ""),
        ("Net", change(trade.net), "" if trade.share is None else percent(100 * trade.share, signed=True)),
    ]
    if trade.deployed:
        rows.append(("Put in", money(trade.deployed), ""))
    if trade.slippage is not None:
        rows.append(("Slippage in it", change(-trade.slippage), ""))
    blocks: list[Block] = [Paragraph(fit(whose, _COLUMNS)), align(rows, right="12")]
    if trade.legs:
        cells = [("leg", "realized", "funding", "fees")]
        cells += [
            (
                f"{one.side} {one.venue}".strip(),
                short_change(one.realized),
                short_change(one.funding),
                short_change(-one.fees),
            )
            for one in trade.legs[:6]
        ]
        blocks.append(align(cells, right="123"))
    blocks += [told(life, zone, now), Paragraph(f"times in {zone.key}")]
    buttons = [Button("Trades", Trades(bot=of.bot)), Button("Positions", Positions())]
    if life.rang:
        buttons.append(Button(f"Alert {life.rang[-1].number}", Alerts(number=life.rang[-1].number)))
    return Message(headline(f"{of.position} · closed, {change(trade.net)} USD"), tuple(blocks), (tuple(buttons),))


def which(wanted: str, made: Sequence[Trade], zone: ZoneInfo, now: datetime) -> Message:
    """Several positions went by one id: a button each, the newest first."""
    count = len(made)
    note = (f"These are the newest {_EARLIER} of {count}.",) if count > _EARLIER else ()
    return Message(
        headline(f"{count} positions went by “{fit(wanted, 20)}”. Which?"),
        tuple(Paragraph(one) for one in note),
        tuple((button,) for button in earlier(made, zone, now, several=len({one.of.bot for one in made}) > 1)),
    )


def earlier(made: Sequence[Trade], zone: ZoneInfo, now: datetime, *, several: bool = False) -> list[Button]:
    """A button for each of the newest."""
    buttons = []
    for one in made[:_EARLIER]:
        whose = f"{one.of.bot} " if several else ""
        said = f"{whose}closed {moment(one.closed_at, zone, now)}, {short_change(one.net)}"
        asked = ShowPosition(position=one.of.position, bot=one.of.bot, trade=one.id)
        buttons.append(Button(label(said), asked))
    return buttons
