"""A whole desk on Slack, asked by forms: from the command or the button to what the bot did."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot_integration import BotController
from bot_integration.clock import utc_now
from chatops.adapters.slack.signed_http import PATH
from chatops.app import open_desk
from chatops.people import Role
from chatops.settings import PersonSettings
from tests.faults.desk import free_port
from tests.flows.conftest import Trader
from tests.flows.platform_chat import PATIENCE_S
from tests.flows.test_slack import registered, settings
from tests.servers.slack import ApiError, Channel, Delivery, Kind, Person, Post, SlackServer, View


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server
    assert server.violations == []


@dataclass
class Deck:
    """A running desk with the trader `alpha`; ada is an admin, vic a viewer."""

    server: SlackServer
    trader: Trader
    ops: Channel
    ada: Person
    vic: Person

    async def opens(self, person: Person, command: str) -> View:
        """What stands before somebody who has written a command."""
        assert (await person.slash(self.ops, command)).is_acked
        return await self.stands_before(person)

    async def stands_before(self, person: Person) -> View:
        view = await self.server.wait_for(lambda: person.view)
        assert view is not None
        return view

    async def offers(self, post: Post, typed: str) -> tuple[str, ...]:
        """What the menu under it offers ada. That it was posted may be on record a moment later than she sees it."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await self.ada.look_up(post, "reply", typed)):
                pass
        return found

    async def sees(self, words: str, label: str | None = None) -> Post:
        """The newest post that says so, with such a button."""

        def found() -> list[Post]:
            said = [post for post in self.ops.from_app if words in post.words]
            return [post for post in said if label is None or label in post.labels]

        return (await self.server.wait_for(found))[-1]


@asynccontextmanager
async def deck(server: SlackServer, database_url: str, folder: Path, way: str = "socket") -> AsyncIterator[Deck]:
    listen = f"127.0.0.1:{free_port()}"
    ways = {
        "socket": {"app_token": server.app_token},
        "http": {"signing_secret": server.signing_secret, "listen": listen},
    }
    given = settings(server, database_url, folder, **ways[way])
    vic = PersonSettings(name="vic", role=Role.VIEWER, slack=server.person("vic").id)
    given = given.model_copy(update={"bots": (), "people": (*given.people, vic)})
    trader = Trader(BotController("alpha", now=utc_now), utc_now)
    async with open_desk(given, bots=[trader.controller], health=False):
        await {"socket": server.connected, "http": lambda: registered(server, f"http://{listen}{PATH}")}[way]()
        yield Deck(server, trader, server.channel("ops"), server.person("ada"), server.person("vic"))


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_a_position_is_closed_by_a_form_once(
    server: SlackServer, database_url: str, tmp_path: Path, way: str
) -> None:
    async with deck(server, database_url, tmp_path, way) as desk:
        view = await desk.opens(desk.ada, "/deck close")
        assert "SOL-1" in "".join(await desk.ada.look_up(view, "position", "so"))
        (sol,) = await desk.ada.look_up(view, "position", "sol")
        wrong = await desk.ada.submit(view, {"Position": sol, "Percent": "120"})
        assert wrong.answer["response_action"] == "errors"
        assert list(wrong.answer["errors"]) == ["percent"]
        assert desk.ada.views == [view]
        sent = await desk.ada.submit(view, {"Position": sol, "Percent": "50"})
        assert desk.ada.views == []
        for _ in range(2):
            await server.deliver_again(sent)
        question = await desk.sees("Close 50% of SOL-1", "Confirm")
        await desk.ada.click(desk.ops, question, "Confirm")
        closed = await desk.sees("SOL-1 closed")
        await server.delivered()
    assert closed.ts == question.ts
    assert desk.trader.closed == [("SOL-1", 50)]
    assert len([post for post in desk.ops.from_app if "SOL-1" in post.words]) == 1


async def test_a_form_that_is_forged_does_no_more_than_who_forges_it_may(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        view = await desk.opens(desk.ada, "/deck close")
        (sol,) = await desk.ada.look_up(view, "position", "sol")
        sent = await desk.ada.submit(view, {"Position": sol})
        await desk.sees("Close SOL-1", "Confirm")
        user = {"id": desk.vic.id, "team_id": server.team_id}
        forged = Delivery(Kind.INTERACTION, {**sent.payload, "user": user, "trigger_id": "9.9.9"}, accepts_answer=True)
        assert (await server.deliver_again(forged)).is_acked
        await server.wait_for(lambda: [post for post in all_posts(desk) if "operator" in post.words])
        # Nor is a form opened for somebody who may not.
        await desk.vic.slash(desk.ops, "/deck close")
        await server.wait_for(lambda: len([post for post in all_posts(desk) if "operator" in post.words]) == 2)
    assert (desk.vic.views, desk.trader.closed) == ([], [])


def all_posts(desk: Deck) -> list[Post]:
    """Whoever sees them."""
    return [*desk.ops.from_app, *desk.ops.ephemeral, *desk.vic.direct.from_app]


async def test_where_no_form_can_be_opened_a_word_is_answered_with_buttons(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        server.fail(ApiError("expired_trigger_id"), method="views.open", times=None)
        assert (await desk.ada.slash(desk.ops, "/deck close")).is_acked
        which = await desk.sees("Close which?", "SOL-1")
        # The buttons know forms too, and do without.
        await desk.ada.click(desk.ops, which, "SOL-1")
        question = await desk.sees("Close SOL-1", "Confirm")
        await desk.ada.click(desk.ops, question, "Confirm")
        await desk.sees("SOL-1 closed")
    assert desk.trader.closed == [("SOL-1", 100)]


async def test_of_more_positions_than_there_are_buttons_for_one_is_found_in_a_menu(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        desk.trader.open = [f"P{number}-1" for number in range(20)]
        desk.trader.publish()
        await desk.ada.mention(desk.ops, "close")
        which = await desk.sees("Close which?")
        (offered,) = await desk.offers(which, "p17")
        assert "P17-1" in offered
        assert len([one for control in which.controls for one in control.choices]) == 6
        await desk.ada.click(desk.ops, which, "reply", offered)
        question = await desk.sees("Close P17-1", "Confirm")
        await desk.ada.click(desk.ops, question, "Confirm")
        await desk.sees("P17-1 closed")
    assert desk.trader.closed == [("P17-1", 100)]


async def test_a_button_opens_a_form_in_which_what_it_says_is_settled(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        await desk.ada.slash(desk.ops, "/deck position SOL-1")
        card = await desk.sees("SOL-1", "Close…")
        await desk.ada.click(desk.ops, card, "Close…")
        view = await desk.stands_before(desk.ada)
        assert "Position" not in view.labels
        await desk.ada.submit(view, {"percent": "25"})
        question = await desk.sees("Close 25% of SOL-1", "Confirm")
        await desk.ada.click(desk.ops, question, "Confirm")
        await desk.sees("SOL-1 closed")
    assert desk.trader.closed == [("SOL-1", 25)]


async def test_a_parameter_a_pause_and_a_silence_are_filled_in_with_their_reasons(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        view = await desk.opens(desk.ada, "/deck set")
        (key,) = await desk.ada.look_up(view, "key", "max_pos")
        await desk.ada.submit(view, {"key": key, "value": "9"})
        await desk.ada.click(desk.ops, await desk.sees("max_positions", "Confirm"), "Confirm")
        await server.wait_for(lambda: desk.trader.controls.values.get("max_positions") == 9)

        view = await desk.opens(desk.ada, "/deck pause")
        (scope,) = await desk.ada.look_up(view, "scope", "entry")
        await desk.ada.submit(view, {"scope": scope, "reason": "the venue is down"})
        question = await desk.sees("the venue is down", "Confirm")
        await desk.ada.click(desk.ops, question, "Confirm")
        await server.wait_for(lambda: desk.trader.scopes == {"entry"})

        view = await desk.opens(desk.ada, "/deck silence")
        rule, *_ = await desk.ada.look_up(view, "what", "stale_data")
        (length,) = await desk.ada.look_up(view, "length", "4h")
        await desk.ada.submit(view, {"what": rule, "length": length})
        await desk.sees("stale_data")
        assert desk.ada.views == []


async def test_what_was_misread_is_put_right_in_a_form(server: SlackServer, database_url: str, tmp_path: Path) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        assert (await desk.ada.slash(desk.ops, "/deck close SOL-1 101%")).is_acked
        (hint,) = await server.wait_for(lambda: desk.ada.sees(desk.ops))
        assert "less than or equal to 100" in hint.words
        await desk.ada.click(desk.ops, hint, "/deck close")
        view = await desk.stands_before(desk.ada)
        (sol,) = await desk.ada.look_up(view, "position", "sol")
        await desk.ada.submit(view, {"position": sol, "percent": "10"})
        await desk.ada.click(desk.ops, await desk.sees("Close 10% of SOL-1", "Confirm"), "Confirm")
        await desk.sees("SOL-1 closed")
    assert desk.trader.closed == [("SOL-1", 10)]


@pytest.mark.parametrize("gone", ["has_app", "is_archived"])
async def test_a_form_of_a_channel_that_closed_meanwhile_is_answered_by_themselves(
    server: SlackServer, database_url: str, tmp_path: Path, gone: str
) -> None:
    async with deck(server, database_url, tmp_path) as desk:
        view = await desk.opens(desk.ada, "/deck close")
        (sol,) = await desk.ada.look_up(view, "position", "sol")
        setattr(desk.ops, gone, gone == "is_archived")
        await desk.ada.submit(view, {"position": sol, "percent": "10"})
        alone = desk.ada.direct
        (question,) = await server.wait_for(lambda: alone.from_app)
        await desk.ada.click(alone, question, "Confirm")
        await server.wait_for(lambda: "SOL-1 closed" in alone.from_app[0].words)
    assert desk.trader.closed == [("SOL-1", 10)]
