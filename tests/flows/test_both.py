"""One person on Telegram and on Slack: linked by a code, and the same in whatever they ask and approve."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from chatops.adapters.memory import Shown
from chatops.guard.verifying import Whole
from chatops.people import Directory, Principal, Role
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.codes import code_in
from tests.flows.both_places import EITHER, Both, known_as, met, on_both
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, near_alone
from tests.flows.crew import BY_TWO, CYD, Crew

pytestmark = near_alone

either = pytest.mark.parametrize(("here", "there"), EITHER)


# ---------------------------------------------------------------------------- linking


class Apart(NamedTuple):
    """A desk whose people are known on one platform alone."""

    both: Both
    here: str
    there: str

    async def code(self, who: str) -> str:
        """What somebody is shown in private where they are known, who asks for a link."""
        return code_in((await self.said(self.here, who, "/link")).text)

    async def said(self, platform: str, who: str, words: str) -> Shown:
        """They say it by themselves there; gives what they read."""
        room = self.both.alone(platform, who)
        await self.both.on(platform).say(who, words, room=room)
        return self.both.read(platform, who)[-1]


def known_on(platform: str) -> Directory:
    """An admin, an operator and a viewer."""
    crew = (("ada", Role.ADMIN, ADA), ("bob", Role.OPERATOR, BOB), ("vic", Role.VIEWER, VIC))
    return Directory(Principal(name, role, frozenset({known_as(platform, who)})) for name, role, who in crew)


@pytest.fixture(params=EITHER, ids="-to-".join)
async def apart(
    request: pytest.FixtureRequest, database: Database, clock: Clock, trader: Trader
) -> AsyncIterator[Apart]:
    here, there = request.param
    async with on_both(database, clock, trader, known_on(here)) as both:
        yield Apart(both, here, there)


async def test_a_code_of_one_platform_typed_on_the_other_makes_both_accounts_one_person(apart: Apart) -> None:
    code = await apart.code(BOB)
    welcome = await apart.said(apart.there, BOB, f"link {code}")
    assert welcome.message.title == "Welcome back, bob: this account is you too, operator on the desk “main”."
    # Whoever had taken the code would be found out where bob was before.
    await apart.both.in_time(lambda: "Another account is you now, bob" in apart.both.text(apart.here, BOB))

    await apart.said(apart.here, BOB, "/prefs quiet 22:00-07:00")
    assert "22:00" in (await apart.said(apart.there, BOB, "/prefs")).text
    await apart.said(apart.there, BOB, "/close SOL-1")
    await apart.both.on(apart.there).press(BOB, "Confirm", room=apart.both.alone(apart.there, BOB))
    assert apart.both.world.bot.closed == [("SOL-1", 100)]
    rows = await apart.both.world.log()
    assert {(row["principal"], row["platform"]) for row in rows} == {("bob", apart.here), ("bob", apart.there)}
    assert isinstance(await verify_record(apart.both.world.database), Whole)


async def test_a_link_is_good_once_for_one_person_and_for_ten_minutes(apart: Apart) -> None:
    code = await apart.code(BOB)
    refused = await apart.said(apart.here, VIC, f"/link {code}")
    assert refused.message.title.startswith("You are vic here already, viewer")
    apart.both.world.clock.pass_by(minutes=11)
    late = await apart.said(apart.there, BOB, f"/link {code}")
    assert late.message.title == "That link has expired. Nothing was done."

    code = await apart.code(BOB)
    await apart.said(apart.there, BOB, f"/link {code}")
    again = await apart.said(apart.there, CYD, f"/link {code}")
    assert again.message.title == "That link was used already, and works once. Nothing was done."
    assert len(apart.both.read(apart.there, CYD)) == 1


async def test_an_account_that_is_taken_away_again_is_a_stranger_s_and_the_other_stays(apart: Apart) -> None:
    await apart.said(apart.there, BOB, f"/link {await apart.code(BOB)}")
    question = await apart.said(apart.here, ADA, "/revoke bob")
    assert question.message.title == "Take the linked accounts from bob?"
    await apart.both.on(apart.here).press(ADA, "Confirm", room=apart.both.alone(apart.here, ADA))
    read = len(apart.both.read(apart.there, BOB))
    await apart.said(apart.there, BOB, "/status")
    assert len(apart.both.read(apart.there, BOB)) == read
    assert "bob" in (await apart.said(apart.here, BOB, "/whoami")).text


# ---------------------------------------------------------------------------- asking, and approving


@pytest.fixture
async def desk(database: Database, clock: Clock, trader: Trader) -> AsyncIterator[Both]:
    """Closing takes two here, and all are known on both platforms."""
    async with on_both(database, clock, trader, Crew(), permissions=BY_TWO) as both:
        await met(both, ADA, CYD)
        yield both
    assert isinstance(await verify_record(database), Whole)


async def asked(desk: Both, platform: str, who: str) -> Shown:
    """Somebody asks to close in the room there, and confirms; gives the card."""
    await desk.on(platform).say(who, "/close SOL-1")
    await desk.on(platform).press(who, "Confirm")
    return desk.read(platform)[-1]


async def copy(desk: Both, platform: str, who: str) -> Shown:
    """The request as somebody reads it alone there."""
    await desk.in_time(lambda: "Approve" in desk.read(platform, who)[-1].labels)
    return desk.read(platform, who)[-1]


@either
async def test_what_is_asked_on_one_is_approved_on_the_other_and_all_cards_say_so(
    desk: Both, here: str, there: str
) -> None:
    card = await asked(desk, here, ADA)
    copies = {platform: await copy(desk, platform, CYD) for platform in (here, there)}
    await desk.on(there).press(CYD, "Approve", copies[there])
    assert desk.world.bot.closed == [("SOL-1", 100)]
    assert desk.read(here)[-1].id == card.id
    assert "Asked by ada, approved by cyd." in desk.read(here)[-1].text
    await desk.in_time(lambda: all("Approved by cyd." in desk.read(one, CYD)[-1].text for one in (here, there)))
    for platform, shown in copies.items():
        assert (desk.read(platform, CYD)[-1].id, desk.read(platform, CYD)[-1].labels) == (shown.id, [])


@either
async def test_what_is_rejected_on_the_other_is_not_done(desk: Both, here: str, there: str) -> None:
    await asked(desk, here, ADA)
    await desk.on(there).press(CYD, "Reject", await copy(desk, there, CYD))
    assert desk.read(here)[-1].message.title == "Rejected by cyd. Nothing was done."
    await desk.in_time(lambda: "Rejected by cyd" in desk.read(here, CYD)[-1].text)
    assert desk.world.bot.closed == []


@either
async def test_two_approvals_at_one_instant_on_both_platforms_do_it_once(desk: Both, here: str, there: str) -> None:
    await asked(desk, here, BOB)
    hers, his = await copy(desk, there, ADA), await copy(desk, here, CYD)
    await asyncio.gather(desk.on(there).press(ADA, "Approve", hers), desk.on(here).press(CYD, "Approve", his))
    assert desk.world.bot.closed == [("SOL-1", 100)]
    rows = await desk.world.database.fetch("SELECT by FROM command_events WHERE step = 'approved'")
    assert len(rows) == 1
    await desk.in_time(lambda: f"Approved by {rows[0]['by']}." in desk.text(there, ADA))
    await desk.in_time(lambda: f"Approved by {rows[0]['by']}." in desk.text(here, CYD))


@either
async def test_nobody_approves_by_another_account_what_they_asked_for(desk: Both, here: str, there: str) -> None:
    await asked(desk, here, ADA)
    token = (await copy(desk, there, CYD)).token("Approve")
    assert token is not None
    # Ada's own account there is not asked, and the button of somebody else's chat is worth nothing to her.
    assert not [one for platform in (here, there) for one in desk.read(platform, ADA) if "Approve" in one.labels]
    await desk.on(there).press_token(ADA, token)
    await desk.in_time(lambda: "another room" in desk.text(there))
    assert desk.world.bot.closed == []


@either
async def test_a_question_asked_on_one_is_not_confirmed_on_the_other(desk: Both, here: str, there: str) -> None:
    await desk.on(here).say(BOB, "/close SOL-1")
    token = desk.read(here)[-1].token("Confirm")
    assert token is not None
    await desk.on(there).press_token(BOB, token)
    await desk.in_time(lambda: "another room" in desk.text(there))
    assert desk.world.bot.closed == []
    (row,) = [row for row in await desk.world.log() if row["state"] == "awaiting_confirmation"]
    assert (row["word"], row["platform"]) == ("close", here)


async def test_an_account_that_is_not_linked_confirms_nothing_of_its_owners(apart: Apart) -> None:
    both, here, there = apart
    await both.on(here).say(BOB, "/close SOL-1")
    token = both.read(here)[-1].token("Confirm")
    assert token is not None
    await both.on(there).press_token(BOB, token)
    assert (both.read(there), both.world.bot.closed) == ([], [])
    await both.on(here).press(BOB, "Confirm")
    assert both.world.bot.closed == [("SOL-1", 100)]
