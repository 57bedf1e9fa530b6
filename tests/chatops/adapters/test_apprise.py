"""Channels through Apprise: one target a call, in a thread, with what came of it."""

import asyncio
import base64
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from io import StringIO

import pytest

from alerts.severity import Severity
from chatops.adapters.apprise.adapter import AppriseAdapter, unusable
from chatops.adapters.apprise.errors import UnusableChannel
from chatops.adapters.apprise.faults import of_failure
from chatops.adapters.apprise.fence import fenced
from chatops.adapters.apprise.teller import Target, tell
from chatops.adapters.base import Fault, SendError
from chatops.adapters.public_address import NotPublic
from chatops.room import Room
from tests.chatops.adapters.postings import ALARM, CHART, WORDS
from tests.servers.taker import Taker, taker

ROOM = Room("apprise", "pager")


@pytest.fixture
async def server() -> AsyncIterator[Taker]:
    async with taker() as made:
        yield made


def pager(server: Taker, *, scheme: str = "json", query: str = "", allow_private: bool = True) -> Target:
    return Target("pager", f"{scheme}://127.0.0.1:{server.port}/topic{query}", allow_private)


@pytest.fixture
async def channel(server: Taker) -> AsyncIterator[AppriseAdapter]:
    async with AppriseAdapter([pager(server)]) as adapter:
        yield adapter


async def failed(channel: AppriseAdapter) -> SendError:
    with pytest.raises(SendError) as raised:
        await channel.send(ROOM, ALARM)
    return raised.value


async def test_a_target_is_told_in_words_and_how_to_answer(channel: AppriseAdapter, server: Taker) -> None:
    assert await channel.send(ROOM, ALARM)
    said = json.loads(server.taken[0].body)
    assert (said["title"], said["message"]) == ("CRITICAL: alpha SOL-1/bybit", WORDS)
    assert said["type"] == "failure"
    assert "token-1" not in server.taken[0].body.decode()


async def test_a_picture_goes_along_where_the_service_takes_files(channel: AppriseAdapter, server: Taker) -> None:
    await channel.send(ROOM, CHART)
    said = json.loads(server.taken[0].body)
    (file,) = said["attachments"]
    assert (file["filename"], base64.b64decode(file["base64"])) == ("pnl.png", b"chart")
    assert said["message"] == "+12.30 USD"


async def test_a_picture_is_left_out_with_a_word_where_the_service_takes_none_or_it_is_too_large(
    channel: AppriseAdapter, server: Taker
) -> None:
    async with AppriseAdapter([pager(server, scheme="gotify", query="/" + "t" * 20)]) as without:
        await without.send(ROOM, CHART)
    assert CHART.message.attachment is not None
    large = replace(CHART.message.attachment, content=bytes(5_000_001))
    await channel.send(ROOM, replace(CHART, message=replace(CHART.message, attachment=large)))
    told = [json.loads(taken.body) for taken in server.taken]
    assert [one["message"] for one in told] == ["+12.30 USD\n\nThe picture pnl.png cannot be shown here."] * 2
    assert not told[1].get("attachments")


async def test_ntfy_is_told(server: Taker) -> None:
    async with AppriseAdapter([pager(server, scheme="ntfy")]) as channel:
        await channel.send(ROOM, ALARM)
    assert WORDS in json.loads(server.taken[0].body)["message"]


async def test_two_messages_go_one_straight_after_the_other(server: Taker, monkeypatch: pytest.MonkeyPatch) -> None:
    # A plugin that is kept would wait for that in between, in seconds: longer than anybody waits for a call.
    monkeypatch.setattr("apprise.plugins.ntfy.NotifyNtfy.request_rate_per_sec", 3600.0)
    async with AppriseAdapter([pager(server, scheme="ntfy")]) as channel:
        await channel.send(ROOM, ALARM)
        await channel.send(ROOM, ALARM)
    assert len(server.taken) == 2


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        *((429, Fault.RETRY_AFTER), (503, Fault.RETRY_AFTER), (504, Fault.AMBIGUOUS)),
        *((401, Fault.DEAD_RECIPIENT), (404, Fault.DEAD_RECIPIENT), (400, Fault.REFUSED), (302, Fault.DEAD_RECIPIENT)),
    ],
)
async def test_an_answer_says_what_to_do(channel: AppriseAdapter, server: Taker, status: int, fault: Fault) -> None:
    server.answers.append((status, {"Location": "/elsewhere"}))
    error = await failed(channel)
    assert error.fault is fault
    assert len(server.taken) == 1


async def test_without_an_answer_nobody_knows(channel: AppriseAdapter, server: Taker) -> None:
    server.answers.append((0, {}))
    error = await failed(channel)
    assert (error.fault, error.of_room) == (Fault.AMBIGUOUS, True)


async def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        target = Target("pager", f"json://127.0.0.1:{held.getsockname()[1]}/", allow_private=True)
        async with AppriseAdapter([target]) as channel:
            errors = [await failed(channel) for _ in range(2)]
    assert [(error.fault, error.wait_s) for error in errors] == [(Fault.RETRY_AFTER, 1), (Fault.RETRY_AFTER, 2)]


async def test_a_call_that_hangs_is_left_alone_and_holds_up_no_other(server: Taker) -> None:
    server.answers.append((-1, {}))
    hangs, well = pager(server, query="?rto=30"), Target("mail", f"json://127.0.0.1:{server.port}/", True)
    async with AppriseAdapter([hangs, well], within_s=0.3) as channel:
        assert (await failed(channel)).fault is Fault.AMBIGUOUS
        again = await failed(channel)
        assert (again.fault, str(again)) == (Fault.RETRY_AFTER, "calls from before have not ended")
        # The one that hangs has got there, however late, and the other is not hurried.
        async with asyncio.timeout(30):
            while not server.taken:  # noqa: ASYNC110 - it tells nobody here
                await asyncio.sleep(0.002)
        channel._within_s = 30.0
        assert await channel.send(Room("apprise", "mail"), ALARM)
        server.let_go.set()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_reached_by_leave_alone(server: Taker, host: str) -> None:
    async with AppriseAdapter([Target("pager", f"json://{host}:{server.port}/")]) as channel:
        error = await failed(channel)
    assert error.fault is Fault.DEAD_RECIPIENT
    assert "allow_private = true" in str(error)
    assert server.taken == []


async def test_the_fence_is_for_that_call_alone(server: Taker) -> None:
    assert (await asyncio.to_thread(tell, pager(server, allow_private=False), "t", "b", Severity.INFO)).was_refused
    with socket.create_connection(("127.0.0.1", server.port)):
        pass


async def test_the_fence_is_for_every_kind_of_socket(server: Taker) -> None:
    pair = socket.socketpair()
    with pair[0], pair[1], socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp, fenced():
        with pytest.raises(NotPublic):
            tcp.connect_ex(("127.0.0.1", server.port))
        with pytest.raises(NotPublic):
            udp.sendto(b"", ("127.0.0.1", server.port))
        with pytest.raises(NotPublic), socket.socket(socket.AF_UNIX) as unix:
            unix.connect("/run/nothing.sock")
        # What is connected was looked at before.
        assert pair[0].sendmsg([b"on"]) == 2


async def test_nothing_that_apprise_says_reaches_our_log(channel: AppriseAdapter, server: Taker) -> None:
    log = StringIO()
    ours = logging.StreamHandler(log)
    # Not what anything else of this process has to say at that moment.
    ours.addFilter(
        lambda record: record.name.partition(".")[0] in {"root", "apprise", "urllib3", "requests", "chatops"}
    )
    logging.getLogger().addHandler(ours)
    try:
        server.answers.append((500, {}))
        await failed(channel)
    finally:
        logging.getLogger().removeHandler(ours)
    assert log.getvalue() == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense://where", "Apprise makes nothing of its url"),
        ("https://example.org/hook", "For a webhook of your own give a secret too"),
        ("ntfy://ntfy.sh/one/two", "its url names 2 targets: write one channel for each"),
    ],
)
async def test_one_that_could_never_be_told_is_said_at_the_start(url: str, why: str) -> None:
    assert why in (unusable(Target("pager", url)) or "")
    with pytest.raises(UnusableChannel, match="channel pager: "):
        async with AppriseAdapter([Target("pager", url)]):
            raise AssertionError("it was taken")


@pytest.mark.parametrize(
    ("logged", "fault"),
    [
        ("[Errno -2] Name or service not known", Fault.RETRY_AFTER),
        ("Caused by ConnectTimeoutError(<urllib3…>, 'Connection to x timed out.')", Fault.RETRY_AFTER),
        ("HTTPSConnectionPool: Read timed out. (read timeout=4.0)", Fault.AMBIGUOUS),
        ("", Fault.AMBIGUOUS),
    ],
)
def test_what_was_logged_says_whether_anything_was_sent(logged: str, fault: Fault) -> None:
    assert of_failure([logged], lambda: 1.0).fault is fault
