"""The way in by asking: updates are fetched, stored before that is confirmed, and handed on, for ever."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from telegram.error import Conflict, NetworkError

from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.freshness import Freshness
from chatops.adapters.telegram.inbound import Update
from chatops.adapters.telegram.intake import KINDS, Intake, as_update, number
from chatops.adapters.telegram.line import Line
from chatops.link import Link

log = logging.getLogger(__name__)

#: Contract, limits.get_updates_limit.
BATCH = 100
#: How much longer than it was asked to wait the platform may take for an empty answer.
GRACE_S = 10.0
#: Part of what a poll is refused with while updates go to a webhook (contract, semantics.errors).
_WEBHOOK_ACTIVE = "while webhook is active"


class Polling:
    """Drives `getUpdates`. Each batch is stored before the next call, with its higher offset, confirms it.

    `before_poll` is called before every poll and should not raise. A press that may have waited for longer than
    `stale_after` is handed on without a moment. An empty poll is answered after `wait_s`.
    """

    def __init__(
        self,
        api: BotApi,
        intake: Intake,
        line: Line,
        *,
        before_poll: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        stale_after: timedelta,
        wait_s: int,
    ) -> None:
        self._api = api
        self._intake = intake
        self._line = line
        self._before_poll = before_poll
        self._now = now
        self._stale_after = stale_after
        self._wait_s = wait_s
        self._offset = 0
        self._freshness = Freshness()
        self._has_removed_webhook = False

    @property
    def link(self) -> Link:
        """Whether Telegram answers our polls."""
        return self._line.link

    async def open(self) -> None:
        """Nothing has to be taken."""

    async def close(self) -> None:
        """Nothing is held."""

    async def run(self) -> None:
        """Hand on what was left over, then poll until cancelled."""
        while not await self._line.tried(self._begin):
            pass
        while True:
            await self._line.tried(self._poll)

    async def _begin(self) -> None:
        await self._before_poll()
        await self._intake.hand_on_leftovers()

    async def _poll(self) -> None:
        await self._before_poll()
        asked_at = self._now()
        may_have_waited = self._freshness.may_have_waited(asked_at, self._stale_after)
        # What waited is fetched by itself, so that nothing new is taken for old.
        wait_s = 0 if may_have_waited else self._wait_s
        try:
            batch = await self._fetch(wait_s)
        except Conflict as error:
            if self._has_removed_webhook or _WEBHOOK_ACTIVE not in error.message:
                raise
            await self._remove_webhook()
            return
        answered_at = self._now()
        self._line.held()
        if batch:
            await self._take([as_update(raw) for raw in batch], None if may_have_waited else answered_at)
        else:
            # All is confirmed. After a week of silence Telegram goes on at a random id, perhaps a lower one, which the
            # old offset would confirm unseen (core.telegram.org/bots/api#update).
            self._offset = 0
        self._freshness = self._freshness.after(answered_at, full=len(batch) >= BATCH)

    async def _fetch(self, wait_s: int) -> list[Any]:
        batch = await self._api.call(
            "getUpdates",
            {"offset": self._offset, "limit": BATCH, "timeout": wait_s, "allowed_updates": KINDS},
            answer_within_s=wait_s + GRACE_S,
        )
        if not isinstance(batch, list):
            raise NetworkError("getUpdates gave no list")
        return batch

    async def _remove_webhook(self) -> None:
        """Take back what this desk, or whoever had the bot before it, left there. What waits is kept.

        Once: who sets it again is another program, and a matter for people.
        """
        await self._api.call("deleteWebhook", {"drop_pending_updates": False})
        self._has_removed_webhook = True
        log.warning("telegram: a webhook took what people say: removed, as this desk polls")

    async def _take(self, batch: list[Update], pressed_at: datetime | None) -> None:
        await self._intake.take(batch, pressed_at)
        numbers = [found for found in map(number, batch) if found is not None]
        if not numbers:
            raise NetworkError("getUpdates gave updates without an id, which nobody can confirm")
        self._offset = max(numbers) + 1
