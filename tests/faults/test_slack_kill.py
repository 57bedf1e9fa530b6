"""`kill -9` of a desk on Slack at the points of a delivery and of a close: Slack is asked what it has."""

import asyncio
from dataclasses import dataclass

import pytest

from alerts.severity import Severity
from chatops.owed import Kind, Owed
from tests.faults.desk import steps_of, wait_for_row, wait_until_settled
from tests.faults.owing import as_read, as_shown, owed, shown, states, store, wait_for_state, wait_until_all_is_over
from tests.faults.slack_desk import SlackDesk
from tests.servers.slack import Channel, StallAfterAccept, StallBeforeAccept

POST, EDIT = "chat.postMessage", "chat.update"
ANSWER = "alpha is well"
CLOSED = ["received", "asked to confirm", "confirmed", "running", "finished"]
VOID = ["received", "asked to confirm", "expired"]


@pytest.fixture
def desk(slack_desk: SlackDesk) -> SlackDesk:
    slack_desk.write("paper", more='scenario = "calm"\nspeed = 1')
    return slack_desk


@dataclass(frozen=True)
class Line:
    """A channel in which something is on its way, and something waits behind it."""

    channel: Channel
    first: Owed
    behind: Owed


def line(desk: SlackDesk, name: str, title: str, kind: Kind, severity: Severity = Severity.INFO) -> Line:
    channel = desk.platform.channel(name)
    return Line(channel, owed(channel, title, kind, severity), owed(channel, "Behind", Kind.NOTICE))


def as_shown_of(one: Owed) -> str:
    """How it reads unmarked."""
    return as_shown(one.posting.message.title)


async def test_killed_between_the_post_and_its_record_each_is_there_once_and_none_is_lost(desk: SlackDesk) -> None:
    slack = desk.platform
    accepted = [
        line(desk, "one", "EMERGENCY: SOL-1", Kind.ALERT, Severity.EMERGENCY),
        line(desk, "two", "Report of the day", Kind.REPORT),
    ]
    not_accepted = [
        line(desk, "three", "Critical: SOL-1", Kind.ALERT, Severity.CRITICAL),
        line(desk, "four", "Notice", Kind.NOTICE),
    ]
    lines = [*accepted, *not_accepted]
    thread = slack.channel("five")
    card = owed(thread, "Card", Kind.NOTICE, card="c", in_place=True)
    hanging = owed(thread, "Ping", Kind.NOTICE, hangs_on="c")
    async with desk.connected() as gateway, desk.database() as database:
        await store(database, card)
        await wait_for_state(database, "sent", [card])
        accepted.append(Line(thread, hanging, owed(thread, "Behind", Kind.NOTICE)))
        lines.append(accepted[-1])
        rules = [slack.fail(StallAfterAccept(asyncio.Event()), channel=one.channel) for one in accepted]
        rules += [slack.fail(StallBeforeAccept(asyncio.Event()), channel=one.channel) for one in not_accepted]
        rules += [slack.fail(StallAfterAccept(asyncio.Event()), method=POST, channel=desk.ops)]
        await store(database, *(one.first for one in lines), *(one.behind for one in lines))
        await desk.ada.mention(desk.ops, "status")
        await slack.wait_for(lambda: all(rule.met for rule in rules))
        await slack.wait_for(lambda: all(as_shown_of(one.first) in shown(one.channel) for one in accepted))
        await slack.wait_for(lambda: desk.ops.from_app)
        await gateway.kill()
    slack.heal()
    async with desk.gateway() as gateway, desk.database() as database:
        await wait_until_all_is_over(database)
        assert await states(database, *(one.first for one in lines)) == ["sent"] * 5
        assert "Traceback" not in gateway.said
    assert [shown(one.channel)[-2:] for one in lines] == [[as_shown_of(one.first), as_shown("Behind")] for one in lines]
    assert [len(one.channel.from_app) for one in lines] == [2, 2, 2, 2, 3]
    assert [as_read(one) for one in thread.thread(thread.from_app[0].ts)] == [as_shown_of(hanging)]
    assert [ANSWER in post.words for post in desk.ops.from_app] == [True]


async def test_killed_when_the_end_of_a_close_is_on_record_and_not_shown_it_is_shown_after(desk: SlackDesk) -> None:
    slack = desk.platform
    async with desk.connected() as gateway, desk.database() as database:
        question = await desk.asks("close SOL-1", "Close SOL-1?")
        asked = slack.deliveries[0]
        async with database.transaction() as connection:
            await connection.execute("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
            pressed = await desk.ada.click(desk.ops, question, "Confirm")
            await desk.sees("Closing SOL-1…", on=question)
            await wait_for_row(database, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            rule = slack.fail(StallBeforeAccept(asyncio.Event()), method=EDIT)
        await slack.wait_for(lambda: rule.met)
        await gateway.kill()
    slack.heal()
    async with desk.connected() as gateway, desk.database() as database:
        # Slack does not know that the dead have taken them.
        assert [(await slack.deliver_again(one)).is_acked for one in (asked, pressed)] == [True, True]
        await desk.sees("✓ SOL-1 closed", on=question)
        await wait_until_settled(database)
        assert await steps_of(database, "close") == CLOSED
        assert "Traceback" not in gateway.said
    assert len(desk.ops.from_app) == 1


async def test_killed_when_the_question_is_stored_and_not_shown_it_is_void_and_told(desk: SlackDesk) -> None:
    slack = desk.platform
    async with desk.connected() as gateway:
        rule = slack.fail(StallBeforeAccept(asyncio.Event()), method=POST)
        await desk.ada.mention(desk.ops, "close SOL-1")
        await slack.wait_for(lambda: rule.met)
        await gateway.kill()
    slack.heal()
    async with desk.connected(), desk.database() as database:
        await desk.sees("I was restarted before “close SOL-1” was confirmed. Nothing was done.")
        await wait_until_settled(database)
        assert await steps_of(database, "close") == VOID
