"""What people asked to hold a bot back with, and whether a bot is held back so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from bot_integration import Outcome, PauseState
from chatops.room import Room

#: What is asked for beside the scopes of a pause. No scope is called so: a venue's name has no such space.
KILL_SWITCH: Final = "kill switch"
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Wish:
    """A pause of one scope, or the kill switch, that people want on one bot until a person takes it back."""

    bot: str
    #: A scope as the bot spells it, or `KILL_SWITCH`.
    what: str
    by: str
    at: datetime
    #: The ask that it came by, and where that was asked.
    ask: UUID
    room: Room
    reason: str = ""
    #: The run of the bot that it was asked of; None where that was not known.
    session: UUID | None = None
    #: How the ask ended on this bot; None while that is being found out.
    outcome: Outcome | None = Outcome.DONE

    @property
    def is_kill(self) -> bool:
        """Whether it is the kill switch."""
        return self.what == KILL_SWITCH


#: By what is wanted, folded.
Wishes = dict[str, Wish]
#: By bot, of those of which anything is wanted.
WishesOf = Mapping[str, Sequence[Wish]]
NO_WISHES: Final[WishesOf] = MappingProxyType({})


def in_order(wishes: Wishes) -> tuple[Wish, ...]:
    """The oldest first."""
    return tuple(sorted(wishes.values(), key=lambda wish: (wish.at, wish.what)))


def holds(pause: PauseState, what: str) -> bool:
    """Whether a bot in this state is held back so, by whomever. A pause of all is a pause of every scope."""
    if what == KILL_SWITCH:
        return pause.kill_switch
    if not pause.paused:
        return False
    if not pause.scopes:
        # A bot without scopes is paused as a whole; but for a breaker's pause nobody asked, and it goes by itself.
        return not pause.active_breakers
    scopes = {scope.casefold() for scope in pause.scopes}
    return ALL in scopes or what.casefold() in scopes


def missing(pause: PauseState, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
    """Those of these wishes that a bot in this state does not fulfil."""
    return tuple(wish for wish in wishes if not holds(pause, wish.what))
