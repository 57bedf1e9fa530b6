"""A report: the number that matters in its title, all that it is made of below, short enough to stand under a chart."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.durations import span as length
from alerts.severity import Severity
from bot_integration import Position
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Message, Paragraph
from chatops.money.daily import Bar
from chatops.money.facts import Trade
from chatops.money.parts import cents
from chatops.money.spans import Span, day, day_of
from chatops.report_kinds import ReportKind
from chatops.reported import Reported, Tally
from chatops.views.danger import danger, urgency
from chatops.views.format import change, headline, money, percent, ratio, short_change
from chatops.views.money import CAPTION, besides, bots_line, names, parts_rows

#: Positions and periods that get a line each, at most; fewer where the text would be too long under a chart.
_POSITIONS, _PERIODS = 6, 7
_HEADS = {
    ReportKind.DAILY: "Daily report",
    ReportKind.WEEKLY: "Weekly report",
    ReportKind.MONTHLY: "Monthly report",
}


def report(of: Reported) -> Message:
    """All of it, without buttons: it stays as it was told."""
    most = _PERIODS + _POSITIONS
    for left in range(most, -1, -1):
        message = _drawn(of, min(_PERIODS, left), min(_POSITIONS, left))
        if len(message.text) <= CAPTION:
            break
    return message


def covers(span: Span, zone: ZoneInfo) -> str:
    """`2026-03-27`, or `2026-03-27 to 2026-03-29`; with the times where it does not begin or end at midnight."""
    first, last = day_of(span.start, zone), day_of(span.end - datetime.resolution, zone)
    start = str(first) if day(first, zone).start == span.start else f"{first} {span.start.astimezone(zone):%H:%M}"
    end = str(last) if day(last, zone).end == span.end else f"{last} {span.end.astimezone(zone):%H:%M}"
    return start if start == end else f"{start} to {end}"


def _drawn(of: Reported, periods: int, positions: int) -> Message:
    summary = of.summary
    so_far = ", so far" if of.is_so_far else ""
    why = f": {of.why}" if of.why else ""
    blocks: list[Block] = [
        Paragraph(f"Covers {covers(of.span, of.zone)}{why} ({of.zone.key}{so_far})."),
        align(
            [
                *parts_rows(summary.parts, summary.funding),
                ("Total", change(summary.parts.total)),
                *_equity(of),
                *_trades(of),
            ],
            right="1",
        ),
    ]
    if len(of.each) > 1:
        blocks.append(align(_each(of.each, of.kind, periods), right="1"))
    if each := bots_line(of.by_bot):
        blocks.append(Paragraph(each))
    blocks.append(_held(of.held, positions, several=len(of.bots) > 1))
    blocks.append(Paragraph("\n".join([_alerts(of.alerts), *_notes(of)])))
    title = f"{_HEADS[of.kind]}, {_name(of)}: {change(summary.parts.total)} USD"
    return Message(headline(title), tuple(blocks))


def _name(of: Reported) -> str:
    first, last = day_of(of.span.start, of.zone), day_of(of.span.end - datetime.resolution, of.zone)
    if len(of.each) > 1:
        return f"{first.day} {first:%b} to {last.day} {last:%b}"
    match of.kind:
        case ReportKind.WEEKLY:
            return f"week to {last.day} {last:%b}"
        case ReportKind.MONTHLY:
            return f"{last:%B %Y}"
        case _:
            return f"{last:%a} {last.day} {last:%b}"


def _equity(of: Reported) -> list[tuple[str, str]]:
    held = of.summary.equity
    if held.end is None:
        return [("Equity", NOTHING)]
    rows = [("Equity", money(held.end)), ("  change", change(held.change))]
    if cents(held.deposits):
        rows.append(("  put in", change(held.deposits)))
    if of.summary.returned is not None:
        rows.append(("  return", percent(100 * of.summary.returned, signed=True)))
    return rows


def _trades(of: Reported) -> list[tuple[str, str]]:
    judged = of.summary.performance
    if judged.win_rate is None:
        return [("Trades", "none")]
    rows = [("Trades", f"{judged.trades}, {percent(100 * judged.win_rate)} won")]
    if judged.trades == 1:
        return [*rows, ("The one", _trade(judged.best))]
    return [*rows, ("Best", _trade(judged.best)), ("Worst", _trade(judged.worst))]


def _trade(trade: Trade | None) -> str:
    return NOTHING if trade is None else f"{fit(trade.of.position or trade.id, 14)} {short_change(trade.net)}"


def _each(bars: Sequence[Bar], kind: ReportKind, most: int) -> list[tuple[str, str]]:
    shown = bars[-most:] if most else []
    rows = [
        (_day(one.day, kind) + ("*" if one.down else ""), short_change(one.parts.total) if one.parts else NOTHING)
        for one in shown
    ]
    return [(f"and {len(bars) - len(shown)} before", ""), *rows] if len(shown) < len(bars) else rows


def _day(of: date, kind: ReportKind) -> str:
    return f"{of:%b %Y}" if kind is ReportKind.MONTHLY else f"{of:%a} {of.day:>2} {of:%b}"


def _held(held: Sequence[tuple[str, Position]], most: int, *, several: bool) -> Block:
    """The most endangered first, as they stand now."""
    if not held:
        return Paragraph("No position is open.")
    ordered = sorted(held, key=lambda one: urgency(one[1]))
    rows = [(f"Open now: {len(held)}", "HF", "unrealized")]
    for bot, one in ordered[:most]:
        name = f"{fit(one.id, 12)} {fit(bot, 8)}" if several else fit(one.id, 20)
        rows.append((name, ratio(danger(one).health_factor), short_change(one.pnl.unrealized)))
    if len(ordered) > most:
        rows.append((f"and {len(ordered) - most} more", "", ""))
    return align(rows, right="12")


def _alerts(tally: Tally) -> str:
    if not tally.count:
        return "Alerts: none."
    counts = ", ".join(f"{tally.by_peak[one]} {one}" for one in reversed(Severity) if tally.by_peak.get(one))
    if tally.to_acknowledge is None:
        return f"Alerts: {counts}; nobody acknowledged."
    return f"Alerts: {counts}; {tally.acknowledged} acknowledged, after {length(tally.to_acknowledge)} (median)."


def _notes(of: Reported) -> list[str]:
    down, lines = of.summary.down, []
    if down.length:
        lines.append(f"⚠ {names(down.bots)}: not seen for {length(down.length)} of it.")
    if of.known.unknown:
        # It may have come since: what was missed is told late.
        lines.append(f"Nothing was recorded of {names(of.known.unknown)} by then.")
    return [*lines, *besides(of.summary)]
