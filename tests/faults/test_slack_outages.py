"""Slack drops, pauses, repeats and goes silent under a desk that is a process: all is done once, and told once."""

import asyncio

import pytest

from alerts.severity import Severity
from chatops.owed import Kind, Owed
from tests.faults.desk import log_of, steps_of, wait_until_settled
from tests.faults.owing import as_shown, owed, shown, store, wait_for_state
from tests.faults.program import PATIENCE_S
from tests.faults.slack_desk import SlackDesk
from tests.servers.slack import (
    ApiError,
    Call,
    Channel,
    DropAfterAccept,
    RateLimited,
    SlackServer,
    StallBeforeAccept,
)

POST, EDIT = "chat.postMessage", "chat.update"
CLOSED = ["received", "asked to confirm", "confirmed", "running", "finished"]
PAUSE_S, FOR_EVER_S = 2, 3600


@pytest.fixture
def desk(slack_desk: SlackDesk) -> SlackDesk:
    slack_desk.write("paper", more='scenario = "calm"\nspeed = 1')
    return slack_desk


def calls(slack: SlackServer, method: str, channel: Channel) -> list[Call]:
    return [one for one in slack.calls_of(method) if one.channel_id == channel.id]


def state_of_card(channel: Channel, number: int) -> Owed:
    return owed(channel, f"Card {number}", Kind.NOTICE, card="c", in_place=True)


def both(channel: Channel) -> list[Owed]:
    """What is urgent, and what is not."""
    return [
        owed(channel, "Critical: SOL-1", Kind.ALERT, Severity.CRITICAL),
        owed(channel, "Report of the day", Kind.REPORT),
    ]


async def test_a_dropped_answer_leaves_one_message_and_a_pause_holds_what_it_is_for_alone(desk: SlackDesk) -> None:
    slack = desk.platform
    dropped, unsought, pausing, paused, changing, unchanged = (slack.channel(f"room-{number}") for number in range(6))
    async with desk.connected(), desk.database() as database:
        cards = [state_of_card(channel, 1) for channel in (changing, unchanged)]
        await store(database, *cards)
        await wait_for_state(database, "sent", cards)
        slack.fail(DropAfterAccept(), method=POST, channel=dropped)
        slack.fail(DropAfterAccept(), method=POST, channel=unsought)
        # Not looked for at once, it is before it goes again.
        slack.fail(ApiError("internal_error"), method="conversations.history", channel=unsought)
        slack.fail(RateLimited(PAUSE_S), method=POST, channel=pausing)
        slack.fail(RateLimited(FOR_EVER_S), method=POST, channel=paused)
        slack.fail(RateLimited(PAUSE_S), method=EDIT, channel=changing)
        slack.fail(RateLimited(FOR_EVER_S), method=EDIT, channel=unchanged)
        changed, waiting = state_of_card(changing, 2), [state_of_card(unchanged, 2), *both(paused)]
        sent = [
            changed,
            *(one for channel in (dropped, unsought, pausing, changing, unchanged) for one in both(channel)),
        ]
        await store(database, *waiting, *sent)
        await wait_for_state(database, "sent", sent)
        await slack.wait_for(lambda: calls(slack, POST, paused) and calls(slack, EDIT, unchanged))
        await wait_for_state(database, "pending", waiting)
    told = [as_shown("Critical: SOL-1"), as_shown("Report of the day")]
    assert [shown(one) for one in (dropped, unsought, pausing, paused)] == [told, told, told, []]
    assert [shown(one) for one in (changing, unchanged)] == [[as_shown(f"Card {number}"), *told] for number in (2, 1)]
    assert [len(calls(slack, POST, one)) for one in (dropped, unsought, pausing, paused)] == [2, 2, 3, 1]
    # To the second.
    for method, channel in ((POST, pausing), (EDIT, changing)):
        refused, taken, *_ = calls(slack, method, channel)
        assert taken.at >= (refused.done_at or 0) + PAUSE_S


async def test_all_that_comes_three_times_by_sockets_that_go_in_the_middle_is_done_once(desk: SlackDesk) -> None:
    slack, go_on = desk.platform, asyncio.Event()
    async with desk.connected() as gateway, desk.database() as database:
        slack.deliver_thrice()
        question = await desk.asks("close SOL-1", "Close SOL-1?")
        slack.fail(StallBeforeAccept(go_on), method=EDIT)
        pressed = await desk.ada.click(desk.ops, question, "Confirm")
        await slack.wait_for(lambda: calls(slack, EDIT, desk.ops))
        await slack.refresh_sockets()
        await slack.connected()
        assert (await slack.deliver_again(pressed)).is_acked
        # Nothing comes any more by the socket that is open now, and nobody is told.
        slack.sockets.freeze()
        go_on.set()
        await desk.sees("✓ SOL-1 closed", on=question)
        await slack.wait_for(lambda: slack.sockets.open, timeout_s=PATIENCE_S)
        assert (await slack.deliver_again(pressed)).is_acked
        ordered = await desk.ada.slash(desk.ops, "/deck whoami")
        assert [(await slack.deliver_again(ordered)).is_acked for _ in range(2)] == [True, True]
        await desk.asks("pause entry", "Pause entry on alpha?")
        await slack.delivered()
        await wait_until_settled(database)
        assert await steps_of(database, "close") == CLOSED
        assert [row["word"] for row in await log_of(database)] == ["close", "whoami", "pause"]
        assert "Traceback" not in gateway.said
    assert slack.deliveries[0].tries == 3
    assert len(desk.ops.from_app) == 3
