"""In which thread a message stands: what hangs on it stands there too. Slack knows no threads within threads."""

import logging
from collections import OrderedDict

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.errors import Refused, SlackError, Unanswered, Unreached

log = logging.getLogger(__name__)

#: Of so many messages it is known, the newest ones.
MOST = 4096


class Threads:
    """The first message of the thread of each message. Of ours it is known; after a restart Slack is asked, once each.

    What Slack refuses to tell is taken for the first message of a thread: that most messages of ours are.
    """

    def __init__(self, api: SlackApi, most: int = MOST) -> None:
        self._api = api
        self._most = most
        self._first: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def of(self, channel: str, ts: str) -> str:
        """The message to answer for a message to stand under this one.

        Raises `SlackError`, never `Unanswered`, where nobody knows: posted under another message it would be looked for
        in vain, and shown twice.
        """
        known = self._first.get((channel, ts))
        if known is not None:
            return known
        try:
            first = await self._asked(channel, ts)
        except Refused as error:
            log.info("slack: in which thread %s stands is not told: %s", ts, error)
            return ts
        except Unanswered as error:
            # It was but asked.
            raise Unreached(str(error)) from error
        self.learn(channel, ts, first)
        return first

    async def likely(self, channel: str, ts: str) -> str:
        """The same; the message itself where nobody knows. Raises nothing."""
        try:
            return await self.of(channel, ts)
        except SlackError as error:
            log.info("slack: in which thread %s stands is not known: %s", ts, error)
            return ts

    def learn(self, channel: str, ts: str, thread: str | None) -> None:
        """A message stands in this thread; None where it stands in the channel."""
        self._first[channel, ts] = thread or ts
        if len(self._first) > self._most:
            self._first.popitem(last=False)

    async def _asked(self, channel: str, ts: str) -> str:
        what = {"channel": channel, "ts": ts, "latest": ts, "inclusive": True, "limit": 1}
        told = (await self._api.call("conversations.replies", what)).get("messages")
        messages = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        # Of a reply Slack tells that reply, or what it stands under.
        for message in messages:
            first = message.get("thread_ts") or message.get("ts")
            if isinstance(first, str):
                return first
        return ts
