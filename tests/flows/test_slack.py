"""A whole desk of the settings on Slack, from its app to the answer, by both ways in."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from chatops.adapters.slack.signed_http import PATH
from chatops.app import open_desk
from chatops.people import Role
from chatops.settings import PAPER, BotSettings, DatabaseSettings, DeskSettings, PersonSettings, Settings, SlackSettings
from tests.faults.desk import free_port
from tests.servers.slack import Channel, Post, SlackServer


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server
    assert server.violations == []


def settings(server: SlackServer, database_url: str, folder: Path, **way: object) -> Settings:
    """A desk with a paper bot, and ada."""
    slack = {"bot_token": server.bot_token, "base_url": server.base_url, **way}
    return Settings(
        desk=DeskSettings(data_dir=folder),
        database=DatabaseSettings(url=SecretStr(database_url)),
        slack=SlackSettings.model_validate(slack),
        bots=(BotSettings(name="alpha", url=PAPER),),
        people=(PersonSettings(name="ada", role=Role.ADMIN, slack=server.person("ada").id),),
    )


async def answer(server: SlackServer, channel: Channel, words: str) -> Post:
    """The newest post of the app's there, once it says so."""
    said = await server.wait_for(lambda: [post for post in channel.from_app if words in post.words])
    return said[-1]


async def test_a_desk_by_socket_mode_answers_the_command_the_mention_and_the_press(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    ops, ada = server.channel("ops"), server.person("ada")
    async with open_desk(settings(server, database_url, tmp_path, app_token=server.app_token), health=False):
        await server.connected()
        assert (await ada.slash(ops, "/deck whoami")).is_acked
        assert "ada" in (await answer(server, ops, "admin")).words
        await ada.mention(ops, "pause entry")
        question = await answer(server, ops, "Pause entry on alpha?")
        assert (await ada.click(ops, question, "Confirm")).is_acked
        assert (await answer(server, ops, "Paused")).ts == question.ts
        await ada.say(ada.direct, "help")
        await answer(server, ada.direct, "status")


async def test_a_desk_by_http_answers_too(server: SlackServer, database_url: str, tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    way = {"signing_secret": server.signing_secret, "listen": listen}
    ops, ada = server.channel("ops"), server.person("ada")
    async with open_desk(settings(server, database_url, tmp_path, **way), health=False):
        await registered(server, f"http://{listen}{PATH}")
        delivery = await ada.slash(ops, "/deck whoami")
        assert (delivery.is_acked, delivery.statuses) == (True, [200])
        await answer(server, ops, "admin")


async def test_the_first_admin_comes_in_by_the_printed_code_and_a_guest_does_not(
    server: SlackServer, database_url: str, tmp_path: Path
) -> None:
    ada, guest, ops = server.person("ada"), server.person("guest", guest=True), server.channel("ops")
    nobody = settings(server, database_url, tmp_path, app_token=server.app_token).model_copy(update={"people": ()})
    printed: list[str] = []
    async with open_desk(nobody, health=False, announce=printed.append):
        (code,) = printed
        await server.connected()
        await guest.say(guest.direct, f"claim {code} mallory")
        await server.delivered()
        await ada.mention(ops, f"claim {code} ada")
        await answer(server, ops, "ada")
        await ada.slash(ops, "/deck whoami")
        assert "admin" in (await answer(server, ops, f"{server.team_id}/{ada.id}")).words
        assert guest.direct.from_app == []


async def test_what_the_desk_says_comes_back_to_it_and_asks_nothing(database_url: str, tmp_path: Path) -> None:
    async with SlackServer(echoes=True) as server:
        ops, ada = server.channel("ops"), server.person("ada")
        async with open_desk(settings(server, database_url, tmp_path, app_token=server.app_token), health=False):
            await server.connected()
            for write, place in ((ada.say, ada.direct), (ada.mention, ops)):
                await write(place, "whoami")
                await answer(server, place, "admin")
            await server.delivered()
            await ada.say(ada.direct, "version")
            await answer(server, ada.direct, "Quarterdeck")
            assert (len(ada.direct.from_app), len(ops.from_app)) == (2, 1)
        said_by = [delivery.payload["event"].get("bot_id") for delivery in server.deliveries]
        assert len([one for one in said_by if one is not None]) >= 2
        assert server.violations == []


async def registered(server: SlackServer, url: str) -> None:
    """Give Slack our address, as soon as it is answered there."""
    while not server.http.url:
        with suppress(ValueError):
            await server.deliver_to(url)
