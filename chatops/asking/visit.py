"""One text, press or form on its way through."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from chatops.asks import Ask
from chatops.commands.registry import Asking, Reply
from chatops.guard.audit import Asked, storable
from chatops.messages import Receipt
from chatops.people import Principal
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Visit:
    """Who came, and when by `perf_counter`; of an act that somebody else let go on, who asked for it."""

    person: Principal
    asking: Asking
    began: float
    #: The update that is handled with the first record.
    receipt: Receipt | None = None
    #: The message that an answer takes the place of: the one under which a button was pressed.
    replaces: str | None = None
    #: Whether they asked for the answer to be for them alone.
    is_private: bool = False
    #: Whether the answer is for them alone, in the room where they asked.
    is_alone: bool = False
    #: Where the answer goes, where that is not the room where they asked.
    answer_in: Room | None = None
    #: The room where they asked, where the ask goes on in another.
    asked_in: Room | None = None

    @property
    def room(self) -> Room:
        """Where it is answered."""
        return self.answer_in or self.asking.room

    @property
    def place(self) -> dict[str, str]:
        """The room where they asked, for the record, where the row of the ask does not tell it."""
        return {} if self.asked_in is None else {"asked_in": self.asked_in.key}

    def asked(self, ask: Ask) -> Asked:
        """The ask as a row of the log."""
        return self.said(ask.word, ask.arguments, ask.moves, bot_of(ask))

    def said(self, word: str, arguments: Mapping[str, Any], risk: str | None = None, bot: str | None = None) -> Asked:
        """What was said as a row of the log, where it made no ask."""
        asking = self.asking
        return Asked(
            id=asking.command_id,
            at=asking.at,
            platform=asking.room.platform,
            principal=self.person.name,
            sender_id=str(asking.sender),
            room=asking.room.key,
            bot=bot,
            word=word,
            arguments=arguments,
            risk=risk,
            correlation_id=asking.command_id.hex[-12:],
        )

    def ending(self, reply: Reply) -> dict[str, Any]:
        """The last step of an ask, as it is recorded."""
        apart = {bot: str(outcome) for bot, outcome in reply.ends.items()}
        return {
            **({"outcomes": apart} if len(apart) > 1 else {}),
            "outcome": None if reply.outcome is None else str(reply.outcome),
            "answer": storable(reply.message.title),
            "latency_ms": round((perf_counter() - self.began) * 1_000, 3),
        }


def bot_of(ask: Ask) -> str | None:
    """The bot that an ask names."""
    return getattr(ask, "bot", "") or None
