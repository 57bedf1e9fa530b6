"""How finely a span is read: a day by minutes, a week by five, a month by hours, longer by days (SPEC 10)."""

from datetime import timedelta

from chatops.history.port import Resolution
from chatops.money.spans import Span

DAY = timedelta(days=1)
#: A day of a change of the clock has 25 hours, and what is of this very moment is in a span that ends now.
_MORE = timedelta(hours=1, seconds=1)

MINUTES = Resolution(timedelta(minutes=1), "1m")
FIVE_MINUTES = Resolution(timedelta(minutes=5), "5m")
HOURS = Resolution(timedelta(hours=1), "1h")
DAYS = Resolution(DAY, "1d")


def resolution(span: Span) -> Resolution:
    """By the length of a span. One definition, so that what is figured from samples is the same wherever it shows."""
    if span.length <= DAY + _MORE:
        return MINUTES
    if span.length <= 7 * DAY + _MORE:
        return FIVE_MINUTES
    if span.length <= 31 * DAY + _MORE:
        return HOURS
    return DAYS
