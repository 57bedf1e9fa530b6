"""Questions that nobody answered are closed, whatever went wrong the minute before."""

import asyncio
from datetime import UTC, datetime
from typing import cast

import pytest

from chatops.asking.approving import Approving
from chatops.asking.settling import Settling
from chatops.fleet import Fleet
from chatops.ledger import Ledger, Unsettled
from chatops.outbox import Outbox
from chatops.patience import Patience
from chatops.tasks import running


class Broken:
    """Knows nothing the first time it is asked, and nothing of anybody the second."""

    def __init__(self) -> None:
        self.asked = 0
        self.asked_twice = asyncio.Event()

    async def unsettled(self) -> list[Unsettled]:
        self.asked += 1
        if self.asked == 1:
            raise ValueError("a row that cannot be read")
        self.asked_twice.set()
        return []


async def test_a_minute_that_went_wrong_is_followed_by_the_next(caplog: pytest.LogCaptureFixture) -> None:
    left = Broken()
    settling = Settling(
        left=left,
        ledger=cast(Ledger, None),
        fleet=cast(Fleet, None),
        outbox=cast(Outbox, None),
        approving=cast(Approving, None),
        patience=Patience(),
        now=lambda: datetime(2026, 1, 2, tzinfo=UTC),
        sleep=lambda _: asyncio.sleep(0),
    )
    async with running(settling.expire_for_ever(), "expiring"), asyncio.timeout(30):
        await left.asked_twice.wait()
    assert "questions could not be expired" in caplog.text
