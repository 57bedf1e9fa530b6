"""What is owed to the app: an event, a command, something pressed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The platform's words for what an envelope carries."""

    EVENT = "events_api"
    COMMAND = "slash_commands"
    INTERACTION = "interactive"


class NotTaken(Exception):
    """The app did not acknowledge; `reason` is the platform's word, `again` whether an event is sent once more."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


@dataclass(slots=True)
class Delivery:
    """One thing that the app is told, and what became of it. `tries` counts how often it was sent.

    `is_acked` within the time that the platform gives; `answer` is what came with the acknowledgement; `trouble`
    the reason why there is none. A person sees an error then, unless it was an event.
    """

    kind: Kind
    payload: Mapping[str, Any]
    #: Whether what comes with the acknowledgement is used.
    accepts_answer: bool = False
    tries: int = 0
    is_acked: bool = False
    answer: Any = None
    trouble: str = ""
    #: HTTP statuses, where it went over HTTP.
    statuses: list[int] = field(default_factory=list)
    #: Over HTTP: the last request as it was sent, for a replay.
    sent: tuple[dict[str, str], bytes] | None = field(default=None, repr=False)
    done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def again(self) -> "Delivery":
        """The same, to be handed over once more."""
        return Delivery(self.kind, self.payload, self.accepts_answer, tries=self.tries)

    @property
    def event_type(self) -> str:
        """Of an event, what happened; else what kind of interaction or command it is."""
        inner = self.payload.get("event", self.payload)
        return str(inner.get("type", inner.get("command", "")))
