"""The App Home on the strict server: shown when it is opened, anew when it says something else, and never too often."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.home import (
    ASKED_EVERY,
    EVERY,
    HOW_TO_ENABLE,
    LIVE,
    LONG_PAUSE,
    LOOK_EVERY_S,
    MOST_LIVE,
    PAUSE,
)
from tests.chatops.adapters.slack.home_desk import PATIENCE_S, Desk, seen, shown, told
from tests.chatops.test_herald import Time
from tests.servers.slack import ApiError, DropAfterAccept, RateLimited, SlackServer

NOT_LIVE = "not kept up to date"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def server(time: Time) -> AsyncIterator[SlackServer]:
    async with SlackServer(now=lambda: time.now().timestamp(), rate_limits=True) as server:
        yield server
    assert server.violations == []


@pytest.fixture
async def desk(server: SlackServer, time: Time) -> AsyncIterator[Desk]:
    async with shown(server, time) as desk:
        yield desk


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the tab warned of, and nobody else of this process."""
    ours = [one for one in caplog.records if one.name == "chatops.adapters.slack.home"]
    return [one for one in ours if one.levelno >= logging.WARNING]


async def test_a_page_is_shown_when_it_is_opened_and_anew_when_it_says_something_else(desk: Desk) -> None:
    ada = desk.server.person("ada")
    desk.opens(ada)
    await desk.sees(ada, "PnL +1.00")
    desk.says = "PnL +2.00"
    await desk.later(EVERY)
    await desk.sees(ada, "PnL +2.00")
    assert desk.published == 2


async def test_nothing_is_shown_anew_where_nothing_changed(desk: Desk) -> None:
    ada = desk.server.person("ada")
    desk.opens(ada)
    await desk.sees(ada, "PnL")
    for looks in (2, 3, 4):
        await desk.later(EVERY)
        await desk.looked(looks)
    assert (desk.published, "As of 2026-05-04 12:00:00 UTC" in seen(ada)) == (1, True)


async def test_what_changes_all_the_time_is_shown_no_more_often_than_the_pace_allows(desk: Desk) -> None:
    ada = desk.server.person("ada")
    desk.opens(ada)
    await desk.sees(ada, "PnL")
    start = desk.time.now()
    while desk.time.now() - start < 3 * EVERY:
        desk.says = f"PnL at {desk.time.now()}"
        await desk.later(timedelta(seconds=LOOK_EVERY_S))
    await desk.later(timedelta(seconds=LOOK_EVERY_S))
    assert desk.published <= 4
    assert min(desk.gaps) >= EVERY


async def test_twenty_openings_are_one_page_and_one_that_is_kept_up_to_date(desk: Desk) -> None:
    ada, bob = desk.server.person("ada"), desk.server.person("bob")
    for _ in range(20):
        desk.opens(ada)
    await desk.sees(ada, "PnL")
    for _ in range(20):
        desk.opens(ada)
    await desk.later(ASKED_EVERY)
    desk.opens(bob)
    await desk.sees(bob, "PnL")
    assert [call.arguments["user_id"] for call in desk.server.calls_of("views.publish")] == [ada.id, bob.id]


async def test_after_some_minutes_it_is_left_as_it_is_until_somebody_asks_for_it(desk: Desk) -> None:
    ada, bob = desk.server.person("ada"), desk.server.person("bob")
    desk.opens(ada)
    await desk.sees(ada, "until 12:10")
    desk.says = "PnL +2.00"
    await desk.later(LIVE)
    desk.opens(bob)
    await desk.sees(bob, "PnL +2.00")
    assert "PnL +1.00" in seen(ada)
    desk.opens(ada)
    await desk.sees(ada, "until 12:20")
    assert "PnL +2.00" in seen(ada)


async def test_slack_is_left_alone_for_as_long_as_it_says(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ada = desk.server.person("ada")
    desk.server.fail(RateLimited(30), method="views.publish")
    desk.opens(ada)
    await told(caplog, "a pause of 30 s with views.publish")
    for _ in range(4):
        await desk.later(timedelta(seconds=9))
    await desk.sees(ada, "PnL")
    assert (desk.published, desk.gaps) == (2, [timedelta(seconds=36)])


async def test_a_page_that_may_have_been_shown_is_shown_again(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    ada = desk.server.person("ada")
    desk.server.fail(DropAfterAccept(), method="views.publish")
    desk.opens(ada)
    await told(caplog, "the connection was lost")
    await desk.later(PAUSE)
    await desk.publishes(2)
    await desk.later(EVERY)
    await desk.looked(3)
    assert desk.published == 2


async def test_that_the_tab_is_off_is_said_once_with_the_place_to_click_and_is_over_when_it_is_on(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ada = desk.server.person("ada")
    desk.server.fail(ApiError("not_enabled"), method="views.publish", times=2)
    desk.opens(ada)
    await told(caplog, HOW_TO_ENABLE)
    async with asyncio.timeout(PATIENCE_S):
        while "PnL" not in seen(ada):
            await desk.later(LONG_PAUSE)
            await asyncio.sleep(0.002)
    assert desk.published == 3
    assert [one.getMessage() for one in warnings(caplog)] == [f"slack: no home is shown: {HOW_TO_ENABLE}"]


async def test_a_page_that_breaks_or_is_refused_keeps_nobody_from_theirs(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bob, eve = (desk.server.person(name) for name in ("ada", "bob", "eve"))
    desk.broken.add(ada.id)
    desk.server.fail(ApiError("invalid_arguments"), method="views.publish")
    for person in (ada, bob, eve):
        desk.opens(person)
    await desk.sees(eve, "PnL")
    assert (ada.home, bob.home) == (None, None)
    assert [one.levelname for one in warnings(caplog)] == ["ERROR", "WARNING"]


async def test_guests_see_what_strangers_see_and_who_becomes_one_sees_it_too(desk: Desk) -> None:
    ada, guest = desk.server.person("ada"), desk.server.person("guest", guest=True)
    desk.guests.add(guest.id)
    for person in (ada, guest):
        desk.opens(person)
    await desk.sees(guest, "I do not know you")
    await desk.sees(ada, "PnL")
    desk.strangers.add(ada.id)
    await desk.later(EVERY)
    await desk.sees(ada, "I do not know you")
    assert "PnL" not in seen(ada) + seen(guest)


async def test_a_page_that_another_program_changed_is_shown_anew_when_it_is_opened(desk: Desk) -> None:
    ada, bob = desk.server.person("ada"), desk.server.person("bob")
    desk.opens(ada)
    desk.opens(bob)
    await desk.sees(bob, "PnL")
    other = {"type": "home", "blocks": [{"type": "divider"}]}
    async with SlackApi(desk.server.base_url, desk.server.bot_token) as another:
        await another.call("views.publish", {"user_id": ada.id, "view": other})
    desk.time.moment += EVERY
    desk.opens(ada)
    await desk.sees(ada, "PnL")


async def test_a_hundred_people_stay_within_what_slack_allows_and_who_comes_then_is_told(desk: Desk) -> None:
    people, zoe = [desk.server.person(f"P{n}") for n in range(MOST_LIVE + 5)], desk.server.person("zoe")
    for person in people:
        desk.opens(person)
    await desk.publishes(90)
    for _ in range(20):
        # What came too many would come meanwhile.
        await desk.api.call("auth.test", {})
    assert desk.published == 90
    await desk.later(timedelta(minutes=1))
    await desk.server.wait_for(lambda: all(person.home for person in people))
    assert [NOT_LIVE in seen(person) for person in people] == [False] * MOST_LIVE + [True] * 5
    for minute in range(1, 4):
        before = desk.published
        desk.says = f"PnL of minute {minute}"
        await desk.later(timedelta(minutes=1))
        await desk.publishes(before + 1)
        # Her turn comes when those who are shown theirs unasked have had it.
        desk.opens(zoe)
        await desk.sees(zoe, desk.says)
        assert desk.published == before + 61
    assert {call.status for call in desk.server.calls_of("views.publish")} == {200}
