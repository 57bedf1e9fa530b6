"""Silences: who wants not to be told of what, and for how long. Telling is muted, never tracking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from alerts.durations import LONGEST, TAKES, TooLong, duration_text, parse_duration
from alerts.model import Alert
from alerts.severity import Severity

#: No emergency is held back for longer by one silence, whatever that says.
EMERGENCY_LASTS = timedelta(hours=1)
UNTIL_RESOLVED = "until resolved"


@dataclass(frozen=True, slots=True)
class Silence:
    """Holds back what is told of the alerts that it matches; it ends by itself.

    A rise is told all the same: of an alert that was open when the silence was made, beyond the severity that it had
    then (`known`); of any other beyond `up_to`. An emergency is held back for `EMERGENCY_LASTS` at most.
    """

    #: What people type.
    number: int
    by: str
    made_at: datetime
    until: datetime
    up_to: Severity
    #: Empty fields match everything; several must all match.
    rule: str = ""
    bot: str = ""
    subject: str = ""
    #: One alert alone, until it is resolved or `until`, whichever is first.
    alert: UUID | None = None
    reason: str = ""
    known: Mapping[UUID, Severity] = field(default_factory=dict, hash=False)

    def covers(self, alert: Alert, now: datetime) -> bool:
        """Whether nothing is told of this alert now."""
        if not self.made_at <= now < self.ends_at(alert) or not self.is_about(alert):
            return False
        return self.known.get(alert.id, self.up_to).reaches(alert.severity)

    def ends_at(self, alert: Alert) -> datetime:
        """When it no longer holds back this alert, as bad as that is now, if it is not resolved before."""
        if alert.severity is not Severity.EMERGENCY:
            return self.until
        return min(self.until, self.made_at + EMERGENCY_LASTS)

    def is_about(self, alert: Alert) -> bool:
        """Whether this alert is one of those that it is about, however bad."""
        key = alert.key
        return (
            self.alert in {None, alert.id}
            and self.rule in {"", key.rule}
            and self.bot in {"", key.bot}
            and (self.subject in {"", key.subject} or (self.subject == alert.reading.position))
        )


def silenced(
    by: str,
    now: datetime,
    length: timedelta | None,
    *,
    open_alerts: Iterable[Alert],
    alert: Alert | None = None,
    rule: str = "",
    bot: str = "",
    subject: str = "",
    up_to: Severity = Severity.CRITICAL,
    reason: str = "",
    number: int = 0,
) -> Silence:
    """A silence as somebody asks for it: of one alert, or of all that a rule, a bot and a subject match.

    `length` None: until the alert is resolved. Of several, an open emergency is among those held back, for an hour.
    `number` is given by whoever keeps it.
    Raises `ValueError` with what is allowed instead.
    """
    if alert is not None and not alert.is_open:
        raise ValueError("it is resolved: there is nothing to silence")
    if length is None and alert is None:
        raise ValueError(f"{UNTIL_RESOLVED} is for one alert: give a length, as in 4h")
    if length is not None and length <= timedelta():
        raise ValueError("a silence lasts longer than 0s")
    if alert is not None:
        rule, bot, subject, up_to = "", "", "", alert.severity
    if up_to is Severity.EMERGENCY and (length is None or length > EMERGENCY_LASTS):
        raise ValueError(f"an emergency is silenced for {duration_text(EMERGENCY_LASTS)} at most")
    until = now + (LONGEST if length is None else min(length, LONGEST))
    made = Silence(number, by, now, until, up_to, rule, bot, subject, alert.id if alert else None, reason)
    known = {one.id: one.severity for one in (*open_alerts, *([alert] if alert else [])) if made.is_about(one)}
    return replace(made, known=known)


def parse_length(typed: str) -> timedelta | None:
    """How long to be silent: `1h`, `for 90m`; None is until it is resolved. Raises `ValueError`."""
    typed = " ".join(typed.casefold().split())
    if typed in {UNTIL_RESOLVED, "resolved"}:
        return None
    try:
        return parse_duration(typed.removeprefix("for "))
    except TooLong:
        raise
    except ValueError:
        raise ValueError(f"it goes: {TAKES}, or {UNTIL_RESOLVED}") from None


def covering(silences: Iterable[Silence], alert: Alert, now: datetime) -> Silence | None:
    """The silence that holds this alert back, the one that lasts longest; None where nothing does."""
    return max((one for one in silences if one.covers(alert, now)), key=lambda one: one.ends_at(alert), default=None)


def in_force(silences: Iterable[Silence], now: datetime) -> list[Silence]:
    """Those that hold something back now, the first to end first; without any that another holds wholly."""
    kept: list[Silence] = []
    # The widest and longest come first, and of equals the oldest, so one look back is enough.
    candidates = [one for one in silences if one.made_at <= now < one.until]
    for one in sorted(candidates, key=lambda one: (-one.until.timestamp(), one.number)):
        if not any(_holds(other, one) for other in kept):
            kept = [other for other in kept if not _holds(one, other)]
            kept.append(one)
    return sorted(kept, key=lambda one: (one.until, one.number))


def _holds(wide: Silence, narrow: Silence) -> bool:
    """Whether all that the narrow one holds back from now on the wide one holds back too."""
    about = zip(
        (wide.rule, wide.bot, wide.subject, wide.alert),
        (narrow.rule, narrow.bot, narrow.subject, narrow.alert),
        strict=True,
    )
    if wide.until < narrow.until or not all(ours in {"", None, theirs} for ours, theirs in about):
        return False
    known = wide.known.keys() | narrow.known.keys()
    heights = [(wide.known.get(one, wide.up_to), narrow.known.get(one, narrow.up_to)) for one in known]
    heights.append((wide.up_to, narrow.up_to))
    # An hour of an emergency counts from when it was made.
    lasts = wide.made_at >= narrow.made_at or all(theirs is not Severity.EMERGENCY for _, theirs in heights)
    return lasts and all(ours.reaches(theirs) for ours, theirs in heights)
