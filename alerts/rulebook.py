"""The rules of a desk: each reads a snapshot, none can stop another."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from alerts.distance import Near, near
from alerts.ladder import Limit, limits, worst
from alerts.model import Key, Reading
from alerts.subjects import of_rule
from alerts.terms import DEFAULTS, YES_NO, Terms
from alerts.trend import NO_TRENDS, Trends, followed
from bot_integration import Snapshot

log = logging.getLogger(__name__)

STALE_DATA = "stale_data"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at."""

    snapshot: Snapshot
    #: The one before of this bot, if there was one.
    before: Snapshot | None
    now: datetime
    #: What stands somewhere on its ladder: of these a reading is wanted even where all is well. None: of everything.
    watched: Collection[Key] | None = None
    # The rulebook fills in what follows.
    #: When the snapshot was first read, by the clock of `now`; None: now.
    came_at: datetime | None = None
    #: Every leg of what is held.
    legs: tuple[Near, ...] = ()
    #: Which way each leg's room to liquidation has gone, by subject.
    trends: Trends = field(default_factory=lambda: NO_TRENDS)
    #: What of `watched` is the rule's, and what it is held to.
    subjects: frozenset[str] | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)

    def matter(self, subject: str, metric: str, value: float) -> bool:
        """Whether a reading of this can change anything. A rule may ask before it words one, and leave the rest out."""
        limit = self.limits.get(metric)
        if limit is None or self.subjects is None or subject in self.subjects:
            return True
        # As a negation, so that NaN matters.
        return not (value < limit.value if limit.above else value >= limit.value)


#: A reading for each subject that the rule looks at, also where all is well unless it does not `matter`: an alert falls
#: by readings alone. One that should have a value and has none says None.
Read = Callable[[Facts], Iterable[Reading]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A function that reads snapshots, and the terms that it is held to unless others are set."""

    terms: Terms
    read: Read

    @property
    def name(self) -> str:
        """As it stands in `Key.rule`."""
        return self.terms.rule


def rule(terms: Terms) -> Callable[[Read], Rule]:
    """Make a function a rule: `@rule(Terms("funding_late", …))`."""
    return lambda read: Rule(terms, read)


class Rulebook:
    """Reads every rule that is on. It remembers little: of each leg its trend, of each bot when its newest came."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules: dict[str, Rule] = {}
        self._trends: dict[str, Trends] = {}
        self._newest: dict[str, tuple[tuple[UUID, int, datetime] | None, datetime]] = {}
        for one in rules:
            self.register(one)

    def register(self, one: Rule) -> Rule:
        """Take a rule in; a decorator above `@rule(…)` too. Raises `ValueError` where its name is taken."""
        if one.name in self._rules:
            raise ValueError(f"there is a rule {one.name!r} already: give this one a name of its own")
        self._rules[one.name] = one
        return one

    @property
    def terms(self) -> Mapping[str, Terms]:
        """What each rule is held to unless other terms are set."""
        return {name: one.terms for name, one in self._rules.items()}

    def read(self, facts: Facts, terms: Mapping[str, Terms] | None = None) -> list[Reading]:
        """One reading for each key; rules that these terms turn off are not read.

        A rule that raises, or that finds no value where one should be, is a reading of `stale_data` on `rule/<name>`.
        """
        known = {STALE_DATA: DEFAULTS[STALE_DATA], **self.terms, **(terms or {})}
        snapshot = facts.snapshot
        legs = near(snapshot)
        facts = replace(facts, came_at=self._came(facts), legs=legs, trends=self._follow(snapshot, legs))
        watched = _by_rule(facts.watched, snapshot.bot)
        readings: list[Reading] = []
        for name, one in self._rules.items():
            if known[name].on:
                subjects = None if watched is None else frozenset(watched.get(name, ()))
                found, trouble = _read(one, replace(facts, subjects=subjects, limits=limits(known[name])))
                readings += found
                said = of_rule(name)
                is_watched = watched is None or said in watched.get(STALE_DATA, ())
                if known[STALE_DATA].on and (trouble or is_watched):
                    readings.append(_whether_read(said, name, snapshot.bot, trouble))
        return worst(readings, known)

    def _came(self, facts: Facts) -> datetime:
        """A snapshot that is read again has come when it was first read: its own moment is by another's clock."""
        snapshot, now = facts.snapshot, facts.now
        this = (snapshot.session_id, snapshot.seq, snapshot.at)
        last, came_at = self._newest.get(snapshot.bot, (None, now))
        if last != this or now < came_at:
            came_at = now
        self._newest[snapshot.bot] = (this, came_at)
        return came_at

    def _follow(self, snapshot: Snapshot, legs: tuple[Near, ...]) -> Trends:
        values: dict[str, float | None] = {}
        for one in legs:
            other = values.get(one.subject)
            nearer = other is None or (one.room is not None and one.room < other)
            values[one.subject] = one.room if nearer else other
        trends = self._trends[snapshot.bot] = followed(self._trends.get(snapshot.bot, NO_TRENDS), values, snapshot.at)
        return trends


def _by_rule(watched: Collection[Key] | None, bot: str) -> Mapping[str, list[str]] | None:
    """The subjects of this bot that are watched, by rule."""
    if watched is None:
        return None
    found: dict[str, list[str]] = {}
    for key in watched:
        if key.bot == bot:
            found.setdefault(key.rule, []).append(key.subject)
    return found


def _read(one: Rule, facts: Facts) -> tuple[list[Reading], str]:
    """What it found, and what kept it from finding more."""
    try:
        found = list(one.read(facts))
        missing = [reading for reading in found if _is_missing(reading, one.name)]
    # A rule may be a bot author's: whatever it does, the others are read, and this is told.
    except Exception as error:
        log.exception("rule %s could not read a snapshot of %s", one.name, facts.snapshot.bot)
        return [], f"failed: {type(error).__name__}"
    if not missing:
        return found, ""
    first = missing[0].key.subject
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return found, f"has no value{f' for {first}' if first else ''}{more}"


def _is_missing(reading: Reading, name: str) -> bool:
    """Whether it has no value. Raises where nobody could hold it against a threshold."""
    value = reading.value
    if reading.key.rule != name:
        raise ValueError(f"a reading of the rule {reading.key.rule!r}")
    # NaN is no value, and equals nothing.
    return value is None or value != value + 0.0


def _whether_read(subject: str, name: str, bot: str, trouble: str) -> Reading:
    says = (
        f"the rule {name} {trouble}: it cannot tell whether anything is wrong" if trouble else f"{name} is read again"
    )
    return Reading(Key(STALE_DATA, bot, subject), float(bool(trouble)), YES_NO, says=says)
