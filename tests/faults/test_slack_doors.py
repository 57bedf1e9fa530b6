"""Who may speak to a desk on Slack, as a process: signatures by HTTP, and tokens that die while somebody presses."""

from alerts.severity import Severity
from chatops.owed import Kind
from tests.faults.desk import free_port, log_of, steps_of, wait_until_settled
from tests.faults.owing import as_shown, owed, shown, store, wait_until_all_is_over
from tests.faults.program import eventually
from tests.faults.slack_desk import SlackDesk
from tests.servers.slack import Tamper

CLOSED = ["received", "asked to confirm", "confirmed", "running", "finished"]
CALM = 'scenario = "calm"\nspeed = 1'


async def test_by_http_what_is_not_signed_is_old_or_is_replayed_is_refused_logged_and_does_nothing(
    slack_desk: SlackDesk,
) -> None:
    desk, slack = slack_desk.by_http(free_port()), slack_desk.platform
    desk.write("paper", more=CALM)
    async with desk.gateway() as gateway, desk.database() as database:
        await desk.is_called()
        slack.tamper(Tamper(secret="of somebody else"))
        slack.tamper(Tamper(late_s=360))
        refused = [await desk.ada.slash(desk.ops, "/deck stop") for _ in range(2)]
        ordered = await desk.ada.slash(desk.ops, "/deck whoami")
        assert [await slack.replay(ordered) for _ in range(2)] == [401, 401]
        assert (await slack.deliver_again(ordered)).statuses == [200]
        assert [(one.is_acked, one.statuses) for one in refused] == [(False, [401])] * 2
        await desk.sees("admin")
        await wait_until_settled(database)
        assert [row["word"] for row in await log_of(database)] == ["whoami"]
        await gateway.says("slack: calls refused so far: 1; the last one without its signature, or too old")
        await gateway.says("slack: calls refused so far: 4; the last one replayed")
    assert len(desk.ops.from_app) == 1


async def test_a_press_on_a_card_of_a_token_that_died_is_done_and_told_once_there_is_another(
    slack_desk: SlackDesk,
) -> None:
    desk, slack, night = slack_desk, slack_desk.platform, slack_desk.platform.channel("night")
    desk.write("paper", more=CALM)
    async with desk.connected() as gateway, desk.database() as database:
        question = await desk.asks("close SOL-1", "Close SOL-1?")
        slack.revoke_token()
        await desk.presses("Confirm", question)
        await gateway.says("slack: nothing can be sent")
        await store(database, owed(night, "Critical: SOL-1", Kind.ALERT, Severity.CRITICAL))

        async def is_done() -> bool:
            return await steps_of(database, "close") == CLOSED

        await eventually(is_done, "closing SOL-1")
        assert "Confirm" in [label for one in desk.ops.from_app for label in one.labels]
        slack.rotate_token("xoxb-2-another")
        desk.write_tokens()
        # With its token an app loses its sockets.
        slack.sockets.cut()
        await desk.sees("✓ SOL-1 closed", on=question)
        await wait_until_all_is_over(database)
        await gateway.says("slack: the tokens were read anew")
        assert "Traceback" not in gateway.said
    assert shown(night) == [as_shown("Critical: SOL-1")]
    assert len(desk.ops.from_app) == 1
