"""Whether an account is that of a whole member of the workspace: guests and bots ask nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chatops.adapters.slack.line import Lost

log = logging.getLogger(__name__)

#: For so long what Slack told counts.
FRESH = timedelta(minutes=10)
#: So long somebody may have to wait for it.
WITHIN_S = 2.0
#: Marks of those who may not ask (docs.slack.dev/reference/objects/user-object).
_NOT_THEIRS = {
    "is_restricted": "a guest",
    "is_ultra_restricted": "a guest",
    "is_bot": "a bot",
    "is_workflow_bot": "a workflow",
    "deleted": "an account that is closed",
}

#: Asks `users.info` of a member; gives its `user`. Raises `Lost`.
Look = Callable[[str], Awaitable[Mapping[str, Any]]]


class Standing:
    """What Slack says of members, kept for some minutes."""

    def __init__(self, look: Look, now: Callable[[], datetime]) -> None:
        self._look = look
        self._now = now
        self._known: dict[str, tuple[datetime, str | None]] = {}

    async def why_not(self, member: str) -> str | None:
        """What keeps this member from asking; None where nothing does.

        Where Slack does not tell in time what it told last counts, and nothing of somebody it never told of: whoever
        is asked about was let in by the id of the account.
        """
        at, reason = self._known.get(member, (None, None))
        if at is not None and self._now() - at < FRESH:
            return reason
        try:
            async with asyncio.timeout(WITHIN_S):
                told = await self._look(member)
        except (Lost, TimeoutError) as error:
            log.warning("slack: whether %s is a guest is not known now: %s", member, str(error) or "no answer in time")
            return reason
        reason = next((what for mark, what in _NOT_THEIRS.items() if told.get(mark) is True), None)
        self._known[member] = (self._now(), reason)
        return reason
