"""Whether the people of a platform are heard: since when, if not why, and who has to be told."""

import logging
from collections.abc import Callable
from datetime import datetime

from alerts.durations import span
from chatops.link import Away, Link, away, connected

#: Is told why the desk hears nobody where a person has to mend it, once, and None when it is over.
OnTrouble = Callable[[str | None], None]


class Hearing:
    """Says each thing once; `log` is that of whoever holds the line to `platform`.

    `on_back` is called each time that people are heard again. Neither it nor `on_trouble` may raise.
    """

    def __init__(
        self,
        platform: str,
        log: logging.Logger,
        *,
        now: Callable[[], datetime],
        on_trouble: OnTrouble | None,
        on_back: Callable[[], None] | None,
    ) -> None:
        self._platform = platform
        self._log = log
        self._now = now
        self._on_trouble = on_trouble
        self._on_back = on_back
        self._link: Link = Away(now(), f"{platform.capitalize()} has not answered yet")
        self._trouble: str | None = None
        self._is_lost_said = False

    @property
    def link(self) -> Link:
        """Whether the line holds, since when, and if not why."""
        return self._link

    def held(self, note: str = "") -> None:
        """The platform answered, and what people say reaches us. `note` is what is wrong all the same."""
        if isinstance(self._link, Away):
            self._log.info("%s: connected, after %s", self._platform, span(self._now() - self._link.since))
            self._is_lost_said = False
            if self._on_back is not None:
                self._on_back()
        self._link = connected(self._link, self._now(), note)

    def lost(self, why: str, *, to_mend: bool = False, raw: str = "") -> None:
        """What people say does not reach us. `to_mend`: not before a person does something; `raw` is for the log."""
        # Once, however its reason changes, but for what a person has to mend: that is said with each reason of it.
        if why != self._trouble and (to_mend or not self._is_lost_said):
            self._log.warning("%s: nobody is heard: %s", self._platform, why if raw in why else f"{why} [{raw}]")
            self._is_lost_said = True
        self._link = away(self._link, self._now(), why)
        if to_mend:
            self._tell(why)

    def mended(self) -> None:
        """Nobody has to do anything any more."""
        self._tell(None)

    def _tell(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if self._on_trouble is not None:
            self._on_trouble(trouble)
