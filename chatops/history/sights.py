"""Two looks at a bot, put side by side: which position is which, and what counts from nothing again (pure)."""

from dataclasses import dataclass

from bot_integration import Position, PositionStage, Snapshot
from bot_integration.position import Leg, Pnl

NOTHING = Pnl()


@dataclass(frozen=True, slots=True)
class Sight:
    """A position as it was, and as it is."""

    #: None where it was not there.
    was: Position | None
    now: Position
    #: What its figures count from.
    since: Pnl
    since_legs: tuple[Leg, ...]

    @property
    def has_closed(self) -> bool:
        """Whether it was closed between the two."""
        if self.now.stage is not PositionStage.CLOSED:
            return False
        return self.was is None or self.was.stage is not PositionStage.CLOSED


@dataclass(frozen=True, slots=True)
class Sights:
    """What made money or came to another stage, and what is gone without having been seen closed."""

    #: Without those of which only prices are others.
    here: tuple[Sight, ...]
    gone: tuple[Position, ...]
    #: Whether the portfolio's profit counts from nothing since.
    anew: bool
    #: Whether the bot was started in between.
    other_run: bool = False


def sights(before: Snapshot | None, after: Snapshot) -> Sights:
    """Side by side. Without a `before` all there is counts from nothing.

    Within a run of the bot an id is one position until that is closed; in another run it is the same one if it was
    opened at the same moment.
    """
    if before is None:
        return Sights(tuple(Sight(None, one, NOTHING, ()) for one in after.positions), (), anew=True)
    other_run = before.session_id != after.session_id
    if not other_run and (changed := _changed(before.positions, after.positions)) is not None:
        return Sights(changed, (), counts_anew(before, after))
    held = {one.id: one for one in before.positions}
    here = []
    for position in after.positions:
        was = held.get(position.id)
        if was is None or not _is_same(was, position, other_run=other_run):
            here.append(Sight(None, position, NOTHING, ()))
            continue
        del held[position.id]
        if other_run and _is_less(was.pnl, position.pnl):
            here.append(Sight(was, position, NOTHING, ()))
        else:
            here.append(Sight(was, position, was.pnl, (*was.legs, *was.closed_legs)))
    gone = tuple(one for one in held.values() if one.stage is not PositionStage.CLOSED)
    return Sights(tuple(here), gone, counts_anew(before, after), other_run)


def _changed(before: tuple[Position, ...], after: tuple[Position, ...]) -> tuple[Sight, ...] | None:
    """Of positions that are the same and in the same order; None where they are not. Run for every snapshot."""
    if len(before) != len(after):
        return None
    found = []
    for was, now in zip(before, after, strict=True):
        if was is now:
            continue
        if was.id != now.id:
            return None
        if was.stage is now.stage and _is_alike(was, now):
            continue
        if not _is_same(was, now, other_run=False):
            return None
        found.append(Sight(was, now, was.pnl, (*was.legs, *was.closed_legs)))
    return tuple(found)


def _is_alike(was: Position, now: Position) -> bool:
    then, pnl = was.pnl, now.pnl
    if then.funding != pnl.funding or then.realized != pnl.realized or then.fees != pnl.fees:
        return False
    if len(was.legs) != len(now.legs) or len(was.closed_legs) != len(now.closed_legs):
        return False
    # What legs were paid may add up to nothing.
    for one, leg in zip(was.legs, now.legs, strict=True):
        if one is leg:
            continue
        if one.funding != leg.funding or one.venue != leg.venue or one.funding_expected != leg.funding_expected:
            return False
    return True


def counts_anew(before: Snapshot, after: Snapshot) -> bool:
    """Whether the portfolio's profit was begun from nothing between the two."""
    since = after.portfolio.pnl_since
    if since is not None:
        return since != before.portfolio.pnl_since and since > before.at
    return before.session_id != after.session_id and _is_less(before.portfolio.pnl, after.portfolio.pnl)


def _is_same(was: Position, now: Position, *, other_run: bool) -> bool:
    if other_run:
        return was.opened_at == now.opened_at
    return now.stage is PositionStage.CLOSED or was.stage is not PositionStage.CLOSED


def _is_less(was: Pnl, now: Pnl) -> bool:
    # Fees only grow, but for a rebate now and then: where not half of them is left, others are counted.
    return abs(now.fees) < abs(was.fees) / 2
