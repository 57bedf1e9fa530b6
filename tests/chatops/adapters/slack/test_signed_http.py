"""Slack calls us: what is signed and new is stored before we say so, and nothing else is taken."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession

from chatops.adapters.called_here import LARGEST_BODY
from chatops.adapters.own_tasks import OwnTasks
from chatops.adapters.slack.bare import storable
from chatops.adapters.slack.bolt import dispatching
from chatops.adapters.slack.inbound import Update
from chatops.adapters.slack.intake import Intake
from chatops.adapters.slack.line import Line
from chatops.adapters.slack.signed_http import PATH, SignedHttp
from chatops.link import Connected
from chatops.messages import Receipt
from chatops.settings.address import Address
from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.inbox import Inbox
from tests.chatops.adapters.slack.bodies import action, as_form, command, event
from tests.servers.common.bell import Bell
from tests.servers.slack.patience import patient

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


class AwayInbox(Inbox):
    """The database is away, and no disk is there."""

    async def store(self, platform: str, updates: Any) -> list[Receipt | None]:
        raise DatabaseAway("it is away")


class Desk:
    """The way in with the real inbox, and what it handed on."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self.clock = clock
        self.handed_on: list[Update] = []
        self.bell = Bell()
        self.tasks = OwnTasks(8)
        self.begun = False
        intake = Intake(inbox, self.tasks, hand_on=self._hand_on, now=clock, within=patient())
        line = Line(now=clock, sleep=self._for_ever, jitter=lambda: 0.0, renew=self._no_other)
        self.way = SignedHttp(
            dispatching(intake.take),
            line,
            secret=SECRET,
            listen=Address("127.0.0.1", 0),
            begin=intake.hand_on_leftovers,
            look=self._nothing,
            now=clock,
            sleep=self._for_ever,
        )

    async def _hand_on(self, update: Update, receipt: Receipt) -> None:
        self.handed_on.append(update)
        self.bell.ring()

    async def _nothing(self) -> None: ...

    async def _no_other(self) -> bool:
        return False

    async def _for_ever(self, seconds: float) -> None:
        self.begun = True
        self.bell.ring()
        await Bell().until(lambda: False, None)

    async def post(self, body: str, kind: str = JSON, *, age_s: int = 0, **headers: str) -> tuple[int, str]:
        """Post it as Slack does; `headers` say otherwise."""
        moment = str(int(self.clock().timestamp()) - age_s)
        signed = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": signature(moment, body),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        async with ClientSession() as session:
            address = f"http://127.0.0.1:{self.way.port}{PATH}"
            async with session.post(address, data=BytesIO(body.encode()), headers=signed) as answer:
                return answer.status, await answer.text()

    async def hears(self, count: int) -> list[Update]:
        """Wait for so many."""
        assert await self.bell.until(lambda: len(self.handed_on) >= count, 30)
        return self.handed_on


def signature(moment: str, body: str, secret: str = SECRET) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()


@asynccontextmanager
async def listening(inbox: Inbox, clock: Clock) -> AsyncIterator[Desk]:
    desk = Desk(inbox, clock)
    await desk.way.open()
    desk.tasks.begin("listening", desk.way.run)
    try:
        assert await desk.bell.until(lambda: desk.begun, 30)
        yield desk
    finally:
        await desk.way.close()
        await desk.tasks.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with listening(Inbox(database), clock) as desk:
        yield desk


async def stored(database: Database) -> list[Mapping[str, Any]]:
    return [row["payload"] for row in await database.fetch("SELECT payload FROM inbox ORDER BY id")]


async def test_what_is_signed_is_stored_and_handed_on(desk: Desk, database: Database) -> None:
    assert await desk.post(json.dumps(event())) == (200, "")
    assert await desk.post(as_form(command("close SOL 50%")), FORM) == (200, "")
    assert await desk.post(as_form(action()), FORM) == (200, "")
    heard = await desk.hears(3)
    assert [one["kind"] for one in heard] == ["event", "command", "action"]
    assert heard[1]["text"] == "close SOL 50%"
    # What opens a form is of use at once alone.
    assert await stored(database) == [storable(one) for one in heard]
    assert isinstance(desk.way.link, Connected)


async def test_an_event_that_comes_three_times_is_handed_on_once(desk: Desk, database: Database) -> None:
    for retry in range(3):
        desk.clock.moment += timedelta(minutes=retry)
        assert await desk.post(json.dumps(event(event_id="Ev7")), X_Slack_Retry_Num=str(retry)) == (200, "")
    await desk.post(json.dumps(event("pnl", event_id="Ev8")))
    heard = await desk.hears(2)
    assert [one["event"]["text"] for one in heard] == ["status", "pnl"]


async def test_slack_makes_sure_that_the_address_is_ours(desk: Desk) -> None:
    status, said = await desk.post(json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}))
    assert (status, json.loads(said)) == (200, {"challenge": "3eZbrw1a"})


@pytest.mark.parametrize(
    ("age_s", "headers"),
    [
        (0, {"X_Slack_Signature": signature("0", "another")}),
        (0, {"X_Slack_Signature": ""}),
        (0, {"X_Slack_Signature": "v0=é"}),
        (0, {"X_Slack_Request_Timestamp": "soon"}),
        (0, {"X_Slack_Request_Timestamp": ""}),
        (360, {}),
        (-360, {}),
    ],
)
async def test_what_is_not_signed_or_is_six_minutes_old_is_refused(
    desk: Desk, database: Database, age_s: int, headers: dict[str, str]
) -> None:
    status, said = await desk.post(json.dumps(event()), age_s=age_s, **headers)
    assert (status, said) == (401, "")
    assert await stored(database) == []


async def test_a_call_that_was_taken_is_refused_when_it_is_replayed(desk: Desk, database: Database) -> None:
    body = as_form(command())
    assert [(await desk.post(body, FORM))[0] for _ in range(3)] == [200, 401, 401]
    desk.clock.moment += timedelta(seconds=200)
    assert (await desk.post(body, FORM, age_s=200))[0] == 401
    assert len(await stored(database)) == 1


async def test_what_cannot_be_stored_is_not_taken_and_may_come_again(database: Database, clock: Clock) -> None:
    async with listening(Inbox(database), clock):
        pass
    desk = Desk(AwayInbox(database), clock)
    await desk.way.open()
    try:
        # Before it has begun nothing is taken either.
        assert (await desk.post(json.dumps(event())))[0] == 503
        desk.tasks.begin("listening", desk.way.run)
        assert await desk.bell.until(lambda: desk.begun, 30)
        assert [(await desk.post(json.dumps(event())))[0] for _ in range(2)] == [503, 503]
    finally:
        await desk.way.close()
        await desk.tasks.close()


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"type": 5, "event": 7}', "payload=%7B", '{"user": "x", "event": {"user": 7}}']
)
async def test_what_cannot_be_read_stops_nothing_behind_it(desk: Desk, body: str) -> None:
    assert (await desk.post(body))[0] == 200
    assert (await desk.post(json.dumps(event())))[0] == 200
    assert await desk.bell.until(lambda: any("event" in one for one in desk.handed_on), 30)


async def test_whoever_finds_the_address_learns_nothing(desk: Desk) -> None:
    assert (await desk.post(" " * (LARGEST_BODY + 1)))[0] == 413
    async with ClientSession() as session:
        for path, status in (("/", 404), (PATH, 405)):
            async with session.get(f"http://127.0.0.1:{desk.way.port}{path}") as answer:
                assert answer.status == status
