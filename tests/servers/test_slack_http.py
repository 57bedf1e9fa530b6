"""Signed HTTP of the local Slack, with slack_bolt as it installs; and answers at a `response_url`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.servers.slack import Channel, DropAfterAccept, Person, SlackServer, Tamper
from tests.servers.slack.bare import bare_app, by_http
from tests.servers.taker import Taker, taker


@asynccontextmanager
async def taking(slack: SlackServer) -> AsyncIterator[Taker]:
    """An address that takes everything as it comes, and was asked already whether it is the app's."""
    async with taker() as made:
        slack.http.url = made.url
        yield made


@pytest.fixture
async def impatient() -> AsyncIterator[SlackServer]:
    async with SlackServer(ack_s=0.3, retry_s=0.0) as server:
        yield server


async def test_an_address_is_asked_before_anything_is_delivered(slack: SlackServer) -> None:
    async with by_http(slack, bare_app(slack)) as url:
        assert slack.http.url == url
    async with taker() as other:
        with pytest.raises(ValueError, match="did not say the challenge"):
            await slack.deliver_to(other.url)
    with pytest.raises(ValueError, match="this machine only"):
        await slack.deliver_to("https://example.com/slack/events")


async def test_commands_and_events_come_signed_and_are_answered(
    slack: SlackServer, ops: Channel, grace: Person
) -> None:
    app = bare_app(slack)
    heard: list[str] = []

    @app.command("/deck")
    async def status(ack: Any) -> None:
        await ack("all well")

    @app.event("message")
    async def hear(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    async with by_http(slack, app):
        delivery = await grace.slash(ops, "/deck status")
        await grace.say(ops, "hello")
        await slack.delivered()
        await slack.wait_for(lambda: heard)
    assert (delivery.is_acked, delivery.statuses, heard) == (True, [200], ["hello"])
    assert [post.text for post in grace.sees(ops)] == ["all well"]
    assert slack.violations == []


@pytest.mark.parametrize("tamper", [Tamper(secret="another"), Tamper(late_s=360), Tamper(late_s=-360)])
async def test_a_wrong_or_an_old_signature_is_refused(
    slack: SlackServer, ops: Channel, grace: Person, tamper: Tamper
) -> None:
    app = bare_app(slack)

    @app.command("/deck")
    async def status(ack: Any) -> None:
        await ack()

    async with by_http(slack, app):
        slack.tamper(tamper)
        refused = await grace.slash(ops, "/deck status")
        taken = await grace.slash(ops, "/deck status")
    assert (refused.statuses, refused.trouble) == ([401], "http_error")
    assert taken.is_acked


async def test_a_request_can_be_replayed_to_the_letter(slack: SlackServer, ops: Channel, grace: Person) -> None:
    async with taking(slack) as app:
        delivery = await grace.slash(ops, "/deck status")
        assert await slack.replay(delivery) == 200
    first, second = app.taken
    assert (first.body, first.headers["X-Slack-Signature"]) == (second.body, second.headers["X-Slack-Signature"])


async def test_an_event_that_fails_comes_again_and_says_why(slack: SlackServer, ops: Channel, grace: Person) -> None:
    async with taking(slack) as app:
        app.answers.extend([(500, {}), (0, {})])
        await grace.say(ops, "hello")
        await slack.delivered()
    told = [(one.headers.get("X-Slack-Retry-Num"), one.headers.get("X-Slack-Retry-Reason")) for one in app.taken]
    assert told == [(None, None), ("1", "http_error"), ("2", "connection_failed")]
    assert slack.deliveries[0].is_acked


async def test_an_app_that_is_too_slow_is_told_again(impatient: SlackServer) -> None:
    async with taking(impatient) as app:
        app.answers.append((-1, {}))
        await impatient.person("Grace").say(impatient.channel("ops"), "hello")
        await impatient.delivered()
    assert app.taken[1].headers["X-Slack-Retry-Reason"] == "http_timeout"


async def test_an_app_can_ask_not_to_be_told_again(slack: SlackServer, ops: Channel, grace: Person) -> None:
    async with taking(slack) as app:
        app.answers.append((500, {"X-Slack-No-Retry": "1"}))
        await grace.say(ops, "hello")
        await slack.delivered()
    assert (len(app.taken), slack.deliveries[0].is_acked) == (1, False)


async def test_an_event_can_come_three_times_though_it_was_taken(
    slack: SlackServer, ops: Channel, grace: Person
) -> None:
    slack.deliver_thrice()
    async with taking(slack) as app:
        await grace.say(ops, "hello")
        await slack.delivered()
    assert [one.headers.get("X-Slack-Retry-Num") for one in app.taken] == [None, "1", "2"]


@dataclass(slots=True)
class Clock:
    seconds: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def dated(clock: Clock) -> AsyncIterator[SlackServer]:
    async with SlackServer(now=clock) as server:
        yield server


async def address(slack: SlackServer) -> AsyncWebhookClient:
    """Where a command of Grace's may be answered."""
    async with taking(slack):
        delivery = await slack.person("Grace").slash(slack.channel("ops"), "/deck status")
    return AsyncWebhookClient(delivery.payload["response_url"])


async def test_an_answer_goes_to_who_asked_or_to_all(dated: SlackServer) -> None:
    ops, grace = dated.channel("ops"), dated.person("Grace")
    ops.has_app = False
    answer = await address(dated)
    assert (await answer.send(text="for you")).body == "ok"
    await answer.send(text="for all", response_type="in_channel")
    assert ([one.text for one in grace.sees(ops)], [one.text for one in ops.posts]) == (["for you"], ["for all"])


async def test_an_address_is_good_five_times(dated: SlackServer) -> None:
    answer = await address(dated)
    said = [await answer.send(text=f"{number}") for number in range(6)]
    assert [one.body for one in said[:5]] == ["ok"] * 5
    assert "used_url" in said[5].body


async def test_an_address_is_good_for_half_an_hour(dated: SlackServer, clock: Clock) -> None:
    answer = await address(dated)
    clock.seconds += 1800
    assert (await answer.send(text="in time")).body == "ok"
    clock.seconds += 1
    assert "expired_url" in (await answer.send(text="late")).body


async def test_an_answer_that_breaks_the_rules_is_a_violation(dated: SlackServer) -> None:
    answer = await address(dated)
    await answer.send(text="R&D")
    await answer.send(text="x", response_type="everyone")
    await answer.send(text="x", blocks=[{"type": "video"}])
    assert len(dated.violations) == 3
    assert dated.person("Grace").sees(dated.channel("ops")) == []


async def test_an_answer_can_be_cut_off_after_it_was_shown(dated: SlackServer) -> None:
    answer = await address(dated)
    dated.fail(DropAfterAccept(), method="response_url")
    answer.retry_handlers = []
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await answer.send(text="there")
    assert [post.text for post in dated.person("Grace").sees(dated.channel("ops"))] == ["there"]


async def test_a_card_is_replaced_and_taken_away_by_whom_pressed_it(
    slack: SlackServer, ops: Channel, grace: Person
) -> None:
    app = bare_app(slack)
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    pressed = asyncio.Queue[Any]()

    @app.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await ack()
        pressed.put_nowait(respond)

    async with by_http(slack, app):
        await app.client.chat_postMessage(channel=ops.id, text="card", blocks=blocks)
        await app.client.chat_postEphemeral(channel=ops.id, user=grace.id, text="yours", blocks=blocks)
        (card,), (yours,) = ops.from_app, grace.sees(ops)
        assert (await grace.click(ops, card, "Go")).is_acked
        respond = await pressed.get()
        await respond(text="gone", replace_original=True)
        assert [(one.text, one.labels) for one in ops.from_app] == [("gone", ())]
        delivery = await grace.click(ops, yours, "Go")
        respond = await pressed.get()
        await respond(delete_original=True)
    assert (delivery.payload["container"]["is_ephemeral"], "message" in delivery.payload) == (True, False)
    assert (grace.sees(ops), slack.violations) == ([], [])
