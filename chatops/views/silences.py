"""What is not told for a while: the silences in force, and the choices before one is made."""

from collections.abc import Sequence
from datetime import datetime

from alerts.durations import span
from alerts.model import Alert
from alerts.severity import Severity
from alerts.silence import UNTIL_RESOLVED, Silence
from chatops.asks import Alerts, Silences, Unsilence
from chatops.asks import Silence as Hush
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Wanted
from chatops.views.alert_list import short, worst_first
from chatops.views.alert_titles import title
from chatops.views.format import headline, label, when
from chatops.views.trading import SAID, rows_of

#: Buttons of one question.
_MOST = 12
_LENGTHS = ("1h", "4h", "1d")
_BACK = (Button("Alerts", Alerts()), Button("Silences", Silences()))


def silences(found: Sequence[Silence], numbers: dict[object, int], now: datetime, *, may_end: bool) -> Message:
    """Each with what it is about, until when, and whose it is; `numbers` are those of alerts, by their ids."""
    if not found:
        return Message("Nothing is silenced.", buttons=(_BACK[:1],))
    blocks = [
        Paragraph(
            fit(f"{one.number}: {about(one, numbers)}", SAID)
            + "\n"
            + fit(f"until {when(one.until, now)} (in {span(one.until - now)}), by {one.by}{_because(one)}", SAID)
        )
        for one in found
    ]
    buttons = [Button(f"End {one.number}", Unsilence(number=one.number)) for one in found[:_MOST]] if may_end else []
    count = "1 silence holds" if len(found) == 1 else f"{len(found)} silences hold"
    return Message(
        headline(f"{count} alerts back"), tuple(blocks), (*rows_of(buttons), (Button("Refresh", Silences()),))
    )


def about(one: Silence, numbers: dict[object, int]) -> str:
    """What it is about: `alert 12`, `health_factor of alpha`, `SOL-1`."""
    if one.alert is not None:
        number = numbers.get(one.alert)
        return f"alert {number}" if number is not None else "an alert that is over"
    named = one.rule or one.subject or "everything"
    of = [one.subject] if one.rule and one.subject else []
    return " of ".join([named, *of, *([one.bot] if one.bot else [])])


def silenced(one: Silence, numbers: dict[object, int], now: datetime) -> Message:
    """It holds, and what is told all the same."""
    beyond = "If it gets worse it is told at once." if one.alert is not None or one.known else ""
    rise = beyond or f"What is worse than {one.up_to} is told all the same."
    hour = "" if one.up_to is not Severity.EMERGENCY else " An emergency is held back for an hour at most."
    return Message(
        headline(f"Silence {one.number}: {about(one, numbers)}, until {when(one.until, now)}"),
        (Paragraph(f"{rise}{hour} It is tracked on, and told when the silence ends and it still stands."),),
        ((Button("End it", Unsilence(number=one.number)), *_BACK),),
    )


def which(standing: Sequence[Alert], rules: Sequence[str], said: str = "") -> Message:
    """What may be silenced: the alerts that stand, and their rules."""
    buttons = [
        Button(label(short(one)), Hush(what=str(one.number)), form=True) for one in worst_first(standing)[:_MOST]
    ]
    firing = [one for one in rules if one in {alert.key.rule for alert in standing}]
    whole = [Button(label(one), Hush(what=one), form=True) for one in firing]
    how = Paragraph("Or write: /silence, then an alert, a rule, a position, a leg or a venue, and for how long.")
    rows = (*((one,) for one in buttons), *rows_of(whole))
    title = f"{said} Silence what?".strip() if rows else f"{said} No alert stands.".strip()
    return Message(headline(title), (how,), rows or (_BACK,), menu=Wanted(Hush(), "what"))


def which_bot(ask: Hush, bots: Sequence[str]) -> Message:
    """Of several bots: the one that is meant, or all of them."""
    buttons = [Button(label(bot), ask.model_copy(update={"bot": bot})) for bot in bots[:_MOST]]
    return Message(headline(f"{ask.said}: of which bot?"), buttons=rows_of(buttons))


def how_long(ask: Hush, one: Alert | None, said: str = "") -> Message:
    """For how long: until it is resolved is for one alert, and no emergency is held back for over an hour."""
    lengths: tuple[str, ...] = _LENGTHS
    if one is not None:
        lengths = ("1h",) if one.severity is Severity.EMERGENCY else ("1h", "4h", UNTIL_RESOLVED)
    buttons = tuple(Button(length, ask.model_copy(update={"length": length})) for length in lengths)
    what = f"alert {one.number}" if one is not None else ask.what
    about_it = (Paragraph(fit(title(one), SAID)),) if one is not None else ()
    return Message(headline(f"{said} Silence {what} for how long?".strip()), about_it, (buttons,))


def which_to_end(found: Sequence[Silence], numbers: dict[object, int], said: str = "") -> Message:
    """A button a silence."""
    if not found:
        return Message(headline(f"{said} Nothing is silenced.".strip()), buttons=(_BACK,))
    buttons = [Button(label(f"{one.number}: {about(one, numbers)}"), Unsilence(number=one.number)) for one in found]
    menu = Wanted(Unsilence(), "number") if len(found) > _MOST else None
    rows = tuple((one,) for one in buttons[:_MOST])
    return Message(headline(f"{said} End which silence?".strip()), buttons=rows, menu=menu)


def ended(one: Silence, numbers: dict[object, int]) -> Message:
    """It holds nothing back any more."""
    return Message(
        headline(f"Silence {one.number} is over: {about(one, numbers)}"),
        (Paragraph("What still stands is told again."),),
        (_BACK,),
    )


def _because(one: Silence) -> str:
    return f": {one.reason}" if one.reason else ""
