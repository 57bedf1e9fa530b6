"""The page of a person: what is wrong, how each bot is, what is most endangered, and what they may ask.

It tells moments and no ages, so that it differs where the facts do.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from alerts.durations import span
from alerts.model import Alert
from alerts.oncall import Shift
from bot_integration import Health, Snapshot
from chatops.home import Page, Row, Word
from chatops.layout import align, fit
from chatops.link import Away, Link
from chatops.messages import Block, Paragraph
from chatops.restraints import NO_WISHES, Wish, WishesOf, missing
from chatops.views import alert_titles
from chatops.views.alert_list import counted, hand, worst_first
from chatops.views.danger import worst_health_factor, worst_margin_fraction
from chatops.views.desired import said_now
from chatops.views.format import (
    STALE_AFTER,
    change,
    clock,
    headline,
    is_stale,
    money,
    ratio,
    short_change,
    short_money,
    when,
)
from chatops.views.positions import table
from chatops.views.positions import worst_first as most_endangered_first
from chatops.views.status import NO_ALERTS, AlertsOf, Known, facts, reasons, title

#: Up to so many bots each has a table of its own; more have a line.
_DETAILED = 5
#: Lines of each list: more than that nobody reads on a phone, and a word shows the rest.
_BOTS, _ALERTS, _POSITIONS, _ROWS, _REASONS = 40, 5, 15, 16, 6
#: Columns of a line of running text.
_LINE = 200
#: A ratio from here on is far from any danger.
_FAR = 999.5
#: What a bot is in one word, where nothing is wrong with it.
_WELL = "ok"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person may see: empty is what they may not, and what there is not."""

    bots: Sequence[Known] = ()
    wishes: WishesOf = field(default_factory=lambda: NO_WISHES)
    alerts: AlertsOf = field(default_factory=lambda: NO_ALERTS)
    shows_positions: bool = True
    #: The shift of now, and whether people take turns at all.
    shift: Shift | None = None
    has_turns: bool = False
    #: How the platforms are.
    links: Mapping[str, Link] = field(default_factory=dict)
    is_database_here: bool = True


def home(seen: Seen, now: datetime, words: Sequence[Sequence[Word]], of_bots: Mapping[str, Sequence[Word]]) -> Page:
    """The page. `now` is in the zone in which they read; `words` stand at the top, those `of_bots` below each."""
    parts: list[Block | Row] = [Paragraph(line, bold=True) for line in _outages(seen, now)]
    parts += [Row(tuple(row)) for row in words if row]
    parts += _alerts(seen, now)
    parts += _bots(seen, now, of_bots)
    if seen.shows_positions:
        parts += _positions(seen)
    if seen.has_turns:
        parts.append(Paragraph(_on_call(seen.shift, now)))
    if seen.bots:
        parts.append(Paragraph(f"What a bot says is at most {span(STALE_AFTER)} older than this, unless it is STALE."))
    # Who may not see how the bots are sees none, and is not told that there are none.
    said = title(seen.bots, now, seen.wishes, seen.alerts, ages=False) if seen.bots else "Nothing to show here"
    return Page(said, tuple(parts), now)


def closed(now: datetime) -> Page:
    """For whom we do not know."""
    asks = (
        "This desk answers people whom it knows. Ask one of its admins: they invite you with the word invite, and you "
        "say the code to me under Messages. Guests of the workspace cannot come in."
    )
    return Page("I do not know you", (Paragraph(asks),), now, is_open=False)


def elsewhere(now: datetime) -> Page:
    """For whom the settings bind to other rooms."""
    return Page("You may not ask here", (Paragraph("The settings bind you to other rooms: ask there."),), now)


def _outages(seen: Seen, now: datetime) -> Iterator[str]:
    if not seen.is_database_here:
        yield "⚠ My database is away: what adds risk has to wait. What reduces it works."
    for platform, link in seen.links.items():
        if isinstance(link, Away):
            yield fit(f"⚠ {platform.capitalize()} is away since {when(link.since, now)}: {link.reason}", _LINE)


def _alerts(seen: Seen, now: datetime) -> list[Block | Row]:
    standing = worst_first([alert for alerts in seen.alerts.values() for alert in alerts])
    if not standing:
        return []
    several = len(seen.bots) > 1
    lines = [fit(_alert(one, now, several), _LINE) for one in standing[:_ALERTS]]
    more = len(standing) - len(lines)
    lines += [f"And {more} more, under Alerts."] if more > 0 else []
    return [Paragraph(f"Alerts: {counted(standing)}", bold=True), Paragraph("\n".join(lines))]


def _alert(one: Alert, now: datetime, several: bool) -> str:
    held = hand(one, now)
    return alert_titles.title(one, several=several) + (f", {held}" if held else "")


def _bots(seen: Seen, now: datetime, of_bots: Mapping[str, Sequence[Word]]) -> list[Block | Row]:
    if len(seen.bots) > _DETAILED:
        return _fleet(seen, now)
    parts: list[Block | Row] = []
    for name, snapshot in seen.bots:
        parts.append(Paragraph(_head(name, snapshot, now), bold=True))
        if snapshot is not None:
            parts.append(align(facts(snapshot, now, seen.alerts.get(name, ()), ages=False)[:_ROWS]))
            if said := _why(snapshot, seen.wishes.get(name, ()), now):
                parts.append(Paragraph("\n".join(said)))
        if words := of_bots.get(name):
            parts.append(Row(tuple(words)))
    return parts


def _head(name: str, snapshot: Snapshot | None, now: datetime) -> str:
    if snapshot is None:
        return fit(f"{name}: nothing heard yet", _LINE)
    session = snapshot.session
    stale = f" · STALE since {clock(snapshot.at, now)}" if is_stale(snapshot.at, now) else ""
    return fit(f"{name} · {session.mode} · {session.stage} · {session.health}{stale}", _LINE)


def _why(snapshot: Snapshot, wishes: Sequence[Wish], now: datetime) -> list[str]:
    said = [*said_now(snapshot.session.pause, wishes, now), *reasons(snapshot, wishes)]
    more = len(said) - _REASONS
    return [*said[:_REASONS], f"And {more} more, under Status."] if more > 0 else said


def _fleet(seen: Seen, now: datetime) -> list[Block | Row]:
    """Many bots: a line each, those first with which something is wrong, and what they come to."""
    states = {name: _state(snapshot, seen.wishes.get(name, ()), now) for name, snapshot in seen.bots}
    ordered = sorted(seen.bots, key=lambda one: states[one[0]] == _WELL)
    rows = [("bot", "equity", "today", "worst", "")]
    rows += [_line(name, snapshot, states[name]) for name, snapshot in ordered[:_BOTS]]
    heard = [snapshot for _, snapshot in seen.bots if snapshot is not None]
    equity = sum((one.portfolio.equity for one in heard), Decimal(0))
    today = sum((one.portfolio.pnl_today for one in heard if one.portfolio.pnl_today is not None), Decimal(0))
    modes = ", ".join(f"{count} {mode}" for mode, count in Counter(one.session.mode for one in heard).items())
    head = f"{len(seen.bots)} bots ({modes or 'none heard'}) · equity {money(equity)} · today {change(today)} USD"
    parts: list[Block | Row] = [Paragraph(headline(head), bold=True), align(rows, right="123")]
    more = len(ordered) - _BOTS
    note = "worst: the lowest health factor or margin fraction of its legs. Each bot whole: Status."
    parts.append(Paragraph(f"And {more} more, under Status. {note}" if more > 0 else note))
    return parts


def _line(name: str, snapshot: Snapshot | None, state: str) -> tuple[str, str, str, str, str]:
    if snapshot is None:
        return (name, "", "", "", state)
    found = [worst.value for worst in (worst_health_factor(snapshot), worst_margin_fraction(snapshot)) if worst]
    equity, today = snapshot.portfolio.equity, snapshot.portfolio.pnl_today
    return (name, short_money(equity), "" if today is None else short_change(today), _ratio(found), state)


def _ratio(found: Sequence[float]) -> str:
    """The lowest; of one so far from danger that its number would take the room of others, that it is."""
    lowest = min(found, default=None)
    return ">999" if lowest is not None and lowest >= _FAR else ratio(lowest)


def _state(snapshot: Snapshot | None, wishes: Sequence[Wish], now: datetime) -> str:
    """The worst of it in a word."""
    if snapshot is None:
        return "silent"
    held = snapshot.session.pause
    if is_stale(snapshot.at, now):
        return "STALE"
    if held.kill_switch:
        return "KILL"
    if missing(held, wishes):
        return "NOT HELD"
    if snapshot.session.health is not Health.OK:
        return str(snapshot.session.health)
    return "paused" if held.paused or held.active_breakers else _WELL


def _positions(seen: Seen) -> list[Block | Row]:
    rows = [
        (name, position, snapshot.at)
        for name, snapshot in seen.bots
        if snapshot is not None
        for position in snapshot.positions
    ]
    if not rows:
        return [Paragraph("No open positions.", bold=True)] if seen.bots else []
    total = sum((position.pnl.total for _, position, _ in rows), Decimal(0))
    several = len({name for name, _, _ in rows}) > 1
    parts: list[Block | Row] = [
        Paragraph(headline(f"{len(rows)} open, {change(total)} USD"), bold=True),
        table(most_endangered_first(rows)[:_POSITIONS], several),
    ]
    more = len(rows) - _POSITIONS
    return [*parts, Paragraph(f"And {more} more, less endangered, under Positions.")] if more > 0 else parts


def _on_call(shift: Shift | None, now: datetime) -> str:
    if shift is None:
        return "⚠ Nobody is on call now."
    return fit(f"On call: {shift.who} until {when(shift.end, now)}", _LINE)
