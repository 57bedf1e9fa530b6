"""One bot, as far as what people want of it goes: what was seen of each wish in its run, and what is under way."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from bot_integration import CommandResult, Outcome, Snapshot
from chatops.desired.judging import Look, Sighting, Tries, Verdict, judge
from chatops.desired.store import Unfinished
from chatops.notices.happenings import Restarted
from chatops.restraints import Wish, holds


@dataclass(frozen=True, slots=True)
class Resumed:
    """Another gateway took a wish back; that the bot does so too may not be seen yet."""

    by: str
    command: UUID
    ask: UUID
    at: float


@dataclass(slots=True)
class Watched:
    """What is known of one bot. It changes only between two waits of the steward."""

    name: str
    seen: dict[str, Sighting] = field(default_factory=dict)
    #: Whether the store has all of `seen`.
    is_kept: bool = True
    cut_off: list[Unfinished] = field(default_factory=list)
    session: UUID | None = None
    missing_since: dict[str, float] = field(default_factory=dict)
    tries: dict[str, Tries] = field(default_factory=dict)
    #: What could not be asserted in this run, and was told so.
    told_failed: set[str] = field(default_factory=set)
    resumed: dict[str, Resumed] = field(default_factory=dict)
    #: What asserts now, and the commands that were begun and have no end yet.
    task: "asyncio.Task[None] | None" = None
    begun: dict[UUID, Wish] = field(default_factory=dict)
    #: The news of a restart that is told together with what is done about it.
    restarted: Restarted | None = None
    #: The run of which the restart was told.
    told_restart: UUID | None = None
    #: What was asserted and waits, until this moment, for the news of the restart.
    untold: tuple[tuple[Wish, ...], float] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_busy(self) -> bool:
        """Whether something is being asserted."""
        return self.task is not None and not self.task.done()

    def enter(self, session: UUID) -> None:
        """The bot is in this run now."""
        if session != self.session:
            self.session = session
            self.missing_since.clear()
            self.tries.clear()
            self.told_failed.clear()

    def verdicts(self, wishes: Iterable[Wish], look: Look, tick: float) -> dict[Verdict, list[Wish]]:
        """What this look says of each wish; how long each is missing counts from here on."""
        found: dict[Verdict, list[Wish]] = {verdict: [] for verdict in Verdict}
        for wish in wishes:
            key = wish.what.casefold()
            if holds(look.pause, wish.what):
                self.missing_since.pop(key, None)
                since = tick
            else:
                since = self.missing_since.setdefault(key, tick)
            verdict = judge(
                wish,
                self.seen.get(key),
                look,
                # A clock that was set back makes nothing older.
                missing_for_s=max(0.0, tick - since),
                tries=self.tries.get(key, Tries()),
                tick=tick,
            )
            found[verdict].append(wish)
        return found

    def note_held(self, held: Sequence[Wish], session: UUID) -> tuple[Wish, ...]:
        """These hold in this run; gives those of which it was told that they do not."""
        late = tuple(wish for wish in held if wish.what.casefold() in self.told_failed)
        for wish in held:
            self.note(wish, session, held=True)
        self.told_failed -= {wish.what.casefold() for wish in late}
        return late

    def note(self, wish: Wish, session: UUID, **facts: bool) -> None:
        """This was seen of a wish in this run."""
        sighting = Sighting(wish.ask, session, **facts)
        key = wish.what.casefold()
        if self.seen.get(key) != sighting:
            self.seen[key] = sighting
            self.is_kept = False

    def forget_all_but(self, wishes: Iterable[Wish]) -> None:
        """Of what nobody wants any more nothing is kept."""
        wanted = {wish.what.casefold() for wish in wishes}
        for key in [key for key in self.seen if key not in wanted]:
            del self.seen[key]
            self.is_kept = False


def look_at(facts: Snapshot) -> Look:
    """As far as it matters here."""
    return Look(facts.session_id, facts.seq, facts.session.pause)


def is_over(result: CommandResult) -> bool:
    """Whether the bot itself ended it: asked again it would answer the same."""
    did = result.outcome in (Outcome.DONE, Outcome.PARTIAL)
    return did or (result.started_at is not None and result.outcome is not Outcome.UNKNOWN)
