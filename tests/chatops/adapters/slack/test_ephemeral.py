"""What one person alone is shown in a channel, on the strict server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.outbound import SlackOutbound
from chatops.messages import Attachment, Delivery, Key, Message, Posting
from chatops.people import Identity
from chatops.room import Room
from tests.servers.slack import ApiError, Channel, DropAfterAccept, Person, SlackServer


@pytest.fixture
async def out(server: SlackServer) -> AsyncIterator[SlackOutbound]:
    async with SlackApi(server.base_url, server.bot_token) as api:
        yield SlackOutbound(api)


@pytest.fixture
def desk(server: SlackServer) -> Channel:
    return server.channel("desk")


@pytest.fixture
async def vic(server: SlackServer, desk: Channel) -> Person:
    """Somebody who has said something there."""
    vic = server.person("vic")
    await vic.say(desk, "hello")
    return vic


def to(server: SlackServer, person: Person, file: Attachment | None = None) -> Posting:
    message = Message("You may not: /status works", attachment=file)
    delivery = Delivery(uuid4(), datetime.now(UTC))
    alone = Identity("slack", f"{server.team_id}/{person.id}")
    return Posting(message, ((Key("Status", "t"),),), delivery=delivery, whisper_to=alone)


async def test_nobody_else_sees_it(server: SlackServer, out: SlackOutbound, desk: Channel, vic: Person) -> None:
    shown = await out.send(Room("slack", desk.id), to(server, vic))
    (post,) = vic.sees(desk)
    assert (post.ts, post.words, post.labels) == (shown, "You may not: /deck status works\nStatus", ("Status",))
    assert (desk.from_app, vic.direct.from_app) == ([], [])


async def test_it_stands_in_the_thread_where_it_was_asked(
    server: SlackServer, out: SlackOutbound, desk: Channel, vic: Person
) -> None:
    card = await out.send(Room("slack", desk.id), Posting(Message("alarm")))
    await out.send(Room("slack", desk.id, card), to(server, vic))
    assert [post.thread_ts for post in vic.sees(desk)] == [card]


async def test_by_themselves_it_is_a_message_like_any_other(
    server: SlackServer, out: SlackOutbound, vic: Person
) -> None:
    await out.send(Room("slack", vic.id), to(server, vic))
    assert [post.words for post in vic.direct.from_app] == ["You may not: status works\nStatus"]


@pytest.mark.parametrize("error", ["user_not_in_channel", "not_in_channel", "restricted_action"])
async def test_where_the_channel_takes_none_it_comes_to_them_directly_without_keys_of_the_channel(
    server: SlackServer, out: SlackOutbound, desk: Channel, vic: Person, error: str
) -> None:
    server.fail(ApiError(error), method="chat.postEphemeral")
    posting = to(server, vic)
    shown = await out.send(Room("slack", desk.id), posting)
    assert [(post.ts, post.words) for post in vic.direct.from_app] == [(shown, "You may not: status works")]
    # There it can be looked for, so that a second try shows no second one.
    assert posting.delivery is not None
    again = replace(posting, delivery=replace(posting.delivery, may_be_there=True))
    server.fail(ApiError(error), method="chat.postEphemeral")
    assert await out.send(Room("slack", desk.id), again) == shown
    assert (len(vic.direct.from_app), desk.from_app, vic.sees(desk)) == (1, [], [])


async def test_what_has_a_file_comes_to_them_directly(
    server: SlackServer, out: SlackOutbound, desk: Channel, vic: Person
) -> None:
    await out.send(Room("slack", desk.id), to(server, vic, Attachment("trades.csv", b"a,b\n")))
    assert [file.name for post in vic.direct.from_app for file in post.files] == ["trades.csv"]
    assert (desk.from_app, vic.sees(desk)) == ([], [])


async def test_where_no_answer_came_nobody_knows_and_it_is_looked_for_nowhere(
    server: SlackServer, out: SlackOutbound, desk: Channel, vic: Person
) -> None:
    server.fail(DropAfterAccept(), method="chat.postEphemeral")
    posting = to(server, vic)
    with pytest.raises(SendError) as lost:
        await out.send(Room("slack", desk.id), posting)
    assert lost.value.fault is Fault.AMBIGUOUS
    assert posting.delivery is not None
    await out.send(Room("slack", desk.id), replace(posting, delivery=replace(posting.delivery, may_be_there=True)))
    assert len(vic.sees(desk)) == 2
    assert server.calls_of("conversations.history") == []
