"""The directory as the database has it, whoever changes that."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chatops.guard.codes import attempt
from chatops.membership.admission import Admission, NotNow
from chatops.membership.roster import Roster, Unwilling
from chatops.people import Directory, Identity, Principal, Role
from chatops.storage.database import Database
from chatops.storage.people import PeopleTables
from chatops.tasks import running

ADA = Principal("ada", Role.ADMIN, frozenset({Identity("telegram", "1")}))
BOB = Principal("bob", Role.OPERATOR, frozenset({Identity("telegram", "2")}))


def now() -> datetime:
    return datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
async def roster(database: Database) -> AsyncIterator[Roster]:
    roster = Roster(Directory([ADA, BOB]), PeopleTables(database), now)
    async with running(roster.run(), "people"):
        yield roster


async def let_in(roster: Roster, role: Role, name: str, account: str) -> None:
    admission = Admission(roster, now)
    typed = attempt(f"/start {await admission.invitation(role, name, 'ada')}")
    assert typed is not None
    await admission.redeem(typed, Identity("telegram", account))


async def test_news_of_another_programs_change_are_taken_in(roster: Roster, database: Database) -> None:
    changed = asyncio.Event()
    roster.directory.watch(changed.set)
    await database.execute("INSERT INTO people (name, role, created_by) VALUES ('dan', 'viewer', 'shell:root')")
    assert roster.directory.named("dan") is None
    roster.stir()
    async with asyncio.timeout(30):
        await changed.wait()
    assert roster.directory.named("DAN") == Principal("dan", Role.VIEWER)


async def breaks_while_changing(roster: Roster) -> None:
    async with roster.changing() as (change, _):
        await change.set_role("dan", Role.VIEWER)
        raise LookupError


async def test_what_breaks_in_the_middle_changes_nobody(roster: Roster) -> None:
    await let_in(roster, Role.ADMIN, "dan", "3")
    with pytest.raises(LookupError):
        await breaks_while_changing(roster)
    await roster.load()
    dan = roster.directory.named("dan")
    assert dan is not None
    assert dan.role is Role.ADMIN


async def test_nobody_gives_or_takes_more_than_they_are(roster: Roster) -> None:
    # Settings may hand /invite, /role and /revoke to operators.
    await let_in(roster, Role.ADMIN, "dan", "3")
    admission = Admission(roster, now)
    with pytest.raises(Unwilling, match="You are operator, and admin is more than that"):
        await admission.invitation(Role.ADMIN, "", "bob")
    for act in (roster.set_role("dan", Role.VIEWER, "bob"), roster.revoke("dan", "bob")):
        with pytest.raises(Unwilling, match="more than that"):
            await act
    await let_in(roster, Role.VIEWER, "vic", "4")
    with pytest.raises(Unwilling, match="more than that"):
        await roster.set_role("vic", Role.ADMIN, "bob")
    assert (await roster.set_role("vic", Role.OPERATOR, "bob")).role is Role.VIEWER


async def test_who_was_revoked_this_instant_lets_nobody_in_any_more(roster: Roster) -> None:
    await let_in(roster, Role.ADMIN, "dan", "3")
    await roster.revoke("dan", "ada")
    with pytest.raises(Unwilling, match="dan is not here any more"):
        await Admission(roster, now).invitation(Role.ADMIN, "", "dan")


async def test_an_account_that_was_taken_this_instant_lets_nobody_in_any_more(roster: Roster) -> None:
    """A bug: what it asked while it was taken away made a code that was good afterwards."""
    admission, phone = Admission(roster, now), Identity("telegram", "99")
    typed = attempt(f"/link {await admission.link(ADA, Identity('telegram', '1'))}")
    assert typed is not None
    await admission.redeem(typed, phone)
    ada = roster.directory.identify(phone)
    assert ada is not None
    await roster.take_account("ada", "99", "ada")
    for late in (admission.link(ada, phone), admission.invitation(Role.ADMIN, "", "ada", phone)):
        with pytest.raises(Unwilling, match="This account is not ada's any more"):
            await late


async def test_the_codes_of_a_phone_go_with_the_person(roster: Roster, database: Database) -> None:
    await let_in(roster, Role.OPERATOR, "dan", "3")
    await database.execute("INSERT INTO totp (person, enrolment, made_at) VALUES ('dan', gen_random_uuid(), now())")
    await roster.revoke("dan", "ada")
    assert await database.fetchval("SELECT count(*) FROM totp") == 0


async def test_two_programs_that_revoke_each_others_admin_at_once_leave_one(roster: Roster, database: Database) -> None:
    # The desk and a shell beside it; no file has an admin.
    await let_in(roster, Role.ADMIN, "dan", "3")
    await let_in(roster, Role.ADMIN, "eva", "4")
    desk, shell = (Roster(Directory([]), PeopleTables(database), now) for _ in range(2))
    async with asyncio.timeout(30), desk.changing() as (change, _):
        other = asyncio.create_task(shell.revoke("eva", "shell:root"))
        waits = "SELECT true FROM pg_locks WHERE NOT granted AND relation = 'people'::regclass"
        while not (other.done() or await database.fetchval(waits)):  # noqa: ASYNC110 - a lock sets no event
            await asyncio.sleep(0)
        await change.remove_person("dan")
    with pytest.raises(Unwilling, match="eva is the only admin"):
        await other


async def test_the_codes_of_somebody_who_was_in_the_settings_are_not_those_of_the_next_of_that_name(
    database: Database,
) -> None:
    await database.execute("INSERT INTO totp (person, enrolment, made_at) VALUES ('Bob', gen_random_uuid(), now())")
    without_bob = Roster(Directory([ADA]), PeopleTables(database), now)
    await let_in(without_bob, Role.OPERATOR, "bob", "3")
    assert await database.fetchval("SELECT count(*) FROM totp") == 0


@pytest.mark.parametrize("left", [(), (replace(BOB, name="ada"),)])
async def test_an_invitation_dies_with_who_is_taken_out_of_the_settings_or_made_less_there(
    roster: Roster, database: Database, left: tuple[Principal, ...]
) -> None:
    typed = attempt(f"/start {await Admission(roster, now).invitation(Role.ADMIN, '', 'ada')}")
    assert typed is not None
    cyd = Principal("cyd", Role.ADMIN, frozenset({Identity("telegram", "9")}))
    restarted = Roster(Directory([cyd, *left]), PeopleTables(database), now)
    eve = Identity("telegram", "666")
    refused = await Admission(restarted, now).redeem(typed, eve)
    assert isinstance(refused, NotNow)
    assert refused.reason == "Whoever made that invitation may not any more. Ask for another one."
    assert restarted.directory.identify(eve) is None
