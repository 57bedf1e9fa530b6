"""Which code answers which ask."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, TypeVar
from uuid import UUID

from bot_integration import Outcome
from chatops.asks import Ask
from chatops.fleet import Fleet
from chatops.messages import Message
from chatops.people import Identity, Principal
from chatops.room import Room

AskT = TypeVar("AskT", bound=Ask)


#: Shows on the card how far an act has come. It never raises; what comes too fast is left out.
Progress = Callable[[Message], Coroutine[Any, Any, None]]


async def _unseen(message: Message) -> None:
    """Where there is no card."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, where and when: all that an answer may depend on besides the ask."""

    person: Principal
    sender: Identity
    room: Room
    at: datetime
    #: The id in the command log, and of the command that a bot gets.
    command_id: UUID
    #: The bots that this person may ask about. An answer looks at no other fleet.
    fleet: Fleet
    #: By a button, whose message the answer takes the place of.
    pressed: bool = False
    progress: Progress = field(default=_unseen, compare=False, repr=False)
    #: The room of the thread in which they ask, where that is one: None where a topic is a room of its own.
    around: Room | None = None

    @property
    def home(self) -> Room:
        """The room that choices made here are for."""
        return self.around or self.room


@dataclass(frozen=True, slots=True)
class Reply:
    """What is shown, and how it ended."""

    message: Message
    #: None where nothing was done yet: a choice was offered.
    outcome: Outcome | None = Outcome.DONE
    #: How it ended on each bot, where it went to several.
    ends: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is shown before an act. `ask` is what confirming it makes: with every choice made."""

    ask: Ask
    message: Message
    #: What it would do, for the log.
    preview: Mapping[str, Any] = field(default_factory=dict)


class NotHeard(Exception):
    """Raised by an answer to somebody who did not prove who they are: on record as denied, for this reason.

    Without a `message` they get silence: why, they were told before.
    """

    def __init__(self, reason: str, message: Message | None = None) -> None:
        super().__init__(reason)
        self.message = message


#: In whose zone somebody means a time of the day.
ZoneOf = Callable[[Asking], tzinfo]
Answering = Callable[[AskT, Asking], Coroutine[Any, Any, Reply]]
Questioning = Callable[[AskT, Asking], Coroutine[Any, Any, Question | Reply]]


@dataclass(frozen=True, slots=True)
class Entry:
    """How one ask is answered, and asked twice where it is."""

    answer: Answering[Any]
    question: Questioning[Any] | None = None


class Registry:
    """Every ask with what answers it."""

    def __init__(self) -> None:
        self._entries: dict[type[Ask], Entry] = {}

    def on(
        self,
        kind: type[AskT],
        answer: Answering[AskT],
        question: Questioning[AskT] | None = None,
    ) -> None:
        """Answer this kind of ask so. What asks twice must say what it asks.

        Raises `ValueError` where it has an answer, or no question though it confirms.
        """
        if kind in self._entries:
            raise ValueError(f"/{kind.word} has an answer already")
        if kind.confirm and question is None:
            raise ValueError(f"/{kind.word} confirms, and needs a question")
        self._entries[kind] = Entry(answer, question)

    def entry(self, ask: Ask) -> Entry:
        """How this ask is answered. Raises `KeyError` where nobody does: `missing` tells before the start."""
        found = self._entries.get(type(ask))
        if found is not None:
            return found
        # The words of bot authors are answered as the class that all of them are made from.
        for base in type(ask).__mro__:
            if base in self._entries:
                return self._entries[base]
        raise KeyError(ask.word)

    def missing(self, kinds: tuple[type[Ask], ...]) -> tuple[type[Ask], ...]:
        """The asks that nobody answers."""
        return tuple(kind for kind in kinds if kind not in self._entries and not kind.hidden)
