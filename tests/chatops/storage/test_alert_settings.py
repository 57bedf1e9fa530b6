"""What people say about alerts is kept: silences, who stands in on call, and changed rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from alerts.oncall import Override
from alerts.severity import Severity
from alerts.silence import Silence
from chatops.alert_record import RuleChange, StandIn
from chatops.storage.alerts import AlertTables
from chatops.storage.database import Database
from chatops.storage.oncall import OnCallTable
from chatops.storage.rule_changes import RuleChanges
from chatops.storage.silences import SilenceTable

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def silence(made_at: datetime, lasts: timedelta) -> Silence:
    return Silence(0, "ada", made_at, made_at + lasts, Severity.CRITICAL)


async def test_a_silence_is_kept_whole_and_ends_by_the_clock_of_the_database(database: Database) -> None:
    table, at = SilenceTable(database), now()
    await table.add(silence(at - 2 * HOUR, HOUR))
    known = {uuid4(): Severity.EMERGENCY}
    whole = replace(
        silence(at, HOUR), rule="delta_drift", bot="alpha", subject="SOL-1", alert=uuid4(), reason="mine", known=known
    )
    holds = await table.add(whole)
    assert holds == replace(whole, number=2)
    later = await table.add(silence(at + HOUR, HOUR))
    assert await AlertTables(database).silences() == [holds, later]


async def test_a_silence_can_be_lifted_once_and_was_in_force_until_then(database: Database) -> None:
    table, at = SilenceTable(database), now()
    made = await table.add(silence(at - HOUR, 2 * HOUR))
    lifted = await table.lift(made.number, "bob", at)
    assert lifted is not None
    assert lifted.until == at
    assert await table.load() == []
    assert await table.lift(made.number, "bob", at) is None
    to_come = await table.add(silence(at + HOUR, HOUR))
    taken_back = await table.lift(to_come.number, "bob", at)
    assert taken_back is not None
    assert taken_back.until == taken_back.made_at


async def test_who_stands_in_is_kept_until_it_is_over_or_taken_back(database: Database) -> None:
    table, at = OnCallTable(database), now()
    await table.add(Override("ada", at - 3 * HOUR, at - HOUR), "ada", at)
    tonight = await table.add(Override("bob", at - HOUR, at + HOUR), "ada", at)
    assert tonight == StandIn(2, Override("bob", at - HOUR, at + HOUR), "ada", at)
    tomorrow = await table.add(Override("eve", at, at + 24 * HOUR), "bob", at)
    assert await table.load() == [tonight, tomorrow]
    assert await table.remove(tonight.number, "ada") == tonight
    assert await table.remove(tonight.number, "ada") is None
    assert await table.load() == [tomorrow]


async def test_of_each_key_of_a_rule_the_newest_change_holds_until_the_settings_do_again(database: Database) -> None:
    table, at = RuleChanges(database), now()
    made = [
        RuleChange("health_factor", "warning.health_factor", "0.25", "ada", at),
        RuleChange("health_factor", "for", "10 s", "ada", at),
        RuleChange("health_factor", "warning.health_factor", "0.3", "bob", at),
        RuleChange("delta_drift", "on", "no", "bob", at),
        RuleChange("health_factor", "for", None, "bob", at),
    ]
    for change in made:
        await table.add(change)
    assert await table.load() == [made[2], made[3]]
