"""Faults on order, and the rates that the platform allows."""

import asyncio
from dataclasses import dataclass

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import (
    ApiError,
    Channel,
    DropAfterAccept,
    DropBeforeAccept,
    RateLimited,
    RefuseAfterAccept,
    SlackServer,
    StallAfterAccept,
    StallBeforeAccept,
    Status,
)


@pytest.fixture
def once(slack: SlackServer) -> AsyncWebClient:
    """The library without its own second try, which would post twice."""
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])


async def test_the_librarys_own_second_try_posts_twice(slack: SlackServer, web: AsyncWebClient, ops: Channel) -> None:
    slack.fail(DropAfterAccept(), method="chat.postMessage")
    await web.chat_postMessage(channel=ops.id, text="blind")
    assert [post.text for post in ops.posts] == ["blind", "blind"]


async def test_a_cut_connection_may_have_posted_or_not(slack: SlackServer, once: AsyncWebClient, ops: Channel) -> None:
    slack.fail(DropBeforeAccept(), method="chat.postMessage")
    with pytest.raises(Exception, match="disconnected"):
        await once.chat_postMessage(channel=ops.id, text="lost")
    slack.fail(DropAfterAccept(), method="chat.postMessage")
    with pytest.raises(Exception, match="disconnected"):
        await once.chat_postMessage(channel=ops.id, text="there")
    assert [post.text for post in ops.posts] == ["there"]
    assert [call.status for call in slack.calls_of("chat.postMessage")] == [0, 0]


async def test_one_channel_is_told_to_wait_and_the_others_go_on(
    slack: SlackServer, once: AsyncWebClient, ops: Channel
) -> None:
    news = slack.channel("news")
    rule = slack.fail(RateLimited(7), method="chat.postMessage", channel=ops, times=None)
    with pytest.raises(SlackApiError) as refused:
        await once.chat_postMessage(channel=ops.id, text="one")
    assert (refused.value.response.status_code, refused.value.response["error"]) == (429, "ratelimited")
    assert refused.value.response.headers["Retry-After"] == "7"
    await once.chat_postMessage(channel=news.id, text="fine")
    rule.lift()
    await once.chat_postMessage(channel=ops.id, text="two")
    assert ([post.text for post in ops.posts], rule.met) == (["two"], 1)


async def test_faults_are_met_in_the_order_given_until_healed(
    slack: SlackServer, once: AsyncWebClient, ops: Channel
) -> None:
    slack.fail(ApiError("fatal_error"), method="chat.postMessage")
    slack.fail(Status(502), times=None)
    with pytest.raises(SlackApiError, match="fatal_error"):
        await once.chat_postMessage(channel=ops.id, text="one")
    with pytest.raises(SlackApiError) as refused:
        await once.chat_postMessage(channel=ops.id, text="two")
    assert refused.value.response.status_code == 502
    slack.heal()
    await once.chat_postMessage(channel=ops.id, text="three")


async def test_a_call_can_be_held_before_or_after_it_is_done(
    slack: SlackServer, once: AsyncWebClient, ops: Channel
) -> None:
    go, later = asyncio.Event(), asyncio.Event()
    slack.fail(StallBeforeAccept(go), method="chat.postMessage")
    slack.fail(StallAfterAccept(later), method="chat.postMessage")
    first = asyncio.create_task(once.chat_postMessage(channel=ops.id, text="first"))
    await slack.wait_for(lambda: len(slack.calls) == 1)
    second = asyncio.create_task(once.chat_postMessage(channel=ops.id, text="second"))
    await slack.wait_for(lambda: ops.posts)
    assert ([post.text for post in ops.posts], second.done()) == (["second"], False)
    go.set()
    later.set()
    await asyncio.gather(first, second)
    assert [post.text for post in ops.posts] == ["second", "first"]


async def test_a_gateway_may_give_up_on_what_was_done(slack: SlackServer, once: AsyncWebClient, ops: Channel) -> None:
    slack.fail(RefuseAfterAccept(ApiError("internal_error")), method="chat.postMessage")
    with pytest.raises(SlackApiError, match="internal_error"):
        await once.chat_postMessage(channel=ops.id, text="there")
    assert [post.text for post in ops.posts] == ["there"]


async def test_the_bytes_of_a_file_can_be_lost_on_the_way(
    slack: SlackServer, once: AsyncWebClient, ops: Channel
) -> None:
    slack.fail(DropBeforeAccept(), method="upload")
    with pytest.raises(Exception, match="disconnected"):
        await once.files_upload_v2(channel=ops.id, content=b"png", filename="a.png")
    assert (ops.posts, slack.files) == ([], [])


async def test_a_server_that_was_shut_opens_on_the_same_port(
    slack: SlackServer, once: AsyncWebClient, ops: Channel
) -> None:
    await slack.stop_listening()
    with pytest.raises(Exception, match="Cannot connect"):
        await once.chat_postMessage(channel=ops.id, text="lost")
    await slack.start_listening()
    await once.chat_postMessage(channel=ops.id, text="there")


@dataclass(slots=True)
class Clock:
    seconds: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_channel_takes_a_short_burst_and_then_one_a_second() -> None:
    clock = Clock()
    async with SlackServer(now=clock, rate_limits=True) as slack:
        web = AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])
        ops, news = slack.channel("ops"), slack.channel("news")
        for number in range(3):
            await web.chat_postMessage(channel=ops.id, text=f"{number}")
        with pytest.raises(SlackApiError, match="ratelimited"):
            await web.chat_postMessage(channel=ops.id, text="too soon")
        await web.chat_postMessage(channel=news.id, text="another channel")
        clock.seconds += 1
        await web.chat_postMessage(channel=ops.id, text="in time")


async def test_a_method_has_as_many_calls_a_minute_as_its_tier() -> None:
    clock = Clock()
    async with SlackServer(now=clock, rate_limits=True) as slack:
        web = AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])
        ops = slack.channel("ops")
        for _ in range(20):
            await web.pins_list(channel=ops.id)
        with pytest.raises(SlackApiError) as refused:
            await web.pins_list(channel=ops.id)
        assert refused.value.response.headers["Retry-After"] == "60"
        await web.conversations_info(channel=ops.id)
        clock.seconds += 60
        await web.pins_list(channel=ops.id)
