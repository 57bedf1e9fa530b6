"""`kill -9` of a desk on Slack while it opens a form: nothing that was asked is lost, and nothing is done twice."""

import asyncio

from tests.faults.desk import wait_until_settled
from tests.faults.slack_desk import SlackDesk
from tests.servers.slack import StallAfterAccept, StallBeforeAccept


async def test_killed_while_it_opens_a_form_it_answers_with_buttons_and_a_form_that_stands_can_be_sent(
    slack_desk: SlackDesk,
) -> None:
    desk, slack = slack_desk, slack_desk.platform
    desk.write("paper", more='scenario = "calm"\nspeed = 1')
    never = asyncio.Event()
    async with desk.connected() as gateway:
        rules = [slack.fail(fault(never), method="views.open") for fault in (StallBeforeAccept, StallAfterAccept)]
        for _ in rules:
            assert (await desk.ada.slash(desk.ops, "/deck pause")).is_acked
        await slack.wait_for(lambda: all(rule.met for rule in rules))
        view = await slack.wait_for(lambda: desk.ada.view)
        await gateway.kill()
    slack.heal()
    async with desk.connected() as gateway, desk.database() as database:
        await slack.wait_for(lambda: [post for post in desk.ops.from_app if "Pause what?" in post.words][1:])
        assert view is not None
        await desk.ada.look_up(view, "scope", "entry")
        sent = await desk.ada.submit(view, {"scope": "entry", "reason": "lunch"})
        await slack.deliver_again(sent)
        asked = await slack.wait_for(lambda: [post for post in desk.ops.from_app if "lunch" in post.words])
        await desk.ada.click(desk.ops, asked[0], "Confirm")
        await slack.wait_for(lambda: [post for post in desk.ops.from_app if "Paused" in post.words])
        await wait_until_settled(database)
        assert "Traceback" not in gateway.said
    assert len(desk.ops.from_app) == 3
