"""A post-mortem: a few lines for the chat, and the whole of it as a Markdown file."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo

from alerts.durations import span
from alerts.model import Alert, Step
from alerts.terms import Terms
from bot_integration import Leg, Snapshot
from chatops.alert_record import Carried, Said
from chatops.asks import Alerts
from chatops.asks import Incident as Ask
from chatops.charts.facts import Alarm, Danger
from chatops.charts.series import Reach, Series
from chatops.guard.lookup import AskOnRecord
from chatops.incident import Incident, figures_of
from chatops.layout import fit
from chatops.messages import Attachment, Button, Message, Paragraph
from chatops.owed import State
from chatops.views.alert_story import event, title
from chatops.views.alerts import THIS_IS_A_DRILL
from chatops.views.format import headline, label, money, ratio
from chatops.views.ladder import thresholds
from chatops.views.trading import SAID

#: Rows of the path: the ones at which it was worst are among them.
_ROWS = 240
#: Alerts to choose from.
_MOST = 12


@dataclass(frozen=True, slots=True)
class _Clock:
    """Tells moments in one zone; with the name of its time in each, where clocks change within what is told."""

    zone: ZoneInfo
    is_named: bool

    @classmethod
    def of(cls, told: Incident, now: datetime, zone: ZoneInfo) -> "_Clock":
        moments = (told.history.alert.began_at, told.span.start, told.span.end, now)
        return cls(zone, len({one.astimezone(zone).utcoffset() for one in moments}) > 1)

    def day(self, at: datetime) -> str:
        return self._said(at, "%Y-%m-%d %H:%M:%S")

    def time(self, at: datetime) -> str:
        return self._said(at, "%H:%M:%S")

    def _said(self, at: datetime, shape: str) -> str:
        return f"{at.astimezone(self.zone):{shape}{' %Z' if self.is_named else ''}}"


def incident(told: Incident, now: datetime, zone: ZoneInfo, chart: bytes | None = None, no_chart: str = "") -> Message:
    """The essential, with the file. `no_chart` is why there is none, where one was wanted."""
    alert = told.history.alert
    lines = [*_essential(told, now, _Clock.of(told, now, zone)), *([no_chart] if no_chart else [])]
    lines.append(f"All of it stands in the file; times in {zone.key}.")
    blocks = [Paragraph(THIS_IS_A_DRILL, bold=True)] if alert.is_drill else []
    blocks += [Paragraph("\n".join(fit(line, SAID) for line in lines))]
    file = Attachment(f"incident-{alert.number}.md", markdown(told, now, zone, chart).encode())
    buttons = ((Button(f"Alert #{alert.number}", Alerts(number=alert.number)),),)
    return Message(headline(f"Incident: {title(alert)}"), tuple(blocks), buttons, attachment=file)


def which(standing: Sequence[Alert]) -> Message:
    """A button for each that stands; others by their number."""
    buttons = tuple((Button(label(title(one)), Ask(alert=one.number)),) for one in standing[:_MOST])
    said = Paragraph("Name one by its number, as in /incident 12. Those that are over stand in /events and in chats.")
    return Message("A post-mortem of which alert?", (said,), buttons)


def drawn(told: Incident, terms: Mapping[str, Terms]) -> Danger | None:
    """What its chart is drawn from; None where no snapshot tells of the position."""
    path = told.path
    if not path:
        return None
    key = told.history.alert.key
    rose = [(one.at, one.severity) for one in told.history.events if one.step in (Step.FIRED, Step.ROSE)]
    return Danger(
        key.subject or key.bot,
        Reach.of(told.span),
        _lines(path, "HF"),
        _lines(path, "MF"),
        thresholds(terms, "health_factor"),
        thresholds(terms, "margin_fraction"),
        tuple(Alarm(at.timestamp(), severity, key.rule) for at, severity in rose if severity is not None),
    )


def _lines(path: Sequence[tuple[Snapshot, Leg]], figure: str) -> tuple[Series, ...]:
    venues = dict.fromkeys(leg.venue for _, leg in path if figure in figures_of(leg))
    return tuple(
        Series.of(venue, ((shot.at, figures_of(leg).get(figure)) for shot, leg in path if leg.venue == venue))
        for venue in venues
    )


def markdown(told: Incident, now: datetime, zone: ZoneInfo, chart: bytes | None = None) -> str:
    """The whole of it."""
    alert, clock = told.history.alert, _Clock.of(told, now, zone)
    head = [f"Rule {alert.key.rule}, bot {alert.key.bot or '(the desk itself)'}", *_essential(told, now, clock)]
    between = f"{clock.day(told.span.start)} and {clock.day(told.span.end)}"
    parts = [
        f"# Incident {alert.number}: {_cell(title(alert))}",
        *([f"**{THIS_IS_A_DRILL}**"] if alert.is_drill else []),
        "\n".join(f"- {_cell(line)}" for line in head),
    ]
    if chart is not None:
        parts.append(f"![How near it came](data:image/png;base64,{b64encode(chart).decode()})")
    for heading, heads, rows in (
        ("What happened", ("When", "What"), _timeline(told, clock)),
        ("How near it came", ("When", "Leg", "HF", "MF", "Mark price", "Equity", "Kept for"), _path(told, clock)),
        ("Who was told", ("When", "Whom", "Why", "Where", "How it went", "After"), _tellings(told.history.said, clock)),
        ("Who did what", ("When", "Who", "What", "How it ended", "Answer"), (_asked(one, clock) for one in told.asks)),
    ):
        parts += [f"## {heading}", _table(heads, rows)]
    parts.append(f"Made {clock.day(now)} from what is on record between {between}. All times are those of {zone.key}.")
    return "\n\n".join(parts) + "\n"


def _essential(told: Incident, now: datetime, clock: _Clock) -> list[str]:
    history, alert = told.history, told.history.alert
    end = alert.resolved_at or now
    lines = [
        f"Began {clock.day(alert.began_at)}, {'stands' if alert.is_open else 'lasted'} {span(end - alert.began_at)}",
        f"At its worst: {alert.peak}" + (f". Over: {alert.ended}" if alert.ended else ""),
    ]
    if alert.reading.says:
        lines.append(alert.reading.says)
    for name in ("HF", "MF"):
        known = [(figures_of(leg)[name], shot.at, leg.venue) for shot, leg in told.path if name in figures_of(leg)]
        if known:
            (first, *_), (last, *_) = known[0], known[-1]
            lowest, at, venue = min(known)
            lines.append(f"{name} {ratio(first)} → {ratio(lowest)} ({venue}, {clock.time(at)}) → {ratio(last)}")
    sent = [one.sent_at for said in history.said for one in said.carried_by if one.sent_at is not None]
    lines.append(f"First told {_after(min(sent), alert.began_at)}" if sent else "Nobody was reached.")
    acked = next((one for one in history.events if one.step is Step.ACKNOWLEDGED), None)
    taken = f"Taken in hand by {acked.by} {_after(acked.at, alert.began_at)}" if acked else "Nobody took it in hand."
    lines.append(taken)
    carried = [one for said in history.said for one in said.carried_by]
    lost = sum(one.state in (State.DEAD, State.AMBIGUOUS) for one in carried)
    unsure = f", {lost} of them lost or unsure" if lost else ""
    lines.append(f"Messages: {len(carried)}{unsure}. Acts of people: {len(told.asks)}")
    return lines


def _timeline(told: Incident, clock: _Clock) -> Iterable[tuple[str, ...]]:
    found = [(one.at, 0, event(one)) for one in told.history.events if one.step is not Step.TOLD]
    found += [(one.at, 1, f"{one.position}: {one.message}" if one.position else one.message) for one in told.happened]
    found += [(one.at, 2, f"told {one.target.name}: {one.reason}") for one in told.history.said]
    found += [(one.at, 3, f"{one.who} asked /{one.word}: {one.outcome or one.state}") for one in told.asks]
    return [(clock.day(at), says) for at, _, says in sorted(found, key=lambda one: one[:2])]


def _path(told: Incident, clock: _Clock) -> Iterable[tuple[str, ...]]:
    # A bot that was started anew counts from the beginning.
    why = {(one.snapshot.session_id, one.snapshot.seq): one.why for one in told.kept}
    path = told.path
    if len(path) > _ROWS:
        # Of neighbours the worst stays.
        size = -(-len(path) // _ROWS)
        parts = (path[at : at + size] for at in range(0, len(path), size))
        path = tuple(min(part, key=_room) for part in parts)
    for shot, leg in path:
        price = "" if leg.mark_price is None else f"{leg.mark_price:,}"
        yield (
            *(
                clock.day(shot.at),
                f"{leg.venue} {leg.instrument}",
                ratio(leg.health_factor),
                ratio(leg.margin_fraction),
            ),
            *(price, money(shot.portfolio.equity), why[shot.session_id, shot.seq]),
        )


def _room(one: tuple[Snapshot, Leg]) -> float:
    return min(figures_of(one[1]).values(), default=inf)


def _tellings(said: Iterable[Said], clock: _Clock) -> Iterable[tuple[str, ...]]:
    for one in said:
        told = (clock.day(one.at), one.target.name, one.reason)
        if not one.carried_by:
            yield (*told, "", "nothing is left of the message", "")
        for carried in one.carried_by:
            yield (*told, f"{carried.platform} {carried.room}", _went(carried), _took(carried, one.at))


def _went(carried: Carried) -> str:
    return carried.state + (f": {carried.reason}" if carried.reason else "")


def _took(carried: Carried, told_at: datetime) -> str:
    return "" if carried.sent_at is None else f"{max(0.0, (carried.sent_at - told_at).total_seconds()):.1f} s"


def _asked(one: AskOnRecord, clock: _Clock) -> tuple[str, ...]:
    given = {name: value for name, value in one.arguments.items() if name != "bot"}
    arguments = " ".join(str(value) for value in given.values() if value not in ("", None))
    approved = f", approved by {', '.join(one.approved_by)}" if one.approved_by else ""
    what = " ".join(filter(None, (f"/{one.word}", one.bot, arguments)))
    return clock.day(one.at), f"{one.who}{approved}", what, one.outcome or one.state, one.answer or ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    if not lines:
        return "Nothing is on record."
    return "\n".join((f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *lines))


def _cell(text: str) -> str:
    """As it stands in a table: one line, and no mark of Markdown or HTML in it."""
    plain = " ".join(text.split())
    for mark in "\\`|*_[]<>":
        plain = plain.replace(mark, f"\\{mark}")
    return plain


def _after(at: datetime, began_at: datetime) -> str:
    return f"after {span(at - began_at)}" if at > began_at else "at once"
