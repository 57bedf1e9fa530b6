"""Whom the words of a policy mean now, and who is told instead where there is nobody (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.model import Alert, Target, TargetKind
from alerts.policy import Whom
from alerts.roster import Roster

#: Told for a word that means nobody, the first of these that means somebody.
_INSTEAD: dict[str, tuple[str, ...]] = {
    Whom.ONCALL: (Whom.NEXT, Whom.OPERATORS),
    Whom.NEXT: (Whom.OPERATORS,),
    TargetKind.PERSON: (Whom.ONCALL, Whom.OPERATORS),
    TargetKind.ROOM: (Whom.ROOMS,),
}
#: Told where even those are nobody.
_LAST: tuple[str, ...] = (Whom.ROOMS, Whom.ADMINS)
#: A desk may well have none of these.
_OPTIONAL = frozenset({str(Whom.CHANNELS), str(TargetKind.CHANNEL)})


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told, each once."""

    targets: tuple[Target, ...] = ()
    #: Those among them who are told in place of somebody else, with the word that meant nobody.
    instead: tuple[tuple[Target, str], ...] = ()
    #: Those among them who are told in place of somebody who is there and not reached, with whom.
    unreached: tuple[tuple[Target, Target], ...] = ()
    #: Words that mean nobody, nor do those that stand in for them.
    nobody: tuple[str, ...] = ()


def audience(words: Iterable[str], alert: Alert, roster: Roster, now: datetime) -> Audience:
    """Whom these words mean."""
    targets: dict[Target, None] = {}
    instead: dict[Target, str] = {}
    unreached: dict[Target, Target] = {}
    themselves: set[Target] = set()
    nobody: list[str] = []
    for word in words:
        meant = roster.targets(word, alert, now)
        others_for = roster.standing_in(word, alert, now)
        unreached |= others_for
        themselves |= set(meant) - set(others_for)
        targets |= dict.fromkeys(meant)
        kind = word.partition(":")[0]
        if meant or kind in _OPTIONAL:
            continue
        others = _first(_INSTEAD.get(kind, ()), alert, roster, now)
        if not others:
            nobody.append(word)
            others = tuple(one for last in _LAST for one in roster.targets(last, alert, now))
        instead |= dict.fromkeys(others, word)
    standing_in = {one: word for one, word in instead.items() if one not in targets}
    away = {one: lost for one, lost in unreached.items() if one not in themselves}
    return Audience((*targets, *standing_in), tuple(standing_in.items()), tuple(away.items()), tuple(nobody))


def _first(words: Iterable[str], alert: Alert, roster: Roster, now: datetime) -> tuple[Target, ...]:
    return next((found for word in words if (found := roster.targets(word, alert, now))), ())


def may_be_told(target: Target, alert: Alert, roster: Roster, now: datetime) -> bool:
    """Whether it still stands where it stood: a person may have been revoked since."""
    return target in roster.targets(str(target), alert, now)
