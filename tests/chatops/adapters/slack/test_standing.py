"""Guests and bots ask nothing, as far as Slack tells who is one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatops.adapters.slack.line import Lost
from chatops.adapters.slack.standing import FRESH, Standing


class Slack:
    """Tells what it is told to tell, or cannot be reached."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
        self.users: dict[str, Mapping[str, Any]] = {}
        self.asked = 0
        self.standing = Standing(self.look, lambda: self.moment)

    async def look(self, member: str) -> Mapping[str, Any]:
        self.asked += 1
        if member not in self.users:
            raise Lost("Slack cannot be reached")
        return self.users[member]


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.mark.parametrize(
    ("told", "why_not"),
    [
        ({"is_restricted": False, "is_bot": False}, None),
        ({}, None),
        ({"is_restricted": True}, "a guest"),
        ({"is_ultra_restricted": True}, "a guest"),
        ({"is_bot": True}, "a bot"),
        ({"deleted": True}, "an account that is closed"),
    ],
)
async def test_only_whole_members_ask(slack: Slack, told: Mapping[str, Any], why_not: str | None) -> None:
    slack.users["U1"] = told
    assert await slack.standing.why_not("U1") == why_not


async def test_what_slack_told_counts_for_some_minutes(slack: Slack) -> None:
    slack.users["U1"] = {}
    assert [await slack.standing.why_not("U1") for _ in range(3)] == [None] * 3
    slack.users["U1"] = {"is_restricted": True}
    assert await slack.standing.why_not("U1") is None
    assert slack.asked == 1
    slack.moment += FRESH
    assert await slack.standing.why_not("U1") == "a guest"


async def test_while_slack_does_not_tell_what_it_told_last_counts(slack: Slack) -> None:
    slack.users["U1"] = {"is_restricted": True}
    assert await slack.standing.why_not("U1") == "a guest"
    slack.moment += timedelta(days=1)
    slack.users.clear()
    assert await slack.standing.why_not("U1") == "a guest"
    assert await slack.standing.why_not("U2") is None
