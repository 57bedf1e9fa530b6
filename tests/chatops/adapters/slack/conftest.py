"""The strict server for one test."""

from collections.abc import AsyncIterator

import pytest

from chatops.adapters.slack import dialogue, intake
from tests.servers.slack import SlackServer

#: So long the platform waits here, and so long the desk: a machine that is held up for seconds is none of the stories.
#: Those that are about a limit set it for the moment that they mean.
PLATFORM_WAITS_S, DESK_WAITS_S = 10.0, 30.0


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """The platform; at the end of a test nothing was sent that never should be."""
    async with SlackServer(ack_s=PLATFORM_WAITS_S) as server:
        yield server
        assert server.violations == []


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has to be done within three seconds may take longer; that it is less than those has a test of its own."""
    for where, limit in (
        (intake, "STORED_WITHIN_S"),
        (dialogue, "OPENED_WITHIN_S"),
        (dialogue, "SUGGESTED_WITHIN_S"),
    ):
        monkeypatch.setattr(where, limit, DESK_WAITS_S)
