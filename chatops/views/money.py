"""What all answers about money have in common: whose and of when they are, their parts, and what they leave out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.durations import span as length
from chatops.asks import Equity, Performance, Pnl
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.money.equity import Drawdown
from chatops.money.facts import ZERO, Transfer
from chatops.money.funding import FundingSum
from chatops.money.known import Known
from chatops.money.parts import Parts
from chatops.money.spans import Span
from chatops.money.summary import Summary
from chatops.ranges import BUTTONS, RangeName
from chatops.views.format import age, change, headline, money, percent, short_change

#: Characters of an answer with a picture: platforms take little more under one (Telegram 1,024).
CAPTION = 900
#: What was recorded longer ago is not of now: a bot is recorded every few seconds.
LATE_AFTER = timedelta(minutes=2)
#: Bots that get a line of their own, and names and transfers that a line names.
_BOTS, _NAMES, _TRANSFERS = 5, 3, 2
#: USD. Less is interest that waits until it is a cent a leg, or what prices of another moment make.
_BESIDES = Decimal(1)
#: Columns of a name in running text.
_NAME = 16


@dataclass(frozen=True, slots=True)
class Account:
    """The figures of some bots over a time, as one answer tells them."""

    #: As in a title: `30d`, `today`.
    title: str
    zone: ZoneInfo
    now: datetime
    bots: tuple[str, ...]
    #: The one that was asked for, where it is not all of them.
    bot: str
    summary: Summary
    by_bot: Mapping[str, Parts]
    transfers: tuple[Transfer, ...]
    known: Known

    @property
    def whose(self) -> str:
        """For a title: ` of alpha` where one was asked for."""
        return f" of {fit(self.bot, 40)}" if self.bot else ""


def telling(
    title: str, blocks: Sequence[Block], said: Sequence[str], buttons: tuple[tuple[Button, ...], ...]
) -> Message:
    """The answer, with as much of what is said besides, the most important first, as stands under a picture."""
    whole = Message(headline(title), tuple(blocks), buttons)
    room, kept = CAPTION - len(whole.text) - 2, list[str]()
    for line in said:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return replace(whole, blocks=(*whole.blocks, Paragraph("\n".join(kept)))) if kept else whole


def period(of: Account) -> Paragraph:
    """From when to when, in whose time, and how old the newest of it is."""
    reach = f"{reach_of(of.summary.span, of.zone, of.now)}, {of.zone.key}"
    oldest = min(of.known.until.values(), default=None)
    return Paragraph(reach if oldest is None else f"{reach} · {age(oldest, of.now)}")


def reach_of(span: Span, zone: ZoneInfo, now: datetime) -> str:
    """`3 May 12:00 – 4 May 12:00`."""
    return f"{moment(span.start, zone, now)} – {moment(min(span.end, now), zone, now)}"


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`3 May 12:00`; of another year with it."""
    local = at.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def parts_rows(parts: Parts, funding: FundingSum) -> list[tuple[str, str]]:
    """What a total is made of; funding beside what was expected of it."""
    rows = [
        ("Realized", change(parts.realized)),
        ("Unrealized", change(parts.unrealized)),
        ("Funding", change(parts.funding)),
    ]
    if funding.expected is not None:
        rows.append(("  expected", change(funding.expected)))
        # What nobody predicted, as interest, has nothing to stand beside.
        if funding.of_expected is not None and funding.of_expected != funding.actual:
            rows.append(("  came of it", change(funding.of_expected)))
    return [*rows, ("Fees", change(-parts.fees))]


def parts_line(of: Summary) -> str:
    """The same in a line, with what there is at the end: under a table of something else."""
    made = [f"{name.strip().lower()} {value}" for name, value in parts_rows(of.parts, of.funding)]
    return " · ".join(made if of.equity.end is None else [*made, f"equity {money(of.equity.end)}"])


def equity_rows(of: Summary) -> list[tuple[str, str]]:
    """What there is at the end, and what each USD of the beginning has made."""
    if of.equity.end is None:
        return []
    rows = [("Equity", money(of.equity.end))]
    return [*rows, ("Return", percent(100 * of.returned, signed=True))] if of.returned is not None else rows


def drawdowns(of: Account) -> list[str]:
    """The worst, and the one that it ends in where that is another."""
    worst, now = of.summary.worst_drawdown, of.summary.drawdown
    if worst is None:
        return []
    lines = [f"Worst drawdown {_fall(worst)}: {_times(worst, of)}"]
    if now is not None and now.peak_at != worst.peak_at:
        lines.append(f"Drawdown now {_fall(now)}, from {moment(now.peak_at, of.zone, of.now)}.")
    return lines


def _fall(one: Drawdown) -> str:
    return f"{percent(100 * one.depth)} ({short_change(one.usd)})" if one.depth >= 0.001 else short_change(one.usd)


def _times(one: Drawdown, of: Account) -> str:
    fell = f"{moment(one.peak_at, of.zone, of.now)} to {moment(one.trough_at, of.zone, of.now)}"
    return f"{fell}, since recovered." if one.recovered_at else f"{fell}, not yet recovered."


def bots_table(by_bot: Mapping[str, Parts]) -> Table | None:
    """What each made, the best first. None where there are not several."""
    made = _by_total(by_bot)
    if len(made) < 2:
        return None
    rows = [(name, short_change(one.total), short_change(one.funding)) for name, one in made]
    return align([("bot", "total", "funding"), *rows], right="12")


def bots_line(by_bot: Mapping[str, Parts]) -> str:
    """The same in a line; empty where there are not several."""
    made = _by_total(by_bot)
    return "; ".join(f"{name} {short_change(one.total)}" for name, one in made) if len(made) > 1 else ""


def _by_total(by_bot: Mapping[str, Parts]) -> list[tuple[str, Parts]]:
    ordered = sorted(by_bot.items(), key=lambda one: (-one[1].total, one[0]))
    shown, rest = (ordered, []) if len(ordered) <= _BOTS else (ordered[: _BOTS - 1], ordered[_BOTS - 1 :])
    others = [(f"{len(rest)} others", sum((one for _, one in rest), Parts()))] if rest else []
    return [*((fit(bot, _NAME), one) for bot, one in shown), *others]


def notes(of: Account) -> list[str]:
    """What a figure does not say by itself: what was not seen, what is not counted, and what does not fit."""
    down = of.summary.down
    lines = []
    late = [bot for bot, at in of.known.until.items() if of.now - at > LATE_AFTER]
    if late:
        oldest = min(of.known.until[bot] for bot in late)
        lines.append(f"⚠ {names(late)} {_was(late)} last recorded {length(of.now - oldest)} ago.")
    if down.length:
        lines.append(f"⚠ {names(down.bots)} {_was(down.bots)} not seen for {length(down.length)} of it.")
    if of.known.since:
        lines.append(_beginnings(of))
    if of.known.unknown:
        lines.append(f"Nothing is recorded of {names(of.known.unknown)} yet.")
    if left_out := _left_out(of):
        lines.append(left_out)
    return [*lines, *besides(of.summary)]


def besides(of: Summary) -> list[str]:
    """What equity made that nobody told the reason of, in a line; none where that is nothing to speak of."""
    if of.equity.end is None or abs(of.unexplained) < _BESIDES:
        return []
    return [f"Equity made {change(of.unexplained)} besides: nobody told of what."]


def _beginnings(of: Account) -> str:
    """Who came in this time, and with what."""
    since = of.known.since
    brought = sum((one.amount for one in of.transfers if _is_beginning(one, of)), ZERO)
    first = moment(min(since.values()), of.zone, of.now)
    return f"Recorded since {first}: {names(tuple(since))}{f', with {money(brought)}' if brought else ''}."


def _is_beginning(transfer: Transfer, of: Account) -> bool:
    """Whether it is what a bot had when it came."""
    return transfer.bot in of.known.since and transfer.at <= of.known.since[transfer.bot]


def _left_out(of: Account) -> str:
    """Money put in and taken out, named."""
    moved = [one for one in of.transfers if not _is_beginning(one, of)]
    if not moved:
        return ""
    if len(moved) > _TRANSFERS:
        put_in = sum((one.amount for one in moved if one.amount > 0), ZERO)
        taken = sum((-one.amount for one in moved if one.amount < 0), ZERO)
        return f"Not counted: {len(moved)} transfers, {money(put_in)} put in, {money(taken)} taken out."
    said = [f"{change(one.amount)} on {moment(one.at, of.zone, of.now)}" for one in moved]
    return f"Not counted, put in or taken out: {'; '.join(said)}."


def names(of: Sequence[str]) -> str:
    """`alpha, beta, gamma and 2 more`."""
    said = ", ".join(fit(one, _NAME) for one in of[:_NAMES])
    return f"{said} and {len(of) - _NAMES} more" if len(of) > _NAMES else said


def _was(bots: Sequence[str]) -> str:
    return "was" if len(bots) == 1 else "were"


def range_buttons(ask: Pnl | Equity | Performance) -> tuple[Button, ...]:
    """The same over other times; the one shown is marked."""
    shown: RangeName = ask.range
    offered = BUTTONS if shown in BUTTONS else (*BUTTONS, shown)
    return tuple(Button(marked(name, name == shown), ask.model_copy(update={"range": name})) for name in offered)


def marked(label: str, is_shown: bool) -> str:
    """A label, told apart where it is of what is shown now."""
    return f"· {label} ·" if is_shown else label
