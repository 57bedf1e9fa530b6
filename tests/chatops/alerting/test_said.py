"""What people have said of alerts, kept over a restart: who stands in, what rules are held to, whose buttons."""

import asyncio
from datetime import datetime, timedelta

import pytest

from alerts.amending import TermsError
from alerts.model import Form
from alerts.severity import Severity
from alerts.terms import DEFAULTS
from chatops.alerting.held_to import HeldTo
from chatops.alerting.shifts import Shifts
from chatops.storage.alert_voices import voices
from chatops.storage.alerts import AlertTables
from chatops.storage.database import Database
from chatops.storage.oncall import OnCallTable
from chatops.storage.rule_changes import RuleChanges
from tests.chatops.storage.alerting import MINUTE, OPS, acknowledged, fires, rises

#: The table asks the database's clock what is over.
LATER = datetime.fromisoformat("2100-01-01T12:00+00:00")
HOUR = timedelta(hours=1)


def now() -> datetime:
    return LATER


async def test_who_stands_in_is_known_to_the_next_run_until_it_is_taken_back(database: Database) -> None:
    shifts, next_run = (Shifts(None, OnCallTable(database), now) for _ in range(2))
    assert shifts.on_call(LATER) is None
    made = await shifts.stand_in("ada", LATER, LATER + HOUR, by="cyn")
    await next_run.load()
    assert next_run.on_call(LATER) == shifts.on_call(LATER) == "ada"
    assert [one.who for one in next_run.coming(LATER, 3)] == ["ada"]
    assert await next_run.take_back(made.number, "cyn") == made
    assert next_run.on_call(LATER) is None
    assert await next_run.take_back(made.number, "cyn") is None


async def test_a_change_of_a_rule_holds_over_the_settings_until_it_is_taken_back(database: Database) -> None:
    held, next_run = (HeldTo(DEFAULTS, RuleChanges(database), now) for _ in range(2))
    await held.change("health_factor", "warning.health_factor", "0.25", "ada")
    await held.change("health_factor", "dwell", "2m", "ada")
    await next_run.load()
    band = next_run()["health_factor"].band("health_factor")
    assert band is not None
    assert band.at[Severity.WARNING] == 0.25
    assert [one.key for one in next_run.made("health_factor")] == ["warning.health_factor", "dwell"]
    await next_run.change("health_factor", "dwell", None, "cyn")
    assert next_run()["health_factor"].dwell == DEFAULTS["health_factor"].dwell
    band = next_run()["health_factor"].band("health_factor")
    assert band is not None
    assert band.at[Severity.WARNING] == 0.25


async def test_two_who_change_one_rule_at_one_moment_both_have_their_way(database: Database) -> None:
    held = HeldTo(DEFAULTS, RuleChanges(database), now)
    await asyncio.gather(
        held.change("health_factor", "dwell", "2m", "ada"),
        held.change("health_factor", "warning.health_factor", "0.25", "cyn"),
    )
    in_memory = held()["health_factor"]
    await held.load()
    assert in_memory == held()["health_factor"]
    assert in_memory.dwell == timedelta(minutes=2)


async def test_changes_that_make_sense_only_together_hold_in_the_next_run_too(database: Database) -> None:
    held, next_run = (HeldTo(DEFAULTS, RuleChanges(database), now) for _ in range(2))
    await held.change("health_factor", "critical.health_factor", "0.12", "ada")
    await held.change("health_factor", "warning.health_factor", "0.13", "ada")
    await held.change("health_factor", "critical.health_factor", "0.11", "ada")
    await next_run.load()
    assert next_run() == held()
    await next_run.change("health_factor", "dwell", "2m", "cyn")
    assert next_run.as_if("health_factor", "dwell", None) == held()["health_factor"]


async def test_what_makes_no_sense_changes_nothing(database: Database) -> None:
    held = HeldTo(DEFAULTS, RuleChanges(database), now)
    with pytest.raises(TermsError):
        await held.change("health_factor", "warning.health_factor", "0.01", "ada")
    with pytest.raises(KeyError):
        held.as_if("no_rule", "dwell", "2m")
    assert held() == DEFAULTS
    assert await RuleChanges(database).load() == []


async def test_what_last_spoke_up_to_each_target_is_on_record(database: Database) -> None:
    tables = AlertTables(database)
    fence = await tables.take_over()
    first, other = fires(severity=Severity.WARNING), fires("ETH-1/okx", number=2)
    worse = rises(first.alert, Severity.CRITICAL, first.alert.began_at + MINUTE)
    for step in (first, other, worse, acknowledged(worse.alert, "ada", first.alert.began_at + 2 * MINUTE)):
        await tables.advance(fence, [step])
    found = {one.alert: one for one in await voices(database, [first.alert.id, other.alert.id])}
    assert found[first.alert.id].form is Form.PING
    assert found[first.alert.id].at == worse.told[0].at
    assert (found[other.alert.id].form, found[other.alert.id].target) == (Form.CARD, OPS)
