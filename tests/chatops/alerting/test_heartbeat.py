"""Somebody else is told that we live, and only while we do our work."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from alerts.auditor import Audit
from chatops.alerting.heartbeat import Heartbeat
from tests.servers.taker import Taker, taker

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def server() -> AsyncIterator[Taker]:
    async with taker() as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


class Auditor:
    """What it found last."""

    def __init__(self) -> None:
        self.audited: Audit | None = Audit(NOW)
        self.turns: list[float] = []

    def heart(self, url: str, **more: float) -> Heartbeat:
        return Heartbeat(url, MINUTE, lambda: self.audited, now=lambda: NOW, sleep=self.sleep, **more)

    async def sleep(self, seconds: float) -> None:
        self.turns.append(seconds)
        if len(self.turns) == 3:
            raise asyncio.CancelledError


async def test_it_is_called_once_a_minute_while_all_is_in_time(server: Taker) -> None:
    auditor = Auditor()
    with pytest.raises(asyncio.CancelledError):
        await auditor.heart(server.url).run()
    assert auditor.turns == [60, 60, 60]
    assert len(server.taken) == 3


@pytest.mark.parametrize(
    "audited",
    [
        None,
        Audit(NOW - timedelta(seconds=21)),
        Audit(NOW, evaluating="the rules over a bot took too long"),
        Audit(NOW, escalating="nothing that is due has been looked at for 12s"),
        Audit(NOW, delivering="an urgent message has been owed for 1m 1s"),
    ],
)
async def test_it_is_not_called_where_something_is_late_or_nobody_looks(server: Taker, audited: Audit | None) -> None:
    auditor = Auditor()
    auditor.audited = audited
    with pytest.raises(asyncio.CancelledError):
        await auditor.heart(server.url).run()
    # As soon as all is in time again it is called.
    assert auditor.turns == [1, 1, 1]
    assert server.taken == []


async def test_a_call_that_fails_is_logged_once_and_made_again_at_the_next_turn(
    server: Taker, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "chatops")
    heart = Auditor().heart(server.url)
    server.answers.extend([(500, {}), (302, {"Location": "/elsewhere"}), (0, {})])
    assert [await heart.beat(session) for _ in range(4)] == [60] * 4
    said = [record.getMessage() for record in caplog.records if record.name == "chatops.alerting.heartbeat"]
    assert said == [
        "the heartbeat is not heard: it answered 500; it is sent again at its next turn",
        "the heartbeat is heard again",
    ]
    assert {taken.path for taken in server.taken} == {"/hook"}


async def test_one_that_nobody_answers_holds_up_nothing(
    server: Taker, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "chatops")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert await Auditor().heart(f"http://127.0.0.1:{held.getsockname()[1]}/CANARY").beat(session) == 60
    assert "ClientConnectorError" in caplog.text
    assert "CANARY" not in caplog.text


async def test_a_server_that_never_answers_is_given_up(server: Taker, caplog: pytest.LogCaptureFixture) -> None:
    server.answers.append((-1, {}))
    auditor = Auditor()
    with pytest.raises(asyncio.CancelledError):
        await auditor.heart(server.url, answer_within_s=0.1).run()
    assert auditor.turns == [60, 60, 60]
    assert "TimeoutError" in caplog.text
