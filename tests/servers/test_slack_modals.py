"""What people write into modals on the local Slack."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.common.seen import PATIENCE_S
from tests.servers.slack import Channel, Person, SlackServer
from tests.servers.slack.bare import bare_app, by_socket


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(label: str) -> dict[str, Any]:
    return {"text": plain(label), "value": label.lower()}


def button(label: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": label.lower(), "text": plain(label), **more}


CLOSE = {
    "type": "modal",
    "callback_id": "close",
    "private_metadata": "desk-1",
    "title": plain("Close"),
    "submit": plain("Close it"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "position",
            "label": plain("Position"),
            "element": {"type": "external_select", "action_id": "positions", "min_query_length": 0},
        },
        {
            "type": "input",
            "block_id": "percent",
            "label": plain("Percent"),
            "element": {"type": "plain_text_input", "action_id": "percent", "initial_value": "100", "max_length": 3},
        },
        {
            "type": "input",
            "block_id": "why",
            "optional": True,
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "why"},
        },
    ],
}


@dataclass(slots=True)
class Clock:
    seconds: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


DEEP = {"type": "modal", "title": plain("Deep"), "blocks": [{"type": "actions", "elements": [button("Deeper")]}]}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """Its clock stands: a trigger is good however long a slow machine takes to open what it is for."""
    async with SlackServer(now=Clock(), ack_s=PATIENCE_S) as server:
        yield server


@pytest.fixture
async def app(slack: SlackServer) -> AsyncIterator[AsyncApp]:
    """It opens a modal for /deck, and offers positions."""
    made = bare_app(slack)

    @made.command("/deck")
    async def open_modal(ack: Any, command: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=CLOSE)

    @made.options("positions")
    async def offer(ack: Any, payload: dict[str, Any]) -> None:
        labels = [label for label in ("SOL", "BTC") if payload["value"].upper() in label]
        await ack(options=[option(label) for label in labels])

    async with by_socket(slack, made):
        yield made


async def test_a_modal_is_filled_in_and_sent(slack: SlackServer, app: AsyncApp, ops: Channel, grace: Person) -> None:
    sent: list[dict[str, Any]] = []

    @app.view("close")
    async def take(ack: Any, view: dict[str, Any]) -> None:
        sent.append(view)
        await ack()

    await grace.slash(ops, "/deck close")
    view = await slack.wait_for(lambda: grace.view)
    assert view is not None
    assert await grace.look_up(view, "positions", "s") == ("SOL",)
    delivery = await grace.submit(view, {"Position": "SOL", "percent": "50"})
    assert (delivery.is_acked, grace.view) == (True, None)
    values = sent[0]["state"]["values"]
    assert values["position"]["positions"]["selected_option"]["value"] == "sol"
    assert (values["percent"]["percent"]["value"], values["why"]["why"]["value"]) == ("50", None)
    assert (sent[0]["private_metadata"], slack.violations) == ("desk-1", [])


async def test_the_platforms_own_form_lets_nobody_send_what_is_wanting(
    slack: SlackServer, app: AsyncApp, ops: Channel, grace: Person
) -> None:
    await grace.slash(ops, "/deck close")
    view = await slack.wait_for(lambda: grace.view)
    assert view is not None
    with pytest.raises(ValueError, match="'Position' has to be filled in"):
        await grace.submit(view)
    with pytest.raises(LookupError, match="no option 'SOL'"):
        await grace.submit(view, {"Position": "SOL"})
    await grace.look_up(view, "positions")
    with pytest.raises(ValueError, match="'Percent' takes 0 to 3 characters"):
        await grace.submit(view, {"Position": "SOL", "Percent": "a half"})
    with pytest.raises(LookupError, match="no input"):
        await grace.submit(view, {"Position": "SOL", "Colour": "red"})


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({"response_action": "errors", "errors": {"percent": "at most 100"}}, ["Close"]),
        ({"response_action": "update", "view": CLOSE | {"title": plain("Sure?")}}, ["Sure?"]),
        ({"response_action": "push", "view": CLOSE | {"title": plain("Above")}}, ["Above", "Close"]),
        ({"response_action": "clear"}, []),
        ({}, []),
    ],
)
async def test_a_modal_does_what_the_app_answers(
    slack: SlackServer, app: AsyncApp, grace: Person, answer: dict[str, Any], titles: list[str]
) -> None:
    @app.view("close")
    async def take(ack: Any) -> None:
        await ack(**answer)

    await grace.slash(slack.channel("ops"), "/deck close")
    view = await slack.wait_for(lambda: grace.view)
    assert view is not None
    await grace.look_up(view, "positions")
    await grace.submit(view, {"Position": "SOL"})
    assert [one.title for one in grace.views] == titles
    assert slack.violations == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "wrong"}},
        {"response_action": "errors", "errors": {"percent": ""}},
        {"response_action": "update", "view": CLOSE | {"title": plain("x" * 25)}},
        {"response_action": "explode"},
    ],
)
async def test_an_answer_that_the_platform_would_not_show_is_a_violation(
    slack: SlackServer, app: AsyncApp, ops: Channel, grace: Person, answer: dict[str, Any]
) -> None:
    @app.view("close")
    async def take(ack: Any) -> None:
        await ack(**answer)

    await grace.slash(ops, "/deck close")
    view = await slack.wait_for(lambda: grace.view)
    assert view is not None
    await grace.look_up(view, "positions")
    await grace.submit(view, {"Position": "SOL"})
    assert (len(slack.violations), grace.view) == (1, view)


async def test_who_closes_a_modal_is_told_of(slack: SlackServer, app: AsyncApp, ops: Channel, grace: Person) -> None:
    closed: list[str] = []

    @app.view_closed("close")
    async def hear(ack: Any, view: dict[str, Any]) -> None:
        closed.append(view["callback_id"])
        await ack()

    await grace.slash(ops, "/deck close")
    await slack.wait_for(lambda: grace.view)
    delivery = await grace.close_view()
    assert delivery is not None
    assert (delivery.is_acked, closed, grace.view) == (True, ["close"], None)


async def test_a_trigger_is_good_once_and_for_three_seconds() -> None:
    clock = Clock()
    async with SlackServer(now=clock, ack_s=0.01) as slack:
        web = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
        grace, ops = slack.person("Grace"), slack.channel("ops")
        first, late = [
            (await grace.slash(ops, "/deck close")).payload["trigger_id"],
            (await grace.slash(ops, "/deck close")).payload["trigger_id"],
        ]
        opened = await web.views_open(trigger_id=first, view=CLOSE)
        clock.seconds += 4
        for trigger_id, error in (
            (first, "expired_trigger_id"),
            (late, "expired_trigger_id"),
            ("1.2.x", "invalid_trigger_id"),
        ):
            with pytest.raises(SlackApiError, match=error):
                await web.views_open(trigger_id=trigger_id, view=CLOSE)
        again = (await grace.slash(ops, "/deck close")).payload["trigger_id"]
        await web.views_open(trigger_id=again, view=CLOSE)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await web.views_open(trigger_id=again, view=CLOSE)
    assert opened["view"]["callback_id"] == "close"


async def test_three_modals_stand_upon_each_other_and_no_more(slack: SlackServer, app: AsyncApp, grace: Person) -> None:
    errors: list[str] = []

    @app.action("deeper")
    async def push(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=DEEP)
        except SlackApiError as error:
            errors.append(error.response["error"])
        await ack()

    @app.command("/deep")
    async def open_modal(ack: Any, command: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=command["trigger_id"], view=DEEP)
        await ack()

    await grace.slash(slack.channel("ops"), "/deep")
    for _ in range(3):
        await grace.press(grace.views[0], "Deeper")
    assert (len(grace.views), errors) == (3, ["push_limit_reached"])
