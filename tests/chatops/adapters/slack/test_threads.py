"""In which thread a message stands, as the strict server tells it after a restart."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.outbound import SlackOutbound
from chatops.adapters.slack.threads import Threads
from chatops.messages import Attachment, Delivery, Message, Posting
from chatops.room import Room
from tests.servers.slack import Channel, DropAfterAccept, SlackServer


@pytest.fixture
async def api(server: SlackServer) -> AsyncIterator[SlackApi]:
    async with SlackApi(server.base_url, server.bot_token) as api:
        yield api


@pytest.fixture
def desk(server: SlackServer) -> Channel:
    return server.channel("desk")


async def test_what_is_known_is_not_asked(server: SlackServer, api: SlackApi, desk: Channel) -> None:
    threads = Threads(api)
    threads.learn(desk.id, "2.0", "1.0")
    threads.learn(desk.id, "3.0", None)
    assert [await threads.of(desk.id, ts) for ts in ("2.0", "3.0")] == ["1.0", "3.0"]
    assert server.calls_of("conversations.replies") == []


async def test_what_hangs_on_a_reply_stands_in_its_thread_after_a_restart_too(
    server: SlackServer, api: SlackApi, desk: Channel
) -> None:
    room = Room("slack", desk.id)
    before = SlackOutbound(api)
    card = await before.send(room, Posting(Message("alarm")))
    ping = await before.send(room, Posting(Message("still")), reply_to=card)
    after = SlackOutbound(api)
    for hangs_on in (ping, card, ping, card):
        await after.send(room, Posting(Message("and again")), reply_to=hangs_on)
    assert [post.thread_ts for post in desk.posts] == [None, *[card] * 5]
    assert len(server.calls_of("conversations.replies")) == 2


async def test_what_slack_does_not_tell_is_the_first_of_its_thread(
    server: SlackServer, api: SlackApi, desk: Channel
) -> None:
    first = await SlackOutbound(api).send(Room("slack", desk.id), Posting(Message("alarm")))
    server.take_scope("channels:history")
    assert await Threads(api).of(desk.id, first) == first


async def test_the_newest_are_known(server: SlackServer, api: SlackApi, desk: Channel) -> None:
    threads = Threads(api, most=2)
    for ts in ("2.0", "3.0", "4.0"):
        threads.learn(desk.id, ts, "1.0")
    assert [await threads.of(desk.id, ts) for ts in ("3.0", "4.0")] == ["1.0", "1.0"]
    assert await threads.of(desk.id, "2.0") == "2.0"


async def test_what_could_not_be_found_again_is_not_posted_while_slack_does_not_tell_the_thread(
    server: SlackServer, api: SlackApi, desk: Channel
) -> None:
    room, before = Room("slack", desk.id), SlackOutbound(api)
    card = await before.send(room, Posting(Message("alarm")))
    ping = await before.send(room, Posting(Message("still")), reply_to=card)
    restarted, delivery = SlackOutbound(api), Delivery(uuid4(), datetime.now(UTC))
    server.fail(DropAfterAccept(), method="conversations.replies")
    with pytest.raises(SendError) as lost:
        await restarted.send(room, Posting(Message("and again"), delivery=delivery), reply_to=ping)
    assert (lost.value.fault, len(desk.posts)) == (Fault.BACKOFF, 2)
    await restarted.send(room, Posting(Message("and again"), delivery=delivery), reply_to=ping)
    assert [post.thread_ts for post in desk.posts] == [None, card, card]


async def test_a_message_changes_though_its_thread_is_not_known(
    server: SlackServer, api: SlackApi, desk: Channel
) -> None:
    room = Room("slack", desk.id)
    card = await SlackOutbound(api).send(room, Posting(Message("trades")))
    server.fail(DropAfterAccept(), method="conversations.replies")
    changed = Posting(Message("all trades", attachment=Attachment("trades.csv", b"a,b\n")))
    assert await SlackOutbound(api).edit(room, card, changed) == card
    assert [(post.thread_ts, [file.name for file in post.files]) for post in desk.posts[1:]] == [(card, ["trades.csv"])]
