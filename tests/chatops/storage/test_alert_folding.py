"""What waits of one alert is found whole, in whatever lane and order it came."""

from uuid import uuid4

from alerts.severity import Severity
from chatops.owed import Kind, Owed
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from tests.chatops.storage.owing import NOON, owe


def card(text: str, key: str, severity: Severity) -> Owed:
    return owe(text, kind=Kind.ALERT, severity=severity, card=key)


async def test_an_alert_that_rose_while_it_waited_is_found_with_what_it_was(database: Database) -> None:
    deliveries = Deliveries(database, uuid4())
    warning, critical = Severity.WARNING, Severity.CRITICAL
    before = card("HF 0.19", "alert:a", warning)
    other_warning = card("MF 0.09", "alert:b", warning)
    worse = card("HF 0.14", "alert:a#1", critical)
    other = card("MF 0.07", "alert:c", critical)
    await deliveries.store([before, other_warning, worse, other])
    (claimed,) = (await deliveries.claim("telegram", now=NOON, limit=10)).claimed
    assert claimed.owed.id == worse.id
    assert [one.owed.id for one in await deliveries.waiting(claimed.owed)] == [before.id, other.id]
    into = card("HF 0.14", "alert:a#1", critical)
    assert await deliveries.fold(into, [before.id, worse.id], NOON) == (before.id, worse.id)
