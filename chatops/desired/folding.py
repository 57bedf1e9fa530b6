"""What people want of each bot, as it follows from what they asked and what came of that. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bot_integration import Outcome
from chatops.people import THE_DESK
from chatops.restraints import ALL, KILL_SWITCH, Wish, Wishes
from chatops.room import Room

#: The words that hold a bot back, or let it go.
WORDS = frozenset({"pause", "resume", "kill", "stop"})
#: What holds counts where it may have come about; what lets go only where it did.
_MAY_HOLD = frozenset({Outcome.DONE, Outcome.PARTIAL, Outcome.UNKNOWN, None})
_LETS_GO = frozenset({Outcome.DONE, Outcome.PARTIAL})


@dataclass(frozen=True, slots=True)
class Asked:
    """An ask with one of these words that was begun, and how it ended on each bot that it went to."""

    id: UUID
    at: datetime
    by: str
    room: Room
    word: str
    arguments: Mapping[str, Any]
    #: The bots, each with its run then; None of one that was not heard yet.
    runs: Mapping[str, UUID | None]
    #: None while that is not known.
    outcomes: Mapping[str, Outcome | None] = field(default_factory=dict)
    #: How it ended was learnt long after it did: what was asked since then stays.
    is_late: bool = False


def runs_of(began: Mapping[str, Any]) -> dict[str, UUID | None]:
    """The bots that an ask went to, as its step `running` names them, each with its run then."""
    runs = began.get("sessions")
    if runs is None:
        runs = {began["bot"]: began.get("session")} if began.get("bot") else {}
    return {bot: UUID(run) if run else None for bot, run in runs.items()}


#: Of every bot, by name.
Everything = dict[str, Wishes]


def fold(asked: Iterable[Asked]) -> Everything:
    """What follows from all of these, in the order in which they came to where they stand."""
    wanted: Everything = {}
    for one in asked:
        take(wanted, one)
    return wanted


def take(wanted: Everything, asked: Asked) -> None:
    """Let this ask count."""
    if asked.word not in WORDS:
        return
    for bot, session in asked.runs.items():
        wishes = wanted.setdefault(bot, {})
        outcome = asked.outcomes.get(bot)
        if not lets_go(asked):
            wish = _wish(asked, bot, session, outcome)
            if not asked.is_late or _stands(wishes, wish):
                _hold(wishes, wish)
        elif outcome in _LETS_GO:
            for wish in covered(wishes, what_of(asked)):
                if not asked.is_late or wish.at <= asked.at:
                    del wishes[wish.what.casefold()]


def _stands(wishes: Wishes, wish: Wish) -> bool:
    before = wishes.get(wish.what.casefold())
    return before is not None and before.ask == wish.ask


def _hold(wishes: Wishes, wish: Wish) -> None:
    if wish.by == THE_DESK:
        # The desk asserts what people asked: that is no wish of its own.
        return
    key = wish.what.casefold()
    before = wishes.get(key)
    if wish.outcome not in _MAY_HOLD:
        # It was refused, or surely failed. Another one that asked for the same stays.
        if before is not None and before.ask == wish.ask:
            del wishes[key]
    elif before is None or before.ask == wish.ask or wish.outcome is not None:
        # What is not known to have come about does not stand in for what is.
        wishes[key] = wish


def covered(wishes: Wishes, what: str) -> list[Wish]:
    """What is wanted no more when this is let go: of a pause of all every scope, but never the kill switch."""
    if what.casefold() == ALL:
        return [wish for wish in wishes.values() if not wish.is_kill]
    found = wishes.get(what.casefold())
    return [] if found is None else [found]


def lets_go(asked: Asked) -> bool:
    """Whether it takes something back."""
    return asked.word == "resume" or (asked.word == "kill" and asked.arguments.get("switch") == "off")


def what_of(asked: Asked) -> str:
    """The scope that it is about, or the kill switch."""
    if asked.word == "kill":
        return KILL_SWITCH
    return ALL if asked.word == "stop" else str(asked.arguments.get("scope") or ALL)


def _wish(asked: Asked, bot: str, session: UUID | None, outcome: Outcome | None) -> Wish:
    wish = Wish(
        bot,
        what_of(asked),
        asked.by,
        asked.at,
        asked.id,
        asked.room,
        str(asked.arguments.get("reason") or ""),
        session,
        outcome,
    )
    if asked.word == "stop" and outcome in (Outcome.REFUSED, Outcome.FAILED):
        # It pauses before it closes, and what became of the pause is not said: it may well hold.
        return replace(wish, outcome=Outcome.UNKNOWN)
    return wish
