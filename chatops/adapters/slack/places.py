"""Whether the app is in a channel: a command can be written where it is not, and it could not answer there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from chatops.adapters.slack.line import Lost

log = logging.getLogger(__name__)

#: For so long it counts that we are in one; that we are not is asked each time, since somebody may have invited us.
FRESH = timedelta(minutes=10)
#: So long somebody may have to wait for it.
WITHIN_S = 2.0

#: Asks `conversations.info` whether we are a member. Raises `Lost`.
Look = Callable[[str], Awaitable[bool]]


class Places:
    """What Slack says of channels, kept for some minutes."""

    def __init__(self, look: Look, now: Callable[[], datetime]) -> None:
        self._look = look
        self._now = now
        self._in_since: dict[str, datetime] = {}

    async def has_us(self, channel: str, *, anew: bool = False) -> bool:
        """Whether we are in it, or nobody tells in time; `anew` is asked whatever was told before."""
        at = None if anew else self._in_since.get(channel)
        if at is not None and self._now() - at < FRESH:
            return True
        try:
            async with asyncio.timeout(WITHIN_S):
                is_in = await self._look(channel)
        except (Lost, TimeoutError) as error:
            log.warning("slack: whether the app is in %s is not known now: %s", channel, str(error) or "no answer")
            return True
        if is_in:
            self._in_since[channel] = self._now()
        return is_in

    def closed(self, channel: str) -> None:
        """Something could not be said there: it is asked anew."""
        self._in_since.pop(channel, None)
