"""A stored alert by the clock of whoever goes on with it."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.model import Alert

#: A stored alert that is farther ahead of the clock than this was stored under a clock that has been set back since.
AHEAD = timedelta(seconds=5)


def in_time(alert: Alert, now: datetime) -> Alert:
    """The alert by a clock that was set back since it was stored: nothing waits for the time to come again."""
    ahead = alert.progress.until - now
    if ahead <= AHEAD or not alert.is_open:
        return alert
    since, ack = alert.progress.since, alert.acknowledged
    return replace(
        alert,
        rose_at=alert.rose_at - ahead,
        progress=replace(alert.progress, until=now, since=since - ahead if since is not None else None),
        acknowledged=replace(ack, at=ack.at - ahead, until=ack.until - ahead) if ack is not None else None,
    )
