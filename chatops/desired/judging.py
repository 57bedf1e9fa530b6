"""What is to be done about one wish, from what was seen of its bot. Pure: what waits for something is `steward.py`."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bot_integration import Outcome, PauseState
from chatops.restraints import Wish, holds

#: So long it may be gone before it is called gone: an answer, or the word that another gateway resumed it, may be on
#: its way behind the facts.
SETTLES_S = 10.0
#: Before another try to assert it; doubled each time.
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 60.0
#: So often a bot that does not answer is asked, until it says something new.
MOST_TRIES = 10


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is kept of a wish in one run of its bot."""

    ask: UUID
    session: UUID
    #: It was held there once: seen, or asserted.
    held: bool = False
    #: That it is gone since was told.
    told: bool = False
    #: The bot refused it, and would again.
    refused: bool = False

    def is_of(self, wish: Wish, session: UUID) -> bool:
        """Whether it is of this wish, in this run."""
        return self.ask == wish.ask and self.session == session


@dataclass(frozen=True, slots=True)
class Tries:
    """How often it was tried to assert it in this run of the bot, and not known to have come about."""

    count: int = 0
    #: Not before this moment again; seconds of a clock that only grows.
    not_before: float = 0.0
    #: The facts that the bot had given by then.
    seq: int = -1

    def failed(self, tick: float, seq: int) -> "Tries":
        """One more."""
        wait = min(FIRST_RETRY_S * 2.0**self.count, LONGEST_RETRY_S)
        return Tries(min(self.count + 1, MOST_TRIES), tick + wait, seq)

    def may(self, tick: float, seq: int) -> bool:
        """Whether it may be tried now."""
        return tick >= self.not_before and (self.count < MOST_TRIES or seq != self.seq)


class Verdict(StrEnum):
    """What one look at a bot says of a wish."""

    #: The bot does as people asked.
    HELD = "held"
    #: It does not, and nothing is to be done: yet, or any more.
    LEFT = "left"
    #: It does not, since it was started anew or never took it: it is told to.
    ASSERT = "assert"
    #: It did, and in the same run does no more: that is for people to judge.
    DRIFTED = "drifted"


@dataclass(frozen=True, slots=True)
class Look:
    """A bot's facts, as far as they matter here."""

    session: UUID
    seq: int
    pause: PauseState


def judge(
    wish: Wish, sighting: Sighting | None, look: Look, *, missing_for_s: float, tries: Tries, tick: float
) -> Verdict:
    """What is to be done about a wish. `missing_for_s` is how long it has been missing in this run of the bot."""
    if holds(look.pause, wish.what):
        return Verdict.HELD
    known = sighting if sighting is not None and sighting.is_of(wish, look.session) else None
    is_asked_of_it = wish.session == look.session
    if known is not None and (known.told or known.refused):
        return Verdict.LEFT
    if wish.outcome is None and (is_asked_of_it or missing_for_s < SETTLES_S):
        # Whoever settles it finds out first, and sends it on.
        return Verdict.LEFT
    was_held = known is not None and known.held
    said_so = is_asked_of_it and wish.outcome is not Outcome.UNKNOWN
    if (was_held or is_asked_of_it) and missing_for_s < SETTLES_S:
        return Verdict.LEFT
    if was_held or said_so:
        return Verdict.DRIFTED
    return Verdict.ASSERT if tries.may(tick, look.seq) else Verdict.LEFT
