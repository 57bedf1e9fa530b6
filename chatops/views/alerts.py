"""What is told of an alert: its card, a ping, its end, and whether somebody is still working on it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.durations import span
from alerts.model import Alert, Figure
from alerts.severity import Severity
from alerts.silence import Silence as Hush
from chatops.asks import Close, ShowPosition
from chatops.asks.alerts import Ack, Alerts, Silence
from chatops.layout import align, fit, width
from chatops.messages import PHONE_COLUMNS, Block, Button, Message, Paragraph
from chatops.views.alert_titles import DRILL, NO_TEMPLATES, Templates, marked, over, title, where
from chatops.views.format import clock, when

#: Columns of running text.
SAID = 300
#: A digest names so many, and has buttons for so many of those that stand.
LISTED, WITH_BUTTONS = 20, 5
#: A figure's label is cut here, so that its number is not.
_LABEL = 18
THIS_IS_A_DRILL = "This is a drill: nothing is wrong. Answer it as if it were."
#: No ask takes a longer name: what a bot calls its positions must not keep an alert from being told.
_NAME = 64
#: Said in a figure of a rule, and clear from what stands around it here.
_PACE = " at the pace of the last minutes"


@dataclass(frozen=True, slots=True)
class Around:
    """What is said of an alert that is not its own."""

    #: In whose zone moments are told.
    now: datetime
    #: Who is on call; None: nobody.
    on_call: str | None = None
    #: When somebody is told next, if nobody answers, and who.
    next_at: datetime | None = None
    next_whom: Sequence[str] = ()
    #: What holds it back.
    silence: Hush | None = None
    #: Whether there are several bots.
    several: bool = False
    templates: Templates = field(default_factory=lambda: NO_TEMPLATES)


def card(alert: Alert, around: Around, reason: str = "", *, buttons: bool = True) -> Message:
    """All that is known of one that stands. Without `buttons` a newer message has them."""
    blocks = [
        *_drill(alert),
        Paragraph(fit(_sentence(alert), SAID)),
        *_figures(alert.reading.figures),
        Paragraph(_since(alert, around)),
        *([Paragraph(fit(f"{reason[:1].upper()}{reason[1:]}.", SAID))] if reason and buttons else []),
        Paragraph(fit(_who(alert, around), SAID)) if buttons else Paragraph("Told again since: answer there."),
    ]
    return Message(
        _title(alert, around),
        tuple(blocks),
        _buttons(alert) if buttons else (),
        silent=_is_calm(alert, around) or alert.severity is Severity.INFO or not buttons,
        by_word=by_word(alert) if buttons else "",
    )


def ping(alert: Alert, around: Around, reason: str) -> Message:
    """In short: why it is told again, how it is now (the card may be screens away), and who is next."""
    said = f"{reason[:1].upper()}{reason[1:]}." if reason else ""
    blocks = [Paragraph(fit(said, SAID)), *_figures(alert.reading.figures), Paragraph(fit(_who(alert, around), SAID))]
    return Message(_title(alert, around), (*_drill(alert), *blocks), _buttons(alert), by_word=by_word(alert))


def former(alert: Alert, around: Around) -> Message:
    """What stands in place of a ping that is not the newest any more."""
    if not alert.is_open:
        return Message(over(alert, _lasted(alert), several=around.several), silent=True)
    how = "in hand" if alert.in_hand else "silenced" if around.silence else ""
    said = Paragraph(f"It is {how}: see its card." if how else "Told again since: answer there.")
    return Message(_title(alert, around), (said,), silent=True)


def resolved(alert: Alert, around: Around, reason: str = "") -> Message:
    """That it is over, how long it lasted and how bad it was."""
    ended = alert.resolved_at or around.now
    facts = [
        ("Began", clock(alert.began_at, around.now)),
        ("Over", clock(ended, around.now)),
        ("Worst", alert.peak.upper()),
        ("Rule", alert.key.rule),
    ]
    if alert.acknowledged is not None:
        facts.append(("In hand", alert.acknowledged.by))
    why = {"gone": "What it was about is gone.", "turned off": "Its rule was turned off."}.get(alert.ended or "", "")
    said = f"Last: {alert.reading.says}." if alert.reading.says else ""
    words = [Paragraph(fit(text, SAID)) for text in (why or said, f"{reason[:1].upper()}{reason[1:]}.") if text != "."]
    return Message(
        over(alert, _lasted(alert), several=around.several),
        (*_drill(alert), align(facts), *words),
        ((Button("History", Alerts(number=alert.number)),),) if alert.number else (),
    )


def still_there(alert: Alert, around: Around) -> Message:
    """Asked of whoever acknowledged, before that lapses."""
    ack = alert.in_hand
    until = f" At {when(ack.until, around.now)} it is told again, from the beginning." if ack else ""
    said = f"You have it in hand. {_sentence(alert)}{until}"
    longer = Button("Still on it", Ack(alert=alert.number, epoch=alert.epoch))
    return Message(
        marked(alert, f"Still working on it? {where(alert, around.several)}"),
        (*_drill(alert), Paragraph(fit(said, SAID))),
        ((longer, *_position(alert)),),
        by_word=f"/ack {alert.number} says that you are.",
    )


def digest(told: Sequence[Alert], around: Around) -> Message:
    """What quiet hours held, in one: those that stand first, the worst first."""
    ranked = sorted(told, key=lambda one: (not one.is_open, -one.peak.rank, one.number))
    standing = [one for one in ranked if one.is_open]
    count = f"{len(told)} alert{'s' if len(told) > 1 else ''}"
    lines = [
        _title(one, around) if one.is_open else over(one, _lasted(one), several=around.several)
        for one in ranked[:LISTED]
    ]
    more = [f"and {len(told) - LISTED} more: /alerts"] if len(told) > LISTED else []
    return Message(
        f"Quiet hours are over: {count}, {len(standing) or 'none'} still standing",
        tuple(Paragraph(fit(line, SAID)) for line in [*lines, *more]),
        tuple(
            (
                Button(f"#{one.number} Ack", Ack(alert=one.number, epoch=one.epoch)),
                Button(f"#{one.number} Show", Alerts(number=one.number)),
            )
            for one in standing[:WITH_BUTTONS]
            if one.number
        ),
        by_word="/alerts shows them.",
    )


def trial(alert: Alert, by: str) -> Message:
    """That alerts arrive here."""
    said = f"{by} tries whether alerts arrive. Nothing is wrong, and nothing is to be done."
    return Message(f"TEST {alert.severity.upper()}: alerts arrive here", (Paragraph(said),))


def by_word(alert: Alert) -> str:
    """How its buttons are asked by word."""
    if not alert.number:
        return ""
    if alert.in_hand is not None:
        return f"/alerts {alert.number} shows it."
    return f"/ack {alert.number} says that you have it in hand, /silence {alert.number} 1h is for an hour's silence."


# ------------------------------------------------------------------------ parts of them


def _title(alert: Alert, around: Around) -> str:
    return title(alert, several=around.several, templates=around.templates)


def _drill(alert: Alert) -> tuple[Paragraph, ...]:
    return (Paragraph(f"{DRILL}. {THIS_IS_A_DRILL}", bold=True),) if alert.is_drill else ()


def _sentence(alert: Alert) -> str:
    says = alert.reading.says
    return f"{says[:1].upper()}{says[1:]}." if says else f"{alert.key.rule}."


def _figures(figures: Iterable[Figure]) -> Iterator[Block]:
    """Label and number under each other; what is too long for a phone's column goes below, in part."""
    shown = list(figures)
    broad = min(max((width(figure.label) for figure in shown), default=0), _LABEL)
    rows = [row for figure in shown for row in _rows(figure, broad)]
    if rows:
        yield align(rows)


def _rows(figure: Figure, broad: int) -> Iterator[tuple[str, str]]:
    label, text = fit(figure.label, broad), figure.text.replace(_PACE, "")
    if broad + 1 + width(text) <= PHONE_COLUMNS:
        yield label, text
        return
    for part in text.split(", "):
        yield label, part
        label = ""


def _since(alert: Alert, around: Around) -> str:
    lasted = span(around.now - alert.began_at)
    bot = f", bot {alert.key.bot}" if alert.key.bot else ""
    return f"Since {when(alert.began_at, around.now)} ({lasted}), rule {alert.key.rule}{bot}."


def _who(alert: Alert, around: Around) -> str:
    """Who has it, or who is told next and when."""
    ack = alert.in_hand
    if ack is not None:
        return f"{ack.by} has it in hand until {when(ack.until, around.now)}."
    if around.silence is not None:
        ends_at = when(around.silence.ends_at(alert), around.now)
        return f"Silenced by {around.silence.by} until {ends_at}: nobody is called."
    on_call = f"On call: {around.on_call}. " if around.on_call else ""
    if around.next_at is None:
        return on_call.rstrip() or "Nobody else is told."
    whom = _names(around.next_whom) or "nobody is there"
    return f"{on_call}Next, if nobody answers: {whom}, {_at(around.next_at, around.now)}."


def _is_calm(alert: Alert, around: Around) -> bool:
    return alert.in_hand is not None or around.silence is not None


def _at(at: datetime, now: datetime) -> str:
    local = at.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S} {local:%Z}" if local.date() == now.date() else when(at, now)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown


def _lasted(alert: Alert) -> str:
    return span((alert.resolved_at or alert.read_at) - alert.began_at)


def _buttons(alert: Alert) -> tuple[tuple[Button, ...], ...]:
    """Whole asks: of one in hand without what has been answered."""
    number = str(alert.number)
    if not alert.number:
        return ()
    rows: list[tuple[Button, ...]] = []
    if alert.in_hand is None:
        answer = Button("Ack", Ack(alert=alert.number, epoch=alert.epoch))
        rows.append((answer, Button("Silence 1 h", Silence(what=number, length="1h"))))
    # An emergency is silent for an hour at most: there is nothing more to choose.
    longer = () if alert.severity is Severity.EMERGENCY else (Button("Silence ▸", Silence(what=number), form=True),)
    if second := (*longer, *_position(alert)):
        rows.append(second)
    return tuple(rows)


def _position(alert: Alert) -> tuple[Button, ...]:
    position, bot = alert.reading.position, alert.key.bot
    # A rehearsal is of a position that is not there.
    if not position or alert.is_drill or max(len(position), len(bot)) > _NAME:
        return ()
    return (
        Button("Position", ShowPosition(position=position, bot=bot)),
        Button("Close…", Close(position=position, bot=bot), form=True),
    )
