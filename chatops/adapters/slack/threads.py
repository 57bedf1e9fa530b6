"""In which thread our replies stand: what hangs on one of them stands there too."""

from collections import OrderedDict

#: Of so many replies it is known, the newest ones.
MOST = 4096


class Threads:
    """The first message of a thread by each reply of ours. Slack knows no threads within threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._first: OrderedDict[str, str] = OrderedDict()

    def of(self, ts: str | None) -> str | None:
        """The message to answer for a message to stand under this one."""
        return None if ts is None else self._first.get(ts, ts)

    def learn(self, ts: str, thread: str | None) -> None:
        """A message stands in this thread; None where it stands in the channel."""
        if thread is not None:
            self._first[ts] = thread
            if len(self._first) > self._most:
                self._first.popitem(last=False)
