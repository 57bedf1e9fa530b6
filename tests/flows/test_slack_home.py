"""The App Home of a desk on Slack: what each person sees there, and what their buttons ask."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot_integration import BotController
from chatops.adapters.slack.home import EVERY, LOOK_EVERY_S
from chatops.adapters.slack.home_view import CLOSED
from chatops.app import open_desk
from chatops.fleet import Fleet
from chatops.forms import Forms
from chatops.guard.permissions import Permissions
from chatops.home import Homes
from chatops.home_pages import HomePages
from chatops.people import Account, Directory, Principal, Role, StoredPeople
from chatops.redactor import Redactor
from chatops.room import Room
from chatops.storage.database import Database
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, accounts, people, settle_in
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.slack_chat import SlackChat, listening_on_slack, slack
from tests.flows.test_slack import settings
from tests.servers.slack import ApiError, Person, Post, RateLimited, SlackServer, View
from tests.servers.slack.block_kit import texts_of


@dataclass(frozen=True)
class House:
    """A desk with one bot, and the homes of its people."""

    world: World
    server: SlackServer
    chat: SlackChat

    def person(self, person_id: str) -> Person:
        return self.chat.person(person_id)

    async def open(self, person_id: str, words: str) -> View:
        """They open their home, and see these words."""
        delivery = await self.person(person_id).opens_home()
        assert delivery.is_acked
        return await self.sees(person_id, words)

    async def sees(self, person_id: str, words: str) -> View:
        person = self.person(person_id)
        await self.server.wait_for(lambda: words in read(person.home))
        assert person.home is not None
        return person.home

    async def answered(self, person_id: str, words: str) -> Post:
        """What the app says to them alone."""
        alone = self.person(person_id).direct
        said = await self.server.wait_for(lambda: [post for post in alone.from_app if words in post.words])
        return said[-1]

    async def in_time(self, person_id: str, words: str) -> None:
        """Let time go by until their home says so by itself."""
        async with asyncio.timeout(PATIENCE_S):
            while words not in read(self.person(person_id).home):
                self.world.clock.pass_by(seconds=LOOK_EVERY_S)
                self.world.bot.publish()
                await asyncio.sleep(0.005)


def read(home: View | None) -> str:
    """All that it says, a line a text."""
    return "" if home is None else "\n".join(text for _, text in texts_of(home.blocks))


@asynccontextmanager
async def house(
    database: Database,
    clock: Clock,
    directory: Directory | None = None,
    *,
    by_http: bool = False,
    redact: Redactor | None = None,
) -> AsyncIterator[House]:
    directory, made, forms = directory or people(), list[Homes](), list[Forms]()
    trader = Trader(BotController("alpha", now=clock), clock)
    async with (
        slack(clock) as server,
        listening_on_slack(
            server,
            database,
            clock,
            directory,
            by_http=by_http,
            sleep=clock.wait,
            homes=lambda: next(iter(made), None),
            forms=lambda: next(iter(forms), None),
        ) as chat,
    ):
        world = settle_in(database, clock, trader, chat)
        forms.append(world.desk.forms)
        made.append(
            HomePages.of_desk(
                world.desk, directory, Permissions(), Fleet([trader.held]), links=dict, now=clock, redact=redact
            )
        )
        async with world.desk.outbox.open():
            yield House(world, server, chat)


@pytest.mark.parametrize("by_http", [False, True])
async def test_a_home_shows_how_the_bot_is_and_changes_by_itself_when_a_position_closes(
    database: Database, clock: Clock, by_http: bool
) -> None:
    async with house(database, clock, by_http=by_http) as there:
        page = read(await there.open(ADA, "alpha · paper · monitoring · ok"))
        assert ("10,012.50" in page, "2 open, +8.50 USD" in page, "0.228 ETH-1 bybit" in page) == (True, True, True)
        there.world.bot.open.remove("ETH-1")
        await there.in_time(ADA, "1 open, +4.25 USD")
        assert "ETH-1" not in read(there.person(ADA).home)


async def test_a_press_is_answered_to_them_alone_as_if_they_had_typed_it(database: Database, clock: Clock) -> None:
    async with house(database, clock) as there:
        home = await there.open(ADA, "alpha")
        assert (await there.person(ADA).press(home, "Positions")).is_acked
        await there.answered(ADA, "2 open, +8.50 USD")
        assert there.chat.shown == []
        words = await database.fetch("SELECT word FROM command_log")
        assert [row["word"] for row in words] == ["positions"]


async def test_a_word_that_needs_more_opens_a_form_and_without_one_is_answered_with_buttons(
    database: Database, clock: Clock
) -> None:
    async with house(database, clock) as there:
        ada, home = there.person(ADA), await there.open(ADA, "alpha")
        await ada.press(home, "Close…")
        view = await there.server.wait_for(lambda: ada.view)
        assert view is not None
        (sol,) = await ada.look_up(view, "position", "sol")
        await ada.submit(view, {"Position": sol, "Percent": "50"})
        question = await there.answered(ADA, "Close 50% of SOL-1")
        await ada.click(ada.direct, question, "Confirm")
        await there.answered(ADA, "SOL-1 closed")
        assert there.world.bot.closed == [("SOL-1", 50)]
        there.server.fail(ApiError("expired_trigger_id"), method="views.open")
        await ada.press(home, "Close…")
        which = await there.answered(ADA, "Close which?")
        assert {"SOL-1", "ETH-1"} <= {label.split()[0] for label in which.labels}


async def test_a_viewer_has_no_close_and_a_button_that_somebody_makes_up_can_do_no_more_than_typing(
    database: Database, clock: Clock
) -> None:
    async with house(database, clock) as there:
        seen = {who: (await there.open(who, "alpha")).labels for who in (ADA, BOB, VIC)}
        assert [("Close…" in labels, "Stop…" in labels) for labels in seen.values()] == [
            (True, True),
            (True, False),
            (False, False),
        ]
        home, vic = there.person(VIC).home, there.person(VIC)
        assert home is not None
        assert (await vic.press_forged(home, {"type": "button", "value": "close SOL-1"})).is_acked
        await there.answered(VIC, "close is for operators and above")
        assert there.world.bot.closed == []


async def test_a_stranger_and_a_guest_see_whom_to_ask_and_nothing_of_the_bots(database: Database, clock: Clock) -> None:
    async with house(database, clock) as there:
        there.person(VIC).account.is_restricted = True
        for who in (EVE, VIC):
            page = await there.open(who, "Ask one of its admins")
            assert ("alpha" in read(page), page.labels, page.callback_id) == (False, ("Refresh",), CLOSED)
        eve, published = there.person(EVE), len(there.server.calls_of("views.publish"))
        await eve.opens_home()
        page = await there.sees(EVE, "I do not know you")
        await eve.press(page, "Refresh")
        await eve.press_forged(page, {"type": "button", "value": "status"})
        await there.open(ADA, "alpha")
        assert len(there.server.calls_of("views.publish")) == published + 1
        assert eve.direct.from_app == []


async def test_refresh_shows_it_anew_and_nothing_of_it_is_stored(database: Database, clock: Clock) -> None:
    async with house(database, clock) as there:
        home = await there.open(ADA, "As of 2026-05-04 12:00:00 UTC")
        clock.pass_by(seconds=EVERY.total_seconds())
        there.world.bot.publish()
        assert (await there.person(ADA).press(home, "Refresh")).is_acked
        await there.sees(ADA, "As of 2026-05-04 12:00:20 UTC")
        assert await database.fetchval("SELECT count(*) FROM inbox") == 0
        assert await database.fetchval("SELECT count(*) FROM command_log") == 0


async def test_twenty_openings_are_one_page_and_a_pause_that_slack_asks_for_is_kept(
    database: Database, clock: Clock
) -> None:
    async with house(database, clock) as there:
        there.server.fail(RateLimited(30), method="views.publish")
        await asyncio.gather(*(there.person(ADA).opens_home() for _ in range(20)))
        await there.server.wait_for(lambda: there.server.calls_of("views.publish"))
        began = clock()
        await there.in_time(ADA, "alpha")
        assert clock() - began >= timedelta(seconds=30)
        assert len(there.server.calls_of("views.publish")) == 2


async def test_an_adapter_that_is_closed_leaves_no_task_of_its_homes(database: Database, clock: Clock) -> None:
    async with house(database, clock) as there:
        await there.open(ADA, "alpha")
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert {"showing homes of slack", "looking at homes of slack"} <= names
    assert [task.get_name() for task in asyncio.all_tasks() if "home" in task.get_name()] == []


async def test_who_is_revoked_sees_nothing_more_of_the_bots(database: Database, clock: Clock) -> None:
    ada = StoredPeople((Principal("ada", Role.ADMIN),), tuple(Account(one, "ada") for one in accounts(ADA)))
    directory = Directory([], ada)
    async with house(database, clock, directory) as there:
        await there.open(ADA, "alpha")
        directory.take_in(StoredPeople())
        await there.in_time(ADA, "I do not know you")
        assert "alpha" not in read(there.person(ADA).home)


async def test_each_sees_the_bots_that_they_may_ask_about_in_a_room_where_they_may(
    database: Database, clock: Clock
) -> None:
    elsewhere = frozenset({Room("slack", "C0OTHER")})
    directory = Directory(
        [
            Principal("ada", Role.ADMIN, accounts(ADA), bots=frozenset({"beta"})),
            Principal("bob", Role.ADMIN, accounts(BOB), rooms=elsewhere),
        ]
    )
    async with house(database, clock, directory) as there:
        seen = {ADA: read(await there.open(ADA, "Nothing to show")), BOB: read(await there.open(BOB, "other rooms"))}
        assert ["alpha" in page or "10,012" in page for page in seen.values()] == [False, False]


async def test_a_secret_that_a_bot_says_is_not_shown(database: Database, clock: Clock) -> None:
    async with house(database, clock, redact=Redactor(["hunter2hunter2"])) as there:
        there.world.bot.controls.tripped["feed hunter2hunter2 is dead"] = (clock(), "")
        there.world.bot.publish()
        page = read(await there.open(ADA, "Breakers: feed *** is dead"))
        assert "hunter2" not in page


async def test_a_desk_of_the_settings_has_homes(database_url: str, tmp_path: Path) -> None:
    async with SlackServer() as server:
        ada, given = server.person("ada"), settings(server, database_url, tmp_path, app_token=server.app_token)
        async with open_desk(given, health=False):
            await server.connected()
            assert (await ada.opens_home()).is_acked
            await server.wait_for(lambda: "alpha" in read(ada.home))
        assert server.violations == []
