"""What became of alerts can be read: one whole, and how fast people were."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from alerts.model import Form, Step
from alerts.severity import Severity
from chatops.alert_record import Carried, Pace, Rang, Said
from chatops.money.spans import Span
from chatops.owed import Kind, State
from chatops.reported import Tally
from chatops.storage.alert_history import AlertHistory
from chatops.storage.alerts import AlertTables
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from tests.chatops.storage.alerting import ADA, MINUTE, OPS, acknowledged, fires, resolves, rises
from tests.chatops.storage.owing import NOON, SECOND, owe

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


@pytest.fixture
def tables(database: Database) -> AlertTables:
    return AlertTables(database)


@pytest.fixture
def history(database: Database) -> AlertHistory:
    return AlertHistory(database)


async def test_of_one_alert_all_that_happened_and_was_told_is_shown_with_what_became_of_it(
    tables: AlertTables, history: AlertHistory, database: Database
) -> None:
    fence = await tables.take_over()
    first = fires(number=17)
    shown, refused = (owe(text, kind=Kind.ALERT, created_at=NOON) for text in ("HF 0.148", "HF 0.12"))
    await tables.advance(fence, [first], [shown], carriers={(first.alert.id, OPS): [shown.id]})
    worse = rises(first.alert, CRITICAL, NOON + MINUTE, tells=(OPS, ADA))
    await tables.advance(fence, [worse], [refused], carriers={(first.alert.id, ADA): [refused.id]})
    deliveries = Deliveries(database, uuid4())
    await deliveries.sent(shown.id, "700", NOON + SECOND)
    await deliveries.end(refused.id, State.DEAD, "the bot was blocked")
    whole = await history.whole(17)
    assert whole is not None
    assert whole.alert == worse.alert
    assert [(event.step, event.at) for event in whole.events] == [(Step.FIRED, NOON), (Step.ROSE, NOON + MINUTE)]
    assert whole.events[1].reason == "warning → critical"
    assert set(whole.told) == {OPS, ADA}
    assert whole.said == (
        Said(
            NOON,
            OPS,
            Form.CARD,
            "fired",
            "fired for a reason",
            1,
            WARNING,
            (Carried(shown.id, "telegram", "-1001", State.SENT, NOON + SECOND),),
        ),
        Said(NOON + MINUTE, OPS, Form.PING, "rose", "rose for a reason", 2, CRITICAL),
        Said(
            NOON + MINUTE,
            ADA,
            Form.PING,
            "rose",
            "rose for a reason",
            2,
            CRITICAL,
            (Carried(refused.id, "telegram", "-1001", State.DEAD, None, "the bot was blocked"),),
        ),
    )
    assert await history.whole(18) is None


async def test_when_alerts_of_a_position_rang_is_known_and_of_no_other(
    tables: AlertTables, history: AlertHistory
) -> None:
    fence = await tables.take_over()
    first = fires(number=17)
    worse = rises(first.alert, CRITICAL, NOON + MINUTE)
    over = resolves(worse.alert, NOON + 2 * MINUTE)
    await tables.advance(fence, [first, worse, over])
    await tables.advance(fence, [fires("SOL-1", number=18, at=NOON + 3 * MINUTE)])
    for number, subject in enumerate(("SOL-10/bybit", "bybit", "ETH-1"), 19):
        await tables.advance(fence, [fires(subject, number=number)])
    await tables.advance(fence, [fires("SOL-1/okx", number=23, is_drill=True)])
    span = Span(NOON, NOON + 5 * MINUTE)
    of_leg = ("health_factor", "SOL-1/bybit")
    assert await history.rang("alpha", "SOL-1", span) == (
        Rang(17, *of_leg, WARNING, NOON, NOON + 2 * MINUTE),
        Rang(17, *of_leg, CRITICAL, NOON + MINUTE, NOON + 2 * MINUTE),
        Rang(18, "health_factor", "SOL-1", WARNING, NOON + 3 * MINUTE),
    )
    assert len(await history.rang("alpha", "SOL-1", Span(NOON + MINUTE, NOON + 3 * MINUTE))) == 1
    assert await history.rang("beta", "SOL-1", span) == ()


async def test_it_is_counted_how_often_a_rule_fired_and_how_fast_people_were(
    tables: AlertTables, history: AlertHistory
) -> None:
    fence = await tables.take_over()
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(1, 12):
        first = fires(number=number, at=now - timedelta(days=1))
        taken = acknowledged(first.alert, "ada", first.alert.began_at + number * SECOND)
        again = acknowledged(taken.alert, "bob", first.alert.began_at + 99 * SECOND)
        over = resolves(again.alert, first.alert.began_at + number * MINUTE)
        await tables.advance(fence, [first, taken, again, over])
    await tables.advance(fence, [fires("standing", CRITICAL, number=12, at=now)])
    await tables.advance(fence, [fires("rehearsed", CRITICAL, number=13, at=now, is_drill=True)])
    await tables.advance(fence, [fires("long ago", number=14, at=now - timedelta(days=8))])
    assert await history.paces(7) == [
        Pace(
            "health_factor",
            12,
            {WARNING: 11, CRITICAL: 1},
            acknowledged=11,
            resolved=11,
            to_acknowledge=6 * SECOND,
            to_acknowledge_p90=10 * SECOND,
            to_resolve=6 * MINUTE,
            to_resolve_p90=10 * MINUTE,
        )
    ]
    assert await history.paces(0) == []


async def test_the_alerts_of_a_time_are_counted_with_how_soon_somebody_had_them(
    tables: AlertTables, history: AlertHistory
) -> None:
    fence = await tables.take_over()
    answered, unanswered = fires(number=1), fires("ETH-1/bybit", number=2)
    beta = fires(number=3).alert
    other = replace(fires(number=3), alert=replace(beta, key=replace(beta.key, bot="beta")))
    for advance in (answered, unanswered, other):
        await tables.advance(fence, [advance])
    await tables.advance(fence, [acknowledged(answered.alert, "ada", NOON + MINUTE)])
    hour = Span(NOON, NOON + 60 * MINUTE)
    assert await history.tally(["alpha"], hour) == Tally({WARNING: 2}, 1, MINUTE)
    assert await history.tally(["beta"], hour) == Tally({WARNING: 1})
    assert await history.tally(["alpha"], Span(hour.end, hour.end + MINUTE)) == Tally({})
