"""The facts that a bot pushes over a socket, with what a simple one leaves out filled in."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from pydantic import ValidationError

from bot_integration.control.acquaintance import Acquaintance
from bot_integration.control.errors import NotUnderstood
from bot_integration.control.wire import describe
from bot_integration.state import Snapshot


class SocketFacts:
    """Reads the states of one connection. Money it cannot fill in: `portfolio.equity` the bot has to say."""

    def __init__(self, bot: Acquaintance, where: str, now: Callable[[], datetime], numbers: Iterator[int]) -> None:
        """`numbers` rise, and go on rising over the connections of one line."""
        self._bot = bot
        self._where = where
        self._now = now
        self._began = now()
        self._session_id = uuid4()
        self._numbers = numbers

    def read(self, state: object) -> Snapshot:
        """The snapshot. Raises `NotUnderstood` with what does not fit, `WrongBot` where it is another's."""
        if not isinstance(state, dict):
            raise NotUnderstood(f"what {self._bot} says of itself is no object")
        session = state.get("session")
        given = {
            "bot": self._bot.name or self._where,
            "session_id": self._session_of(session),
            "seq": next(self._numbers),
            "at": self._now(),
            **state,
        }
        if isinstance(session, dict):
            given["session"] = {"started_at": self._began, **session}
        try:
            return self._bot.check(Snapshot.model_validate(given))
        except ValidationError as error:
            raise NotUnderstood(f"the state of {self._bot} does not fit: {describe(error)}") from error

    def _session_of(self, session: object) -> UUID:
        """One a run of the bot where it says when it began; else one a connection."""
        began = session.get("started_at") if isinstance(session, Mapping) else None
        return self._session_id if began is None else uuid5(NAMESPACE_OID, f"{self._bot} {began}")


def said(event: object, now: datetime) -> dict[str, Any]:
    """An event of a bot as a line of a timeline; a simple bot gives a message, or not even that in the right place."""
    given = event if isinstance(event, dict) else {"message": str(event)}
    return {"at": now, "category": "info", **{name: given[name] for name in given.keys() & _OF_EVENT}}


_OF_EVENT = {"at", "category", "message", "data", "extra"}
