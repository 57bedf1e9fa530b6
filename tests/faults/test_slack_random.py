"""`kill -9` of a desk on Slack at random moments, while Slack drops, pauses and replaces: each alert is there once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from random import Random

import pytest

from alerts.severity import Severity
from chatops.owed import Kind, Owed
from chatops.storage.database import Database
from tests.faults.desk import log_of, wait_until_settled
from tests.faults.owing import LATE, Destination, as_shown, owed, shown, states, store
from tests.faults.program import PATIENCE_S
from tests.faults.slack_desk import SlackDesk
from tests.faults.test_delivery_random import desks
from tests.servers.slack import (
    ApiError,
    Call,
    Channel,
    DropAfterAccept,
    DropBeforeAccept,
    RateLimited,
    SlackServer,
    StallAfterAccept,
    Status,
)

KILLS = 8
POST = "chat.postMessage"

Trouble = Callable[[SlackServer, Channel], Awaitable[object]]


async def drops(slack: SlackServer, channel: Channel) -> None:
    slack.fail(DropAfterAccept(), method=POST, channel=channel)


async def drops_and_does_not_tell(slack: SlackServer, channel: Channel) -> None:
    slack.fail(DropAfterAccept(), method=POST, channel=channel)
    slack.fail(ApiError("internal_error"), method="conversations.history", channel=channel)


async def refuses(slack: SlackServer, channel: Channel) -> None:
    slack.fail(DropBeforeAccept(), method=POST, channel=channel)
    slack.fail(Status(502), method=POST, channel=channel)


async def is_silent(slack: SlackServer, channel: Channel) -> None:
    slack.fail(StallAfterAccept(asyncio.Event()), method=POST, channel=channel)


async def pauses(slack: SlackServer, channel: Channel) -> None:
    slack.fail(RateLimited(1), method=POST, channel=channel)


async def replaces(slack: SlackServer, channel: Channel) -> None:
    await slack.refresh_sockets("warning")


async def cuts(slack: SlackServer, channel: Channel) -> None:
    slack.sockets.cut()


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """With Slack's own patience: what the dead did not acknowledge comes again soon."""
    async with SlackServer() as server:
        yield server
        assert server.violations == []


TROUBLES: tuple[Trouble, ...] = (drops, drops_and_does_not_tell, refuses, is_silent, pauses, replaces, cuts)


async def test_whatever_breaks_each_alert_is_there_once_in_order_and_marked_late(
    new_slack_desk: SlackDesk, database: Database, database_url: str
) -> None:
    chance, desk, slack = Random(20261121), new_slack_desk, new_slack_desk.platform
    desk.data_dir.mkdir()
    desk.write("paper", more=f'scenario = "calm"\nspeed = 1\n[database]\nurl = "{database_url}"')
    channels = [slack.channel(f"night-{number}") for number in range(3)]
    given: dict[str, list[Owed]] = {channel.id: [] for channel in channels}

    def has_tried(count: int) -> bool:
        return len(tried(slack)) >= count

    async def owe(number: int) -> None:
        for channel in channels:
            one = alert(channel, number)
            given[channel.id].append(one)
            await store(database, one)

    async with desks(desk.settings) as some:
        for number in range(KILLS):
            await owe(number)
            await chance.choice(TROUBLES)(slack, chance.choice(channels))
            pid = await some.begin()
            await desk.ada.mention(desk.ops, "whoami")
            # At the moment that one of them comes to Slack: what becomes of it the desk does not hear.
            await slack.wait_for(partial(has_tried, len(tried(slack)) + chance.randint(1, len(channels))), PATIENCE_S)
            await some.kill(pid)
        slack.heal()
        pid = await some.begin()
        await slack.delivered()
        await wait_until_settled(database)
        await some.kill(pid)
    for channel in channels:
        told = [as_shown(one.posting.message.title, LATE) for one in given[channel.id]]
        assert shown(channel) == told
        assert set(await states(database, *given[channel.id])) == {"sent"}
    assert len(desk.ops.from_app) == len(await log_of(database))
    assert slack.calls_of("conversations.history")


def tried(slack: SlackServer) -> list[Call]:
    """All that came to show something."""
    return slack.calls_of(POST)


def alert(place: Destination, number: int) -> Owed:
    """Of ten minutes ago: nobody was there to tell it."""
    age = timedelta(minutes=10)
    return owed(place, f"Critical: SOL-{number}", Kind.ALERT, Severity.CRITICAL, age=age)
