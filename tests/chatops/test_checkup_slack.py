"""`quarterdeck check` says what the app on Slack can hear and say, and where, and where to click."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from chatops.adapters.slack.manifest import SCOPES
from chatops.checkup import checkup
from chatops.people import Role
from chatops.settings import PersonSettings, RoomSettings, Settings, SlackSettings
from tests.chatops.checkups import of, todo
from tests.servers.slack import Channel, SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server
    assert server.violations == []


def on(server: SlackServer, **others: Any) -> SlackSettings:
    by_socket = {} if "signing_secret" in others else {"app_token": SecretStr(server.app_token)}
    given = {"bot_token": SecretStr(server.bot_token), "base_url": server.base_url, **by_socket, **others}
    return SlackSettings.model_validate(given)


def room(place: Channel, name: str = "ops") -> RoomSettings:
    return RoomSettings.model_validate({"name": name, "platform": "slack", "id": place.id})


async def test_an_app_that_is_as_its_manifest_says_is_well(slack: SlackServer) -> None:
    findings = await checkup(Settings(slack=on(slack), rooms=(room(slack.channel("ops")),)))
    assert [level for level, _ in of("slack", findings)] == ["ok", "ok"]
    assert of("slack", findings)[1] == ("ok", "app_token opens sockets")
    assert of("rooms", findings) == [("ok", "ops is the channel #ops")]


async def test_each_missing_scope_is_named_with_what_it_is_for(slack: SlackServer) -> None:
    slack.take_scope("im:write", "users:read")
    findings = await checkup(Settings(slack=on(slack)))
    assert [what for level, what in of("slack", findings) if level == "error"] == [
        f"the scope im:write is missing: it is for {SCOPES['im:write']}",
        f"the scope users:read is missing: it is for {SCOPES['users:read']}",
    ]
    assert "Bot Token Scopes" in todo("im:write", findings)


async def test_a_bot_token_that_is_dead_says_where_to_get_one(slack: SlackServer) -> None:
    slack.revoke_token()
    findings = await checkup(Settings(slack=on(slack)))
    assert of("slack", findings) == [("error", "bot_token is not accepted (token_revoked)")]
    assert "OAuth & Permissions" in todo("not accepted", findings)
    assert slack.bot_token not in str(findings)


async def test_an_app_token_that_opens_nothing_says_where_to_get_one(slack: SlackServer) -> None:
    findings = await checkup(Settings(slack=on(slack, app_token=SecretStr("xapp-1-another"))))
    assert ("error", "app_token is not accepted (invalid_auth)") in of("slack", findings)
    assert "App-Level Tokens" in todo("app_token is not", findings)


async def test_by_http_it_says_what_nobody_can_tell_from_here(slack: SlackServer) -> None:
    by_http = on(slack, signing_secret=SecretStr("hush"), listen="127.0.0.1:3000")
    (_, (level, what)) = of("slack", await checkup(Settings(slack=by_http)))
    assert (level, "127.0.0.1:3000" in what) == ("ok", True)
    assert slack.calls_of("apps.connections.open") == []


async def test_rooms_in_which_it_can_say_nothing_are_named(slack: SlackServer) -> None:
    closed, foreign = slack.channel("closed"), slack.channel("foreign")
    closed.is_archived, foreign.has_app = True, False
    gone = RoomSettings.model_validate({"name": "gone", "platform": "slack", "id": "C0NOWHERE"})
    ada = RoomSettings.model_validate({"name": "ada", "platform": "slack", "id": slack.person("ada").id})
    settings = Settings(slack=on(slack), rooms=(room(closed, "one"), room(foreign, "two"), gone, ada))
    assert of("rooms", await checkup(settings)) == [
        ("error", "one (#closed) is archived"),
        ("error", "the app is not in two (#foreign): it can say nothing there"),
        ("error", "gone (C0NOWHERE) is not there, or the app is not in it (channel_not_found)"),
        ("ok", "ada is ada by themselves"),
    ]


async def test_slack_that_is_away_is_told(slack: SlackServer) -> None:
    settings = Settings(slack=on(slack))
    await slack.stop_listening()
    ((level, what),) = of("slack", await checkup(settings))
    assert (level, what.startswith("Slack cannot be reached: no connection to 127.0.0.1")) == ("error", True)


async def test_who_is_on_slack_alone_can_be_heard(slack: SlackServer) -> None:
    people = (PersonSettings(name="ada", role=Role.ADMIN, slack="U0123"),)
    findings = await checkup(Settings(slack=on(slack), people=people))
    assert of("people", findings) == [("ok", "1 can ask, of them as admin: ada")]
    assert of("settings", findings) == []
