"""Forms that were taken: who does not hear so in time sends the same one again, and it is to be done once."""

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
        self._taken: OrderedDict[str, None] = OrderedDict()

    def has(self, body: Mapping[str, Any]) -> bool:
        """Whether the same was taken before."""
        return _mark(body) in self._taken

    def add(self, body: Mapping[str, Any]) -> None:
        """It was taken."""
        mark = _mark(body)
        if mark is None:
            return
        self._taken[mark] = None
        if len(self._taken) > self._most:
            self._taken.popitem(last=False)


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
