"""Which delivery it is goes along with each message, so that a platform can be asked whether it has it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chatops.adapters.memory import MemoryAdapter
from chatops.adapters.slack.api import SlackApi, Timeouts
from chatops.adapters.slack.outbound import SlackOutbound
from chatops.delivery.endings import Sent, Waits
from chatops.delivery.gate import Gate
from chatops.delivery.porter import Porter
from chatops.delivery.traffic import Traffic
from chatops.ids import uuid7
from chatops.messages import Delivery, Message, Posting
from chatops.owed import Owed
from chatops.payload import payload_of, posting_of
from chatops.room import Room
from tests.servers.common.seen import PATIENCE_S
from tests.servers.slack import Channel, DropAfterAccept, DropBeforeAccept, SlackServer


def now() -> datetime:
    return datetime.now(UTC)


async def asleep(seconds: float) -> None:
    """Nobody waits here."""


class WayOut(MemoryAdapter):
    """The real way out to Slack, on an adapter that has the rest of the port."""

    def __init__(self, out: SlackOutbound) -> None:
        super().__init__(now, platform="slack")
        self._out = out

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        return await self._out.send(room, posting, reply_to=reply_to, plain=plain)


def porter(chat: MemoryAdapter) -> Porter:
    gate = Gate(chat.probe, now=now, sleep=asleep, jitter=lambda: 0.0)
    return Porter(chat, gate, Traffic(chat, gate, lambda: 0.0, asleep), now)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server
        assert server.violations == []


@pytest.fixture
def desk(server: SlackServer) -> Channel:
    return server.channel("desk")


@pytest.fixture
async def slack(server: SlackServer) -> AsyncIterator[Porter]:
    async with SlackApi(server.base_url, server.bot_token, Timeouts(read=PATIENCE_S)) as api:
        yield porter(WayOut(SlackOutbound(api)))


async def test_a_platform_is_told_which_delivery_it_is_and_whether_it_may_have_it() -> None:
    chat = MemoryAdapter(now)
    owed = Owed(uuid7(), chat.room, Posting(Message("fired")), now())
    await porter(chat).put(owed, 1)
    await porter(chat).put(owed, 2, repeat=True)
    assert [shown.posting.delivery for shown in chat.shown] == [
        Delivery(owed.id, owed.created_at),
        Delivery(owed.id, owed.created_at, may_be_there=True),
    ]


def test_which_delivery_it_is_stands_in_no_payload_and_makes_no_other_posting() -> None:
    owed = Posting(Message("fired"), delivery=Delivery(uuid7(), now()))
    assert posting_of(payload_of(owed, None)) == owed == Posting(Message("fired"))


async def test_on_slack_a_message_whose_answer_was_lost_is_sent_and_stands_once(
    server: SlackServer, slack: Porter, desk: Channel
) -> None:
    owed = Owed(uuid7(), Room("slack", desk.id), Posting(Message("fired")), now())
    server.fail(DropAfterAccept(), method="chat.postMessage")
    assert await slack.put(owed, 1) == Sent(desk.posts[0].ts)
    assert [post.text for post in desk.posts] == ["fired"]


async def test_on_slack_a_try_before_a_crash_is_found_and_one_that_never_arrived_goes_again(
    server: SlackServer, slack: Porter, desk: Channel
) -> None:
    room = Room("slack", desk.id)
    arrived, lost = (Owed(uuid7(), room, Posting(Message(title)), now()) for title in ("arrived", "lost"))
    await slack.put(arrived, 1)
    server.fail(DropBeforeAccept(), method="chat.postMessage")
    ending = await slack.put(lost, 1)
    assert isinstance(ending, Waits)
    assert ending.repeat
    assert await slack.put(arrived, 2, repeat=True) == Sent(desk.posts[0].ts)
    await slack.put(lost, 2, repeat=True)
    assert [post.text for post in desk.posts] == ["arrived", "lost"]


async def test_on_slack_what_nobody_could_look_for_is_marked_a_possible_repeat(
    server: SlackServer, slack: Porter, desk: Channel
) -> None:
    server.take_scope("channels:history")
    owed = Owed(uuid7(), Room("slack", desk.id), Posting(Message("fired")), now())
    await slack.put(owed, 2, repeat=True)
    assert desk.posts[0].text.startswith("fired\n\nPossible repeat: nobody knows whether this arrived.")
