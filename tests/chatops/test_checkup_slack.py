"""`quarterdeck check` says what the app on Slack can hear and say, and where, and where to click."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.manifest import SCOPES
from chatops.checkup import checkup, passed
from chatops.checkup.slack_pages import Pages
from chatops.people import Role
from chatops.settings import PersonSettings, RoomSettings, Settings, SlackSettings
from tests.chatops.checkups import of, todo
from tests.servers.slack import ApiError, Channel, SlackServer


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


async def test_whichever_scope_is_missing_it_alone_is_named() -> None:
    for scope in SCOPES:
        async with SlackServer(scopes=set(SCOPES) - {scope}) as slack:
            findings = await checkup(Settings(slack=on(slack)))
            assert [what for level, what in of("slack", findings) if level == "error"] == [
                f"the scope {scope} is missing: it is for {SCOPES[scope]}"
            ]


async def test_an_app_of_a_whole_organization_is_refused_and_it_says_where_to_click() -> None:
    async with SlackServer(enterprise_id="E0ORG", is_org_wide=True) as slack:
        findings = await checkup(Settings(slack=on(slack)))
    assert "Install to Workspace" in todo("on a whole organization", findings)
    assert not passed(findings)


async def test_plain_http_to_another_machine_is_warned_of() -> None:
    elsewhere = SlackSettings.model_validate(
        {"bot_token": "xoxb-1", "app_token": "xapp-1", "base_url": "http://slack-proxy.invalid/api/"}
    )
    findings = await checkup(Settings(slack=elsewhere))
    assert [level for level, _ in of("slack", findings)] == ["warning", "error"]
    assert "TLS" in todo("plain HTTP to another machine", findings)
    assert "slack.base_url" in todo("Slack cannot be reached: no connection to slack-proxy.invalid", findings)


@pytest.mark.parametrize(
    ("base_url", "site"),
    [
        ("https://slack.com/api/", "api.slack.com/apps"),
        ("https://slack-gov.com/api/", "api.slack-gov.com/apps"),
        ("https://proxy.example/slack-gov.com/api/", "api.slack.com/apps"),
    ],
)
def test_for_govslack_the_places_to_click_are_on_its_own_site(base_url: str, site: str) -> None:
    assert Pages.beside(base_url).of("App Home") == f"{site}, your app, App Home"


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


async def test_that_the_home_tab_is_off_is_said_and_where_it_is_on_nothing_that_people_see_changes(
    slack: SlackServer,
) -> None:
    ada = slack.person("ada")
    people = (PersonSettings(name="ada", role=Role.ADMIN, slack=ada.id),)
    async with SlackApi(slack.base_url, slack.bot_token) as api:
        shown = {"type": "home", "blocks": [{"type": "divider"}]}
        await api.call("views.publish", {"user_id": ada.id, "view": shown})
    findings = await checkup(Settings(slack=on(slack), people=people))
    assert ("ok", "the Home tab is on") in of("slack", findings)
    assert ada.home is not None
    assert [block["type"] for block in ada.home.blocks] == ["divider"]
    slack.fail(ApiError("not_enabled"), method="views.publish")
    findings = await checkup(Settings(slack=on(slack), people=people))
    assert ("warning", "the Home tab is off: nobody sees their page") in of("slack", findings)
    assert "Show Tabs" in todo("the Home tab is off", findings)
