"""Whether others listen as this app: Slack hands what people say to one of its sockets, whosever that is."""

import logging

log = logging.getLogger(__name__)

#: A socket of ours that broke may be counted for a while: whoever finds another one looks again after so long.
FIRST_LOOK_S = 300.0
#: And so often while there is one, to see whether it has gone.
NEXT_LOOK_S = 3600.0

_NOTE = (
    "another program listens as this app, and hears a part of what people say (Slack counts {} sockets, of ours {}): "
    "stop it, or give this desk an app of its own"
)


class Company:
    """Judges by what Slack says at the beginning of each socket. Who was there first learns of it by its next one."""

    def __init__(self) -> None:
        self._note = ""
        self._is_suspected = False

    @property
    def note(self) -> str:
        """What is wrong, and what to do; empty where we are alone, as far as we know."""
        return self._note

    def counted(self, told: object, ours: int, leaving: int = 0) -> float | None:
        """Take in how many sockets the app has (`num_connections`), of which `ours` are ours.

        `leaving` more are ours that Slack has told to go, and may count or not. Gives the seconds after which another
        socket should be opened to see; None where there is nothing to see.
        """
        count = told if isinstance(told, int) else 0
        if count <= ours:
            self._is_suspected = False
            self._alone()
            return None
        if count <= ours + leaving:
            return FIRST_LOOK_S
        if not self._is_suspected:
            self._is_suspected = True
            return FIRST_LOOK_S
        if not self._note:
            log.warning("slack: %s", _NOTE.format(count, ours))
        self._note = _NOTE.format(count, ours)
        return NEXT_LOOK_S

    def _alone(self) -> None:
        if self._note:
            log.info("slack: nobody else listens as this app any more")
        self._note = ""
