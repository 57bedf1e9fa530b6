"""Forms that were sent: who does not hear in time that one was taken sends it again, and it is to be done once."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson

#: So many are remembered: nobody has a form before them that was taken long ago.
MOST = 1_000


class SentForms:
    """Known by who sent them, by the view that they were, and by what was filled in; Slack has no id for that."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        #: By mark, how often each was sent since the start, and whether it was taken.
        self._sent: OrderedDict[str, tuple[int, bool]] = OrderedDict()

    def has(self, body: Mapping[str, Any]) -> bool:
        """Whether the same was taken before, since the start."""
        return self._sent.get(_mark(body) or "", (0, False))[1]

    def key(self, body: Mapping[str, Any]) -> str | None:
        """What it is stored as; None where it cannot be told from others.

        The first since the start has the key that it had before: what was taken then is known. Each further one has
        another, as the one before it was not taken.
        """
        mark = _mark(body)
        if mark is None:
            return None
        times, is_taken = self._sent.get(mark, (0, False))
        self._remember(mark, times + 1, is_taken)
        return f"view:{mark}:{times}"

    def add(self, body: Mapping[str, Any]) -> None:
        """It was taken."""
        mark = _mark(body)
        if mark is not None:
            self._remember(mark, self._sent.get(mark, (0, False))[0], True)

    def _remember(self, mark: str, times: int, is_taken: bool) -> None:
        self._sent[mark] = times, is_taken
        if len(self._sent) > self._most:
            self._sent.popitem(last=False)


def _mark(body: Mapping[str, Any]) -> str | None:
    """None where it cannot be told from others. What was filled in may be a secret: none of it is kept."""
    view, user = body.get("view"), body.get("user")
    if not isinstance(view, dict) or not isinstance(user, dict) or not view.get("id"):
        return None
    try:
        said = orjson.dumps([user.get("id"), view["id"], view.get("state")], option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return None
    return hashlib.sha256(said).hexdigest()
