"""One alert whole: what is wrong, since when, who has it, and who was told what when and why."""

from collections.abc import Sequence
from datetime import datetime

from alerts.durations import span
from alerts.model import NOBODY_TOLD, Alert, AlertEvent, Form, Ledger, Step, Target, TargetKind, Told
from alerts.silence import Silence, covering
from chatops.alert_record import Carried, History, Said
from chatops.asks import Ack, Alerts, ShowPosition
from chatops.asks import Silence as Hush
from chatops.layout import fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.owed import State
from chatops.views.alert_list import hand
from chatops.views.alert_titles import over
from chatops.views.alert_titles import title as standing_title
from chatops.views.alerts import THIS_IS_A_DRILL
from chatops.views.format import clock, label, when
from chatops.views.trading import SAID

#: Lines of its story: the newest.
_LINES = 30
#: What a message of ours is called where it says more than who was told.
_FORMS = {Form.EDIT: " (edited)", Form.PING: " (again)", Form.RESOLVED: "", Form.CARD: "", Form.STILL_THERE: " (asked)"}
#: When who is told next.
Next = tuple[datetime, Sequence[Target]]


def story(
    alert: Alert,
    now: datetime,
    *,
    history: History | None,
    last: Ledger = NOBODY_TOLD,
    following: Next | None = None,
    silences: Sequence[Silence] = (),
    may_ack: bool = False,
) -> Message:
    """All of it; without a `history` (the database is away) how it stands now, with what each target heard `last`."""
    blocks: list[Block] = [Paragraph(THIS_IS_A_DRILL, bold=True)] if alert.is_drill else []
    blocks.append(Paragraph(fit(_where(alert), SAID)))
    if alert.reading.says:
        blocks.append(Paragraph(fit(f"{alert.reading.says}.", SAID)))
    if alert.reading.figures:
        blocks.append(Paragraph("\n".join(fit(f"{one.label}: {one.text}", SAID) for one in alert.reading.figures)))
    blocks.append(Paragraph("\n".join(_standing(alert, now, following, silences))))
    if history is None:
        away = "The database is away, and has the story. Last told:"
        blocks.append(Paragraph("\n".join([away, *(_heard(one, now) for one in last.values())])))
    else:
        lines = told(history, now)
        earlier = [f"… {len(lines) - _LINES} earlier"] if len(lines) > _LINES else []
        blocks.append(Paragraph(f"What happened ({now:%Z})", bold=True))
        blocks.append(Paragraph("\n".join([*earlier, *lines[-_LINES:]])))
    return Message(title(alert), tuple(blocks), _buttons(alert, may_ack))


def title(alert: Alert) -> str:
    """`🔴 CRITICAL SOL-1/bybit HF 0.148 · #12`, or that it is resolved."""
    if alert.is_open:
        return standing_title(alert)
    return over(alert, span((alert.resolved_at or alert.read_at) - alert.began_at))


def told(history: History, now: datetime) -> list[str]:
    """A line for each thing that happened and each time somebody was told, in order."""
    # What was told stands there by itself, with its target.
    happened = [(one.at, 0, event(one)) for one in history.events if one.step is not Step.TOLD]
    happened += [(one.at, 1, _said(one)) for one in history.said]
    ordered = sorted(happened, key=lambda one: one[:2])
    return [fit(f"{clock(at, now)} {says}", SAID) for at, _, says in ordered]


def named(targets: Sequence[Target]) -> str:
    """`ops, ada`."""
    return ", ".join(one.name for one in targets)


def _where(alert: Alert) -> str:
    key = alert.key
    of = [f"Rule {key.rule}", f"bot {key.bot}" if key.bot else "the desk itself", key.subject]
    return " · ".join(filter(None, of))


def _standing(alert: Alert, now: datetime, following: Next | None, silences: Sequence[Silence]) -> list[str]:
    end = alert.resolved_at or now
    lasts = f"{'stands for' if alert.is_open else 'lasted'} {span(end - alert.began_at)}"
    lines = [f"Began {clock(alert.began_at, now)} {now:%Z}, {lasts}"]
    if alert.epoch > 1:
        often = "once" if alert.epoch == 2 else f"{alert.epoch - 1} times, last"
        lines.append(f"Got worse {often} at {clock(alert.rose_at, now)} {now:%Z}")
    if alert.peak is not alert.severity:
        lines.append(f"At its worst: {alert.peak}")
    if not alert.is_open:
        lines.append(f"Over since {clock(end, now)} {now:%Z}: {alert.ended}")
        return lines
    if (silence := covering(silences, alert, now)) is not None:
        lines.append(f"Silenced by {silence.by} until {when(silence.ends_at(alert), now)}")
    if alert.in_hand is not None:
        lines.append(f"In hand: {hand(alert, now)}")
    elif following is not None:
        at, targets = following
        lines.append(f"Nobody has it. Next: {named(targets) or 'nobody is there'}, {clock(at, now)} {now:%Z}")
    else:
        lines.append("Nobody has it.")
    return [fit(one, SAID) for one in lines]


def _heard(one: Told, now: datetime) -> str:
    return fit(f"{clock(one.at, now)} → {one.target.name}: {one.severity or 'resolved'}", SAID)


def event(one: AlertEvent) -> str:
    """`rose critical by ada: …`."""
    by = f" by {one.by}" if one.by else ""
    severity = f" {one.severity}" if one.severity is not None and one.step in (Step.FIRED, Step.ROSE, Step.FELL) else ""
    return f"{one.step}{severity}{by}" + (f": {one.reason}" if one.reason else "")


def _said(one: Said) -> str:
    whom = one.target.name if one.target.kind is not TargetKind.CHANNEL else f"channel {one.target.name}"
    return f"→ {whom}{_FORMS[one.form]}: {one.reason}{_carried(one.carried_by)}"


def _carried(by: Sequence[Carried]) -> str:
    """What of it did not simply arrive."""
    lost = [one for one in by if one.state in (State.DEAD, State.AMBIGUOUS)]
    said = [f"{one.state} on {one.platform}" + (f", {one.reason}" if one.reason else "") for one in lost]
    states = {one.state for one in by}
    if not lost and by and State.SENT not in states:
        # Of several messages some only change others: one that is overtaken is no loss.
        said.append("another message stands for it" if states == {State.FOLDED} else "not sent yet")
    return f" [{'; '.join(dict.fromkeys(said))}]" if said else ""


def _buttons(alert: Alert, may_ack: bool) -> tuple[tuple[Button, ...], ...]:
    number = alert.number
    back = (Button("Refresh", Alerts(number=number)), Button("Alerts", Alerts()))
    if not alert.is_open:
        return (back,)
    acting: list[Button] = []
    if may_ack:
        if alert.in_hand is None:
            acting.append(Button(f"Ack #{number}", Ack(alert=number, epoch=alert.epoch)))
        acting.append(Button("Silence…", Hush(what=str(number)), form=True))
    if alert.reading.position:
        ask = ShowPosition(position=alert.reading.position, bot=alert.key.bot)
        acting.append(Button(label(alert.reading.position), ask))
    return (tuple(acting), back) if acting else (back,)
