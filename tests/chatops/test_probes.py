"""What /readyz says of the parts of a desk: nothing secret, and when it is time to look."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.severity import Severity
from bot_integration import BotController
from chatops import probes
from chatops.alert_figures import AlertFigures
from chatops.fleet import Fleet
from chatops.health import Probe
from chatops.link import Away, Connected
from chatops.owed import Lane, State
from chatops.probes import DatabaseProbe, alerts_probe, bots_probe, deliveries_probe, judge, link_probe
from chatops.storage.delivery_facts import Waiting
from chatops.storage.errors import DatabaseAway
from tests.chatops.views.facts import alpha

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def waits(seconds: float, lane: Lane = Lane.INFO, state: State = State.PENDING, count: int = 1) -> Waiting:
    return Waiting("telegram", lane, state, count, seconds)


class Postgres:
    """Says what waits, or what is wrong with it."""

    def __init__(self, *said: Waiting) -> None:
        self.said: Sequence[Waiting] | Exception = said
        self.lost = 0

    async def ask_lost(self) -> int:
        return self.lost

    async def ask(self) -> Sequence[Waiting]:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@pytest.mark.parametrize(
    ("waiting", "ready", "said"),
    [
        ([], True, "nothing waits"),
        ([waits(3)], True, "1 pending; the oldest for 3 s"),
        ([waits(60, Lane.EMERGENCY)], True, "1 pending; the oldest for 1 min"),
        ([waits(61, Lane.EMERGENCY)], False, "1 pending; the oldest for 1 min 1 s; an urgent one for 1 min 1 s"),
        ([waits(120, Lane.CRITICAL, State.SENDING)], False, "1 sending; the oldest for 2 min; an urgent one for 2 min"),
        ([waits(61, Lane.ANSWER)], True, "1 pending; the oldest for 1 min 1 s"),
        ([waits(900)], True, "1 pending; the oldest for 15 min"),
        ([waits(901)], False, "1 pending; the oldest for 15 min 1 s"),
        (
            [waits(5, count=3), waits(7, Lane.WARNING, count=2), waits(1, state=State.SENDING)],
            True,
            "5 pending, 1 sending; the oldest for 7 s",
        ),
    ],
)
def test_it_is_not_ready_while_what_is_owed_is_held_up(waiting: list[Waiting], ready: bool, said: str) -> None:
    assert judge(waiting) == Probe(ready, said)


async def test_what_postgresql_says_goes_to_the_log_alone_and_once(caplog: pytest.LogCaptureFixture) -> None:
    postgres = Postgres()
    probe = DatabaseProbe(postgres.ask)
    assert await probe() == Probe(True, "answers")
    postgres.said = DatabaseAway('password authentication failed for user "CANARY"')
    for _ in range(3):
        assert await probe() == Probe(False, "PostgreSQL does not answer; see the log of the desk")
        unknown = await deliveries_probe(postgres.ask, postgres.ask_lost)
        assert unknown == Probe(False, "not known while PostgreSQL does not answer")
    assert caplog.text.count("CANARY") == 1
    postgres.said = ()
    assert (await probe()).ok
    postgres.said = TimeoutError()
    assert not (await probe()).ok
    levels = [record.levelno for record in caplog.records if record.name == probes.__name__]
    assert levels == [logging.WARNING] * 2
    assert "TimeoutError" in caplog.text


async def test_it_says_how_much_of_what_was_asked_waits_on_disk() -> None:
    postgres = Postgres()
    probe = DatabaseProbe(postgres.ask, lambda: 3)
    postgres.said = DatabaseAway("gone")
    said = "PostgreSQL does not answer; see the log of the desk; 3 records of asks wait on disk"
    assert await probe() == Probe(False, said)


async def test_what_waits_is_asked_for_each_time() -> None:
    postgres = Postgres()
    assert (await deliveries_probe(postgres.ask, postgres.ask_lost)).ok
    postgres.said = [waits(1_000)]
    assert not (await deliveries_probe(postgres.ask, postgres.ask_lost)).ok


async def test_an_emergency_that_was_given_up_leaves_it_not_ready() -> None:
    postgres = Postgres()
    postgres.lost = 2
    said = await deliveries_probe(postgres.ask, postgres.ask_lost)
    assert said == Probe(False, "nothing waits; 2 urgent dead or ambiguous within 1 h")
    assert judge([waits(3)], 1).detail == "1 pending; the oldest for 3 s; 1 urgent dead or ambiguous within 1 h"


async def test_a_platform_that_is_away_says_since_when_and_why() -> None:
    since = NOW - timedelta(minutes=3)
    assert await link_probe(Connected(since), NOW) == Probe(True, "connected for 3 min")
    assert await link_probe(Connected(since, "in part"), NOW) == Probe(True, "connected for 3 min; in part")
    assert await link_probe(Away(since, "no answer"), NOW) == Probe(False, "away for 3 min: no answer")


async def test_a_bot_that_is_away_is_told_and_is_no_reason_to_restart_the_desk() -> None:
    heard, silent = BotController("alpha"), BotController("beta")
    heard.publish(alpha(bot="alpha", at=NOW - timedelta(minutes=2)))
    assert await bots_probe(Fleet([heard, silent]), NOW) == Probe(
        True, "alpha: 2 min old; beta: nothing heard yet", required=False
    )
    assert (await bots_probe(Fleet([]), NOW)).detail == "none"


def alerts(**changes: object) -> AlertFigures:
    """Two alerts stand, and all is in time."""
    stands = {**dict.fromkeys(Severity, 0), Severity.WARNING: 2, Severity.EMERGENCY: 1}
    return replace(AlertFigures(stands, 1.0, 0.5, 5.0, 0), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("figures", "ok", "said"),
    [
        (alerts(), True, "open: 1 emergency, 2 warning; all in time"),
        (alerts(open=dict.fromkeys(Severity, 0)), True, "open: none; all in time"),
        (alerts(audited_s=None), False, "open: 1 emergency, 2 warning; never audited"),
        (alerts(audited_s=21.0), False, "open: 1 emergency, 2 warning; not audited for 21 s"),
        (alerts(troubles=("slow", "old")), False, "open: 1 emergency, 2 warning; slow; old"),
        (alerts(is_over=True), False, "open: 1 emergency, 2 warning; another desk watches now"),
    ],
)
async def test_alerts_that_are_not_told_in_time_are_no_readiness(figures: AlertFigures, ok: bool, said: str) -> None:
    assert await alerts_probe(figures) == Probe(ok, said)
