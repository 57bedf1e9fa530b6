"""All that is known of what happened around an alert."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.model import Alert
from bot_integration import Leg, Snapshot
from chatops.alert_record import History
from chatops.guard.lookup import AskOnRecord
from chatops.history.rows import Happened, Kept
from chatops.money.spans import Span

#: So long before it began and after it ended.
AROUND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Incident:
    """An alert, and what stands on record around it. Each is in order, the oldest first."""

    history: History
    span: Span
    kept: tuple[Kept, ...]
    happened: tuple[Happened, ...]
    asks: tuple[AskOnRecord, ...]

    @property
    def path(self) -> tuple[tuple[Snapshot, Leg], ...]:
        """The leg that is meant, or the one nearest to its end, in each snapshot that has the position."""
        _, _, venue = self.history.alert.key.subject.partition("/")
        wanted, found = position_of(self.history.alert), []
        for kept in self.kept:
            position = kept.snapshot.position(wanted)
            legs = position.legs if position is not None else ()
            named = [leg for leg in legs if not venue or leg.venue == venue] or list(legs)
            if named:
                found.append((kept.snapshot, min(named, key=_room)))
        return tuple(found)


def position_of(alert: Alert) -> str:
    """The id of the position that an alert is of; of another one it is an id that no position has."""
    return alert.reading.position or alert.key.subject.partition("/")[0]


def told_of(kept: Kept, position_id: str) -> Kept:
    """What an incident tells of a snapshot: a thousand whole ones of many positions take a gigabyte."""
    of = kept.snapshot
    positions = tuple(one for one in of.positions if one.id == position_id)
    rest: dict[str, tuple[()]] = dict.fromkeys(("funding", "venues", "parameters", "timeline", "commands"), ())
    return replace(kept, snapshot=of.model_copy(update={"positions": positions, **rest}))


def span_around(began_at: datetime, resolved_at: datetime | None, now: datetime) -> Span:
    """From before it began until after it ended; of one that stands, until now."""
    end = now if resolved_at is None else min(now, resolved_at + AROUND)
    return Span(began_at - AROUND, max(end, began_at) + datetime.resolution)


def figures_of(leg: Leg) -> Mapping[str, float]:
    """What tells how near to its end a leg is, by its name."""
    said = {"HF": leg.health_factor, "MF": leg.margin_fraction}
    return {name: value for name, value in said.items() if value is not None}


def _room(leg: Leg) -> float:
    return min(figures_of(leg).values(), default=float("inf"))
