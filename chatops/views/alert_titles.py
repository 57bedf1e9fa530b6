"""The first line of an alert, all that a phone's notification shows: how bad, what, where, the number."""

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType

from alerts.model import Alert, Figure, Reading
from alerts.severity import Severity
from chatops.views.format import TITLE_CHARACTERS, headline, percent, ratio

DRILL = "DRILL"
#: What stands before a subject of a rehearsal, so that it is no real one's.
_DRILL_SUBJECT = "drill/"
SIGNS: Mapping[Severity, str] = MappingProxyType(
    {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴", Severity.EMERGENCY: "🚨"}
)
RESOLVED_SIGN = "✅"
USUAL = "{sign} {severity} {where} {what}"
#: Templates by rule, or by `rule.severity`, or by `default`, the nearest first.
Templates = Mapping[str, str]
NO_TEMPLATES: Templates = MappingProxyType({})
_SHORT = {"health_factor": "HF", "margin_fraction": "MF"}
#: What a template may name, with a sample to check it by.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "sign": "🔴",
        "severity": "CRITICAL",
        "rule": "health_factor",
        "bot": "alpha",
        "subject": "SOL-1/bybit",
        "where": "SOL-1/bybit",
        "what": "HF 0.148",
        "says": "HF 0.148 of the borrowed leg on bybit",
        "number": "17",
    }
)


def title(alert: Alert, *, several: bool = False, templates: Templates = NO_TEMPLATES) -> str:
    """`🔴 CRITICAL SOL-1/bybit HF 0.148 · #17`; with `several` bots the name of its bot goes before the subject."""
    key, severity = alert.key, alert.severity
    template = next(
        (templates[name] for name in (f"{key.rule}.{severity}", key.rule, "default") if name in templates), USUAL
    )
    said = filled(
        template,
        {
            "sign": SIGNS[severity],
            "severity": severity.upper(),
            "rule": key.rule,
            "bot": key.bot,
            "subject": subject(alert),
            "where": where(alert, several),
            "what": what(alert.reading),
            "says": alert.reading.says,
            "number": str(alert.number),
        },
    )
    return marked(alert, said)


def over(alert: Alert, lasted: str, *, several: bool = False) -> str:
    """`✅ RESOLVED SOL-1/bybit health_factor after 4 min 12 s · #17`."""
    return marked(alert, f"{RESOLVED_SIGN} RESOLVED {where(alert, several)} {alert.key.rule} after {lasted}")


def marked(alert: Alert, said: str) -> str:
    """With its number, which people type, and before all else that it is a drill."""
    drill = f"{DRILL} " if alert.is_drill else ""
    number = f" · #{alert.number}" if alert.number else ""
    return headline(f"{drill}{said}")[: TITLE_CHARACTERS - len(number)] + number


def where(alert: Alert, several: bool) -> str:
    """What it stands on, as people type it."""
    bot, on = alert.key.bot or "the desk", subject(alert)
    if not on:
        return bot
    return f"{bot} {on}" if several else on


def subject(alert: Alert) -> str:
    """The subject without what marks a rehearsal."""
    return alert.key.subject.removeprefix(_DRILL_SUBJECT)


def what(reading: Reading) -> str:
    """The number that matters: `HF 0.148`; of what has no number what is wrong."""
    if reading.value is None:
        return reading.says
    if reading.metric in _SHORT:
        return f"{_SHORT[reading.metric]} {ratio(reading.value)}"
    if reading.metric == "distance_pct":
        return f"{percent(reading.value)} to liquidation"
    # Of a share the figure says it in short; of what has no unit the sentence does.
    return _said(reading.figures[0]) if reading.figures and reading.metric.endswith("_pct") else reading.says


def check(template: str) -> str | None:
    """What is wrong with a template, or None: it may name `FIELDS`, and nothing of them."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        return f"cannot be read: {error}"
    named = [name for _, name, spec, change in parts if name is not None]
    if wrong := [name for name in named if name not in FIELDS]:
        return f"names {{{wrong[0]}}}"
    if any(spec or change for _, _, spec, change in parts):
        return "says how a field is written"
    return None if filled(template, FIELDS).strip() else "says nothing"


def filled(template: str, fields: Mapping[str, str]) -> str:
    """The template with its fields; nothing of them can be reached into."""
    said = (text + (fields[name] if name is not None else "") for text, name, _, _ in Formatter().parse(template))
    return "".join(said)


def _said(figure: Figure) -> str:
    return f"{figure.label} {figure.text}"
