"""A rehearsal: the question before it, that it has begun, who answered after how long; and a test of the ways."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.durations import duration_text, span
from alerts.model import Alert, Form, Target
from alerts.policy import Policy
from alerts.severity import Severity
from chatops.alert_record import History
from chatops.asks import Alerts, Drill, EndDrill, TryAlert
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.alert_story import named
from chatops.views.alert_titles import title
from chatops.views.format import headline, label
from chatops.views.trading import SAID, rows_of

#: Lines of a report.
_LINES = 20
_ALOUD = (Form.CARD, Form.PING)


def really_drill(ask: Drill, policy: Policy, lasts: timedelta) -> Message:
    """Whom it will tell when; it is no quiet thing."""
    rows = [(f"after {duration_text(one.after)}", ", ".join(one.tell)) for one in policy.rungs]
    said = (
        f"People are told as they would be at night, each message marked as a drill, until somebody presses Ack, "
        f"for {duration_text(lasts)} at most."
    )
    another = Paragraph("Another: /drill, then a rule and a severity.")
    return Message(headline(f"Drill: {ask.rule}, {ask.severity}?"), (align(rows), Paragraph(said), another))


def which_rule(rules: Sequence[str], said: str) -> Message:
    """What can be rehearsed."""
    return Message(headline(said), buttons=rows_of([Button(label(one), Drill(rule=one)) for one in rules]))


def which_severity(rule: str, severities: Sequence[Severity], said: str) -> Message:
    """How bad it can be."""
    buttons = [Button(one, Drill(rule=rule, severity=one)) for one in severities]
    return Message(headline(said), buttons=rows_of(buttons))


def begun(alert: Alert) -> Message:
    """It runs."""
    return Message(
        headline(f"Drill begun: {title(alert)}"),
        (Paragraph("When somebody answers, or its time is over, you read here who did after how long."),),
        ((Button("End it", EndDrill()), Button(f"#{alert.number}", Alerts(number=alert.number))),),
    )


def ended(drills: Sequence[Alert]) -> Message:
    """They are over."""
    if not drills:
        return Message("No drill is under way.")
    return Message(headline(f"Ended: {', '.join(title(one) for one in drills)}"))


def report(alert: Alert, history: History | None, now: datetime) -> Message:
    """Who answered after how long, and who was told until then."""
    ack = alert.in_hand
    lasted = span((alert.resolved_at or now) - alert.began_at)
    how = (
        f"ended after {lasted}, nobody answered"
        if ack is None
        else f"{ack.by} answered after {span(ack.at - alert.began_at)}"
    )
    blocks: list[Block] = [Paragraph(fit(f"{alert.key.rule}, {alert.severity}.", SAID))]
    if history is not None:
        said = [one for one in history.said if one.form in _ALOUD]
        lines = [fit(f"+{span(one.at - alert.began_at)} {one.target.name}: {one.reason}", SAID) for one in said]
        more = [f"… {len(lines) - _LINES} more"] if len(lines) > _LINES else []
        blocks.append(Paragraph("\n".join([*lines[:_LINES], *more]) or "Nobody was told."))
    return Message(
        headline(f"{'✅' if ack is not None else '⚠'} Drill #{alert.number} over: {how}"),
        tuple(blocks),
        ((Button(f"#{alert.number}", Alerts(number=alert.number)),),),
    )


def which_test(said: str = "") -> Message:
    """How bad a test is to look: each severity has its own people."""
    buttons = tuple(Button(one, TryAlert(severity=one)) for one in Severity)
    return Message(headline(f"{said} Test the way of which severity?".strip()), buttons=(buttons,))


def tested(severity: Severity, told: Sequence[Target]) -> Message:
    """Whom it went to."""
    if not told:
        return Message(headline(f"⚠ Nobody is told of {severity}: no room and nobody is there for it."))
    return Message(
        headline(f"A test of {severity} is on its way to {len(told)}: {named(told)}"),
        (Paragraph("If it does not arrive with somebody: /system says which platform is away."),),
    )
