"""How the bots are, at a glance."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from alerts.durations import span
from alerts.model import Alert
from alerts.severity import Severity
from bot_integration import Health, PauseState, Snapshot, Stream, Venue
from chatops.asks import Alerts, Positions, Status
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.restraints import NO_WISHES, Wish, WishesOf, missing
from chatops.views import alert_titles
from chatops.views.alert_list import counted, hand, worst_first
from chatops.views.danger import Worst, worst_health_factor, worst_margin_fraction
from chatops.views.desired import is_said_by, said_now
from chatops.views.format import age, change, headline, is_stale, money, ratio

#: A bot's name, and its last facts where it has said anything yet.
Known = tuple[str, Snapshot | None]

#: What stands of each bot, by its name.
AlertsOf = Mapping[str, Sequence[Alert]]
NO_ALERTS: AlertsOf = MappingProxyType({})

#: Alerts that are shown below a bot; how many more there are is counted.
_ALERTS = 5
#: Troubles that a title names; how many more there are it counts.
_NAMED = 3
#: Columns of a reason, which stands below the table, whole.
_REASON_COLUMNS = 200


def status(
    bots: Sequence[Known],
    now: datetime,
    asked: Status,
    *,
    wishes: WishesOf = NO_WISHES,
    since: datetime | None = None,
    alerts: AlertsOf = NO_ALERTS,
) -> Message:
    """One table a bot, what matters first; the title says whether anything is wrong.

    `wishes` is what people want of each, `since` when we began to listen, `alerts` what stands of each.
    """
    blocks: list[Block] = []
    for name, snapshot in bots:
        standing = worst_first(alerts.get(name, ()))
        blocks.append(Paragraph(_head(name, snapshot, now, since), bold=True))
        if standing:
            blocks.append(Paragraph("\n".join(_alerts(standing, now))))
        if snapshot is not None:
            blocks.append(align(facts(snapshot, now, standing)))
            wished = wishes.get(name, ())
            wanted = said_now(snapshot.session.pause, wished, now)
            if said := [*wanted, *reasons(snapshot, wished)]:
                blocks.append(Paragraph("\n".join(said)))
    buttons = [Button("Refresh", asked), Button("Positions", Positions(bot=asked.bot))]
    if any(alerts.values()):
        buttons.append(Button("Alerts", Alerts(bot=asked.bot)))
    return Message(title(bots, now, wishes, alerts), tuple(blocks), (tuple(buttons),))


def title(
    bots: Sequence[Known],
    now: datetime,
    wishes: WishesOf = NO_WISHES,
    alerts: AlertsOf = NO_ALERTS,
    *,
    ages: bool = True,
) -> str:
    """The worst first: who is silent, stale or unwell; else that all are well. Without `ages` not for how long."""
    if not bots:
        return "No bot is set up. Add one under [[bots]] in the settings."
    troubles = (
        _trouble(name, snapshot, now, wishes.get(name, ()), ages) or _alarm(name, alerts.get(name, ()))
        for name, snapshot in bots
    )
    unwell = [trouble for trouble in troubles if trouble]
    if unwell:
        more = [f"{len(unwell) - _NAMED} more"] if len(unwell) > _NAMED else []
        return headline("⚠ " + "; ".join([*unwell[:_NAMED], *more]))
    if len(bots) == 1:
        return headline(f"{bots[0][0]} is well")
    return f"All {len(bots)} bots are well"


def _trouble(name: str, snapshot: Snapshot | None, now: datetime, wishes: Sequence[Wish], ages: bool) -> str | None:
    if snapshot is None:
        return f"{name} has said nothing yet"
    if is_stale(snapshot.at, now):
        return f"{name} is STALE" + (f": last heard {span(now - snapshot.at)} ago" if ages else "")
    if snapshot.session.health is not Health.OK:
        return f"{name} is {snapshot.session.health}"
    held = snapshot.session.pause
    if missing(held, wishes):
        return f"{name} is NOT held back as asked"
    if held.paused or held.kill_switch or held.active_breakers:
        return f"{name} is held back"
    lost = [venue.name for venue in snapshot.venues if venue.stream in (Stream.DEGRADED, Stream.DOWN)]
    return f"{name} hears badly from {', '.join(lost)}" if lost else None


def _alarm(name: str, standing: Sequence[Alert]) -> str | None:
    grave = [one for one in standing if one.severity.reaches(Severity.WARNING) and not one.is_drill]
    return f"{name} has {counted(grave)}" if grave else None


def _alerts(standing: Sequence[Alert], now: datetime) -> list[str]:
    lines = [
        fit(f"{alert_titles.title(one)}{f', {held}' if (held := hand(one, now)) else ''}", _REASON_COLUMNS)
        for one in standing[:_ALERTS]
    ]
    more = len(standing) - _ALERTS
    return [*lines, f"And {more} more: /alerts"] if more > 0 else lines


def _head(name: str, snapshot: Snapshot | None, now: datetime, since: datetime | None) -> str:
    """A bot in one line."""
    if snapshot is None:
        how_long = f", for {span(now - since)} now" if since is not None else ""
        return fit(f"{name}: nothing heard yet{how_long}", 120)
    session = snapshot.session
    stale = "STALE, " if is_stale(snapshot.at, now) else ""
    return fit(f"{name} · {session.mode} · {session.stage} · {session.health} ({stale}{age(snapshot.at, now)})", 120)


def facts(
    snapshot: Snapshot, now: datetime, standing: Sequence[Alert] = (), *, ages: bool = True
) -> list[tuple[str, str]]:
    """The rows of the table: label and value. Without `ages` nothing that changes by time going by alone."""
    session, portfolio = snapshot.session, snapshot.portfolio
    most = session.limits.max_positions
    rows = [
        ("Equity", money(portfolio.equity)),
        ("PnL today", change(portfolio.pnl_today)),
        ("Unrealized", change(portfolio.pnl.unrealized)),
        ("Worst HF", _worst(worst_health_factor(snapshot))),
        ("Worst MF", _worst(worst_margin_fraction(snapshot))),
        ("Alerts", counted(standing) or "none"),
        ("Positions", f"{len(snapshot.positions)} of {most}" if most else str(len(snapshot.positions))),
        ("Net delta", change(portfolio.net_delta)),
        *([("Up", span(now - session.started_at))] if ages else []),
        ("Pause", pause(session.pause)),
    ]
    rows += [(venue.name, _venue(venue)) for venue in snapshot.venues]
    return rows


def reasons(snapshot: Snapshot, wishes: Sequence[Wish] = ()) -> list[str]:
    """What a cell of the table has no room for: why a bot is held back, and what is wrong with a venue."""
    held = snapshot.session.pause
    said = (
        [(f"Paused by {held.by}" if held.by else "Paused", held.reason)]
        if held.paused and not is_said_by(held, wishes)
        else []
    )
    said.append(("Breakers", ", ".join(held.active_breakers)))
    said += [(venue.name, venue.last_error or "") for venue in snapshot.venues if venue.stream is not Stream.CONNECTED]
    return [fit(f"{what}: {why}", _REASON_COLUMNS) for what, why in said if why]


def pause(state: PauseState) -> str:
    """What of a bot is held back."""
    held = []
    if state.kill_switch:
        held.append("KILL SWITCH")
    if state.paused:
        held.append(", ".join(state.scopes) or "all")
    if state.active_breakers:
        held.append("by breaker")
    return "; ".join(held) or "no"


def _worst(worst: Worst | None) -> str:
    return NOTHING if worst is None else f"{ratio(worst.value)} {worst.position} {worst.venue}"


def _venue(venue: Venue) -> str:
    stream = venue.stream.replace("_", " ")
    return f"{stream} {money(venue.balance)}" if venue.balance is not None else stream
