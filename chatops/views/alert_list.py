"""What is wrong now, the worst first, and what is said where one of them is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.answer import Taken
from alerts.durations import span
from alerts.model import Alert
from alerts.severity import Severity
from alerts.silence import Silence, covering
from chatops.alert_record import Pace
from chatops.asks import Ack, AckAll, Alerts, AlertStats, Silences
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.alert_titles import DRILL, SIGNS, title, where
from chatops.views.format import headline, label, when
from chatops.views.trading import SAID

#: Alerts of one page.
PAGE = 8
#: Buttons of one question.
_MOST = 12


def alerts(
    standing: Sequence[Alert],
    now: datetime,
    asked: Alerts,
    *,
    may_ack: bool,
    silences: Sequence[Silence] = (),
    following: Mapping[int, str] | None = None,
    several: bool = False,
) -> Message:
    """Each with what is wrong, since when, and who has it; `following` is who is told next, by the alert's number."""
    ordered = worst_first(standing)
    if not ordered:
        of = f" of {asked.bot}" if asked.bot else ""
        return Message(headline(f"No alert{of} stands."), buttons=(_foot(asked),))
    pages = -(-len(ordered) // PAGE)
    page = min(asked.page, pages)
    shown = ordered[(page - 1) * PAGE : page * PAGE]
    blocks: list[Block] = [
        Paragraph(_lines(one, now, silences, (following or {}).get(one.number, ""), several)) for one in shown
    ]
    if pages > 1:
        blocks.append(Paragraph(f"Page {page} of {pages}."))
    buttons = [_row(one, may_ack) for one in shown]
    untaken = [one for one in ordered if one.in_hand is None]
    if may_ack and len(untaken) > 1:
        buttons.append((Button(f"Ack all {len(untaken)}", AckAll(seen=now, bot=asked.bot)),))
    turning = [Button("Worse", asked.model_copy(update={"page": page - 1}))] if page > 1 else []
    turning += [Button("More", asked.model_copy(update={"page": page + 1}))] if page < pages else []
    foot = (tuple(turning), _foot(asked)) if turning else (_foot(asked),)
    return Message(headline(f"{SIGNS[ordered[0].severity]} {_count(ordered)}"), tuple(blocks), (*buttons, *foot))


def which_to_ack(standing: Sequence[Alert], now: datetime, said: str = "") -> Message:
    """A button for each that nobody has in hand; without any, who has what."""
    untaken = [one for one in worst_first(standing) if one.in_hand is None]
    if not untaken:
        taken = "Every alert is in hand." if standing else "No alert stands: there is nothing to acknowledge."
        return Message(headline(f"{said} {taken}".strip()), buttons=((Button("Alerts", Alerts()),),))
    buttons = [Button(label(short(one)), Ack(alert=one.number, epoch=one.epoch)) for one in untaken[:_MOST]]
    every = ((Button(f"All {len(untaken)}", AckAll(seen=now)),),) if len(untaken) > 1 else ()
    title = f"{said} Acknowledge which?".strip()
    return Message(headline(title), buttons=(*((one,) for one in buttons), *every))


def acknowledged(taken: Taken, says: str, alert: Alert | None) -> Message:
    """What came of an acknowledgement; of one that rose since, with the button that acknowledges it as it is."""
    look = (Button(f"#{alert.number}", Alerts(number=alert.number)),) if alert is not None else ()
    again: tuple[Button, ...] = ()
    if taken is Taken.ROSE and alert is not None:
        again = (Button(f"Ack {alert.severity}", Ack(alert=alert.number, epoch=alert.epoch)),)
    buttons = (*again, *look) or (Button("Alerts", Alerts()),)
    about = (Paragraph(fit(title(alert), SAID)),) if alert is not None else ()
    return Message(headline(says), about, (buttons,))


def all_acknowledged(taken: Sequence[Alert], left: Sequence[str], until: datetime | None) -> Message:
    """What whoever asked has in hand now, and of what else there is why not."""
    back = ((Button("Alerts", Alerts()),),)
    shown = [fit(one, SAID) for one in left[:_MOST]]
    more = [f"And {len(left) - _MOST} more."] if len(left) > _MOST else []
    rest = (Paragraph("\n".join([*shown, *more])),) if left else ()
    if not taken:
        return Message("Nothing was there to acknowledge.", rest, back)
    numbers = ", ".join(str(one.number) for one in taken)
    lapse = f" The first lapses at {until:%H:%M} {until:%Z}." if until is not None else ""
    many = f"{len(taken)} alerts" if len(taken) > 1 else "1 alert"
    return Message(headline(f"You have {many} in hand.{lapse}"), (Paragraph(fit(numbers, SAID)), *rest), back)


def no_such_alert(number: int) -> Message:
    """There never was one of this number, or not one that they may see."""
    return Message(headline(f"There is no alert {number}."), buttons=((Button("Alerts", Alerts()),),))


def stats(paces: Sequence[Pace], asked: AlertStats) -> Message:
    """How often each rule fired, and how soon it was acknowledged and resolved: the median, and nine in ten."""
    days = f"the last {asked.days} days" if asked.days > 1 else "the last day"
    if not paces:
        return Message(headline(f"No alert began in {days}."))
    rows = [("rule", "n", "ack", "p90", "end", "p90")]
    rows += [
        (
            one.rule,
            str(one.count),
            _brief(one.to_acknowledge),
            _brief(one.to_acknowledge_p90),
            _brief(one.to_resolve),
            _brief(one.to_resolve_p90),
        )
        for one in paces
    ]
    count, acked = sum(one.count for one in paces), sum(one.acknowledged for one in paces)
    note = Paragraph("ack, end: from its beginning to the first acknowledgement, to its resolution. Median, and p90.")
    title = f"{count} alert{'s' if count > 1 else ''} in {days}, {acked} acknowledged"
    return Message(headline(title), (align(rows, right="12345"), note), ((Button("Refresh", asked),),))


def short(alert: Alert) -> str:
    """It on a button: `#12 🔴 SOL-1/bybit health_factor`."""
    drill = f"{DRILL} " if alert.is_drill else ""
    return f"{drill}#{alert.number} {SIGNS[alert.severity]} {where(alert, several=False)} {alert.key.rule}"


def counted(alerts: Sequence[Alert]) -> str:
    """`1 emergency, 2 warning`."""
    found = [one.severity for one in alerts]
    return ", ".join(f"{found.count(one)} {one}" for one in reversed(Severity) if one in found)


def worst_first(alerts: Iterable[Alert]) -> list[Alert]:
    """Of equals those that nobody has in hand, and then the newest."""
    return sorted(alerts, key=lambda one: (-one.severity.rank, one.in_hand is not None, -one.number))


def hand(alert: Alert, now: datetime) -> str:
    """Who has it in hand, until when."""
    ack = alert.in_hand
    return "" if ack is None else f"{ack.by} has it until {when(ack.until, now)}"


def _lines(one: Alert, now: datetime, silences: Sequence[Silence], following: str, several: bool) -> str:
    silence = covering(silences, one, now)
    who = hand(one, now) or "nobody has it"
    told = f"silenced until {when(silence.ends_at(one), now)}" if silence is not None else following
    held = ", ".join(filter(None, (who, told if one.in_hand is None or silence is not None else "")))
    return (
        fit(title(one, several=several), SAID)
        + "\n"
        + fit(f"{one.key.rule}, for {span(now - one.began_at)}: {held}", SAID)
    )


def _row(one: Alert, may_ack: bool) -> tuple[Button, ...]:
    look = Button(label(short(one)), Alerts(number=one.number))
    if not may_ack or one.in_hand is not None:
        return (look,)
    return (look, Button(f"Ack #{one.number}", Ack(alert=one.number, epoch=one.epoch)))


def _foot(asked: Alerts) -> tuple[Button, ...]:
    return (Button("Refresh", asked), Button("Silences", Silences()), Button("Stats", AlertStats()))


def _count(ordered: Sequence[Alert]) -> str:
    many = "1 alert" if len(ordered) == 1 else f"{len(ordered)} alerts"
    drills = sum(one.is_drill for one in ordered)
    return f"{many}: {counted(ordered)}" + (f" ({drills} of it a drill)" if drills else "")


def _brief(length: timedelta | None) -> str:
    """In its largest part: `12m`."""
    if length is None:
        return "–"
    seconds = max(0, round(length.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
