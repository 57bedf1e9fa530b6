"""A webhook of our own: signed, classed by its answer, and kept from addresses that are not public."""

import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import pytest

from chatops.adapters.base import Fault, Part, SendError
from chatops.adapters.webhook.adapter import Hook, WebhookAdapter
from chatops.adapters.webhook.signing import SIGNATURE, TIMESTAMP
from chatops.messages import Message, Posting
from chatops.room import Room
from tests.chatops.adapters.postings import ALARM, CHART, FACTS, NOW, WORDS
from tests.servers.taker import Taker, taker

SECRET = "between us"
ROOM = Room("webhook", "hook")


@pytest.fixture
async def server() -> AsyncIterator[Taker]:
    async with taker() as made:
        yield made


@pytest.fixture
async def channel(server: Taker) -> AsyncIterator[WebhookAdapter]:
    async with WebhookAdapter([Hook("hook", server.url, SECRET, allow_private=True)], lambda: NOW) as adapter:
        yield adapter


async def failed(channel: WebhookAdapter, room: Room = ROOM) -> SendError:
    with pytest.raises(SendError) as raised:
        await channel.send(room, ALARM)
    assert "127.0.0.1" not in str(raised.value)
    return raised.value


async def test_whoever_knows_the_secret_can_tell_that_it_is_ours(channel: WebhookAdapter, server: Taker) -> None:
    assert await channel.send(ROOM, ALARM)
    (taken,) = server.taken
    assert taken.headers["Content-Type"] == "application/json"
    seconds = taken.headers[TIMESTAMP]
    assert seconds == str(int(NOW.timestamp()))
    # As `docs/alerts.md` says to check it.
    expected = hmac.new(SECRET.encode(), seconds.encode() + b"." + taken.body, hashlib.sha256).hexdigest()
    assert taken.headers[SIGNATURE] == f"v1={expected}"


async def test_a_picture_is_left_out_with_a_word(channel: WebhookAdapter, server: Taker) -> None:
    await channel.send(ROOM, CHART)
    assert json.loads(server.taken[0].body)["text"] == "+12.30 USD\n\nThe picture pnl.png cannot be shown here."


async def test_it_says_what_the_alert_is_and_what_people_are_told(channel: WebhookAdapter, server: Taker) -> None:
    await channel.send(ROOM, ALARM)
    await channel.send(ROOM, Posting(Message("Telegram is back", silent=True)))
    alarm, notice = (json.loads(taken.body) for taken in server.taken)
    assert alarm == {
        "channel": "hook",
        "sent_at": NOW.isoformat(),
        "title": "CRITICAL: alpha SOL-1/bybit",
        "text": WORDS,
        "silent": False,
        "alert": FACTS,
    }
    assert (notice["title"], notice["text"], notice["silent"], notice["alert"]) == ("Telegram is back", "", True, None)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_what_is_wrong_for_now_goes_again_later_and_later(
    channel: WebhookAdapter, server: Taker, status: int
) -> None:
    server.answers.extend([(status, {})] * 3)
    errors = [await failed(channel) for _ in range(3)]
    assert {error.fault for error in errors} == {Fault.RETRY_AFTER}
    assert [error.wait_s for error in errors] == [1, 2, 4]
    await channel.send(ROOM, ALARM)
    server.answers.append((status, {}))
    assert (await failed(channel)).wait_s == 1


async def test_a_wait_that_is_named_is_kept(channel: WebhookAdapter, server: Taker) -> None:
    in_a_minute = format_datetime(NOW + timedelta(minutes=1), usegmt=True)
    server.answers.extend([(429, {"Retry-After": "7"}), (503, {"Retry-After": in_a_minute})])
    server.answers.extend([(429, {"Retry-After": "999999999"}), (429, {"Retry-After": "soon"})])
    assert [(await failed(channel)).wait_s for _ in range(4)] == [7, 60, 3600, 1]


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        *((401, Fault.DEAD_RECIPIENT), (404, Fault.DEAD_RECIPIENT), (410, Fault.DEAD_RECIPIENT)),
        *((400, Fault.REFUSED), (413, Fault.REFUSED), (422, Fault.REFUSED)),
        *((502, Fault.AMBIGUOUS), (504, Fault.AMBIGUOUS)),
    ],
)
async def test_an_answer_says_what_to_do(channel: WebhookAdapter, server: Taker, status: int, fault: Fault) -> None:
    server.answers.append((status, {}))
    error = await failed(channel)
    assert error.fault is fault
    assert str(status) in str(error)


async def test_nobody_is_followed_elsewhere(channel: WebhookAdapter, server: Taker) -> None:
    server.answers.append((302, {"Location": "/elsewhere"}))
    error = await failed(channel)
    assert error.fault is Fault.DEAD_RECIPIENT
    assert "set the address itself" in str(error)
    assert [taken.path for taken in server.taken] == ["/hook"]


async def test_without_an_answer_nobody_knows(channel: WebhookAdapter, server: Taker) -> None:
    server.answers.append((0, {}))
    error = await failed(channel)
    # It says nothing of other channels.
    assert (error.fault, error.of_room) == (Fault.AMBIGUOUS, True)


async def test_one_that_answers_too_late_is_no_different(server: Taker) -> None:
    server.answers.append((-1, {}))
    hook = Hook("hook", server.url, SECRET, allow_private=True)
    # Beyond what it takes to connect: one who never was there would have been sent nothing.
    async with WebhookAdapter([hook], lambda: NOW, within_s=1.0) as channel:
        assert (await failed(channel)).fault is Fault.AMBIGUOUS


async def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        hook = Hook("hook", f"http://127.0.0.1:{held.getsockname()[1]}", SECRET, allow_private=True)
        async with WebhookAdapter([hook], lambda: NOW) as channel:
            errors = [await failed(channel) for _ in range(2)]
    assert [(error.fault, error.wait_s) for error in errors] == [(Fault.RETRY_AFTER, 1), (Fault.RETRY_AFTER, 2)]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_reached_by_leave_alone(server: Taker, host: str) -> None:
    # The name is looked at where it leads, at the moment of connecting.
    async with WebhookAdapter([Hook("hook", f"http://{host}:{server.port}/", SECRET)], lambda: NOW) as channel:
        error = await failed(channel)
    assert error.fault is Fault.DEAD_RECIPIENT
    assert "allow_private = true" in str(error)
    assert server.taken == []


async def test_leave_for_one_is_none_for_another(server: Taker) -> None:
    hooks = [Hook("in", server.url, SECRET, allow_private=True), Hook("out", server.url, SECRET)]
    async with WebhookAdapter(hooks, lambda: NOW) as channel:
        await channel.send(Room("webhook", "in"), ALARM)
        assert (await failed(channel, Room("webhook", "out"))).fault is Fault.DEAD_RECIPIENT
    assert len(server.taken) == 1


async def test_what_was_sent_stays(channel: WebhookAdapter) -> None:
    with pytest.raises(SendError) as raised:
        await channel.edit(ROOM, "1", ALARM)
    assert (raised.value.fault, raised.value.without) == (Fault.DEGRADE, Part.CARD)


async def test_a_channel_that_was_taken_out_takes_nothing_more(channel: WebhookAdapter) -> None:
    assert (await failed(channel, Room("webhook", "former"))).fault is Fault.DEAD_RECIPIENT


def test_neither_the_address_nor_the_secret_shows() -> None:
    assert repr(Hook("hook", "https://example.org/path", SECRET)) == "Hook(name='hook', allow_private=False)"
