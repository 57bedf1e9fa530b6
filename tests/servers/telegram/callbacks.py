"""Presses that wait for their answer, and the answers given."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.servers.telegram.errors import bad_request
from tests.servers.telegram.limits import CALLBACK_ANSWER_CHARS
from tests.servers.telegram.texts import Text, UnlistedText


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a person saw after a press: a toast, or a box where `show_alert`."""

    query_id: str
    text: str
    show_alert: bool
    url: str
    at: float


class CallbackQueries:
    """Each press may be answered once, soon. `now` gives Unix seconds.

    The platform documents no number for "soon"; `window_s` is ours.
    """

    def __init__(self, now: Callable[[], float], window_s: float) -> None:
        self.answers: list[CallbackAnswer] = []
        self._now = now
        self._window_s = window_s
        self._open: dict[str, float] = {}
        self._last = 0

    def ask(self) -> str:
        """A new query's id."""
        self._last += 1
        query_id = f"{4_200_000_000_000_000_000 + self._last}"
        self._open[query_id] = self._now()
        return query_id

    def answer(self, query_id: str, text: str, show_alert: bool, url: str) -> None:
        """Raises `ApiError` where the id is unknown, too old or answered already."""
        asked_at = self._open.get(query_id)
        if asked_at is None or self._now() - asked_at > self._window_s:
            raise bad_request(Text.QUERY_INVALID)
        if len(text) > CALLBACK_ANSWER_CHARS[1]:
            raise bad_request(UnlistedText.ANSWER_TOO_LONG)
        del self._open[query_id]
        self.answers.append(CallbackAnswer(query_id, text, show_alert, url, self._now()))

    def find(self, query_id: str) -> CallbackAnswer | None:
        return next((one for one in reversed(self.answers) if one.query_id == query_id), None)
