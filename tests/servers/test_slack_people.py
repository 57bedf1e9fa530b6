"""What people press and choose on the local Slack: buttons, menus, Homes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Channel, Person, SlackServer
from tests.servers.slack.bare import bare_app, by_socket


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(label: str) -> dict[str, Any]:
    return {"text": plain(label), "value": label.lower()}


@pytest.fixture
async def app(slack: SlackServer) -> AsyncIterator[AsyncApp]:
    """It offers positions."""
    made = bare_app(slack)

    @made.options("positions")
    async def offer(ack: Any) -> None:
        await ack(options=[option("SOL"), option("BTC")])

    async with by_socket(slack, made):
        yield made


async def test_a_home_is_published_when_it_is_opened_and_its_buttons_work(
    slack: SlackServer, app: AsyncApp, grace: Person
) -> None:
    pressed: list[str] = []

    @app.event("app_home_opened")
    async def publish(event: dict[str, Any], client: AsyncWebClient) -> None:
        blocks = [
            {
                "type": "actions",
                "elements": [{"type": "button", "action_id": "pause", "text": plain("Pause"), "value": "p-1"}],
            }
        ]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("pause")
    async def pause(ack: Any, action: dict[str, Any], body: dict[str, Any]) -> None:
        pressed.append(action["value"] + body["container"]["type"])
        await ack()

    assert grace.home is None
    await grace.opens_home()
    home = await slack.wait_for(lambda: grace.home)
    assert home is not None
    assert home.labels == ("Pause",)
    assert (await grace.press(home, "Pause")).is_acked
    assert pressed == ["p-1view"]


async def test_entries_of_menus_are_chosen_by_what_they_read(
    slack: SlackServer, app: AsyncApp, ops: Channel, grace: Person
) -> None:
    chosen: list[str] = []

    @app.action("more")
    @app.action("positions")
    async def take(ack: Any, action: dict[str, Any]) -> None:
        chosen.append(action["selected_option"]["value"])
        await ack()

    overflow = {"type": "overflow", "action_id": "more", "options": [option("Pause"), option("Silence")]}
    external = {"type": "external_select", "action_id": "positions", "placeholder": plain("Position")}
    blocks = [{"type": "actions", "elements": [overflow, external]}]
    await app.client.chat_postMessage(channel=ops.id, text="menu", blocks=blocks)
    (card,) = ops.from_app
    await grace.click(ops, card, "Silence")
    assert await grace.look_up(card, "Position") == ("SOL", "BTC")
    await grace.click(ops, card, "Position", "BTC")
    assert chosen == ["silence", "btc"]
    with pytest.raises(LookupError, match="nothing reads 'Close'"):
        await grace.click(ops, card, "Close")


async def test_a_view_is_changed_only_from_the_form_that_was_seen(slack: SlackServer, grace: Person) -> None:
    web = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    home = {"type": "home", "external_id": "home-grace", "blocks": [{"type": "divider"}]}
    first = (await web.views_publish(user_id=grace.id, view=home))["view"]
    second = (await web.views_publish(user_id=grace.id, view=home, hash=first["hash"]))["view"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await web.views_publish(user_id=grace.id, view=home, hash=first["hash"])
    await web.views_update(external_id="home-grace", view=home, hash=second["hash"])
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await web.views_publish(user_id=slack.person("Ada").id, view=home)
    with pytest.raises(SlackApiError, match="not_found"):
        await web.views_update(view_id="V0", view=home)
