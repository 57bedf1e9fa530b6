"""One turn of the bot's loop: walk the market, settle, judge what is held, and take what is worth taking."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot_integration.paper import exits
from bot_integration.paper.breakers import Vitals
from bot_integration.paper.desk import Desk
from bot_integration.paper.exchange import OrderFailed, in_lots
from bot_integration.paper.market import Step
from bot_integration.paper.orders import Orders
from bot_integration.paper.position import HeldPosition
from bot_integration.paper.strategy import Candidate, Room, candidates, expected_usd, size_usd
from bot_integration.position import PositionStage
from bot_integration.state import Decision, EventCategory

#: Decisions that a snapshot tells.
DECISIONS_TOLD = 12
#: More payments of funding at one moment are one line: the timeline is short.
TOLD_ONE_BY_ONE = 8


class Engine:
    """The loop's body. Nothing in here waits."""

    def __init__(self, desk: Desk, orders: Orders, timer: Callable[[], float]) -> None:
        """`timer` counts seconds, from any start."""
        self._desk = desk
        self._orders = orders
        self._timer = timer
        self._decisions: list[Decision] = []

    def turn(self, to: datetime) -> None:
        """Walk the market to this moment of its own time, act, and publish."""
        began = self._timer()
        desk = self._desk
        desk.cycle.number += 1
        self._decisions = []
        for held in tuple(desk.book.positions.values()):
            if held.stage is PositionStage.CLOSED:
                desk.book.drop(held.id)
        ended = desk.step.ended
        for step in desk.market.advance(to):
            self._follow(step)
        if desk.step.ended and not ended:
            desk.say(EventCategory.INFO, "The market's data ends here; prices stay as they are.")
        desk.assess()
        self._judge()
        self._trip()
        self._enter()
        desk.cycle.quotes = sum(instrument.venue not in desk.step.down for instrument in desk.step.quotes)
        desk.cycle.quotes_total += desk.cycle.quotes
        desk.cycle.decisions = tuple(self._decisions[:DECISIONS_TOLD])
        desk.cycle.duration_ms = (self._timer() - began) * 1000
        desk.publish()

    # ------------------------------------------------------------------- the market

    def _follow(self, step: Step) -> None:
        desk = self._desk
        self._tell_funding(desk.book.settle(step, desk.settings.borrow_rate_year))
        fee = desk.settings.liquidation_fee_bps * Decimal("1e-4")
        for taken in desk.book.liquidate(step.quotes, fee):
            where = taken.leg.instrument
            desk.say(
                EventCategory.WARNING,
                f"{where.venue} liquidated the {where.label} leg of {taken.position} at {taken.price:.2f}",
                position=taken.position,
            )
            held = desk.book.positions[taken.position]
            if not held.legs:
                self._orders.settle_stage(held.id, "liquidated")
        if step.at.date() != desk.day:
            desk.day, desk.day_equity = step.at.date(), desk.book.equity(step.quotes)

    def _tell_funding(self, paid: dict[str, Decimal]) -> None:
        desk = self._desk
        if len(paid) > TOLD_ONE_BY_ONE:
            desk.say(
                EventCategory.INFO,
                f"Funding {sum(paid.values()):+.2f} USD for {len(paid)} positions",
                funding={held_id: float(amount) for held_id, amount in paid.items()},
            )
            return
        for held_id, amount in paid.items():
            desk.say(
                EventCategory.INFO, f"{held_id}: funding {amount:+.2f} USD", position=held_id, funding=float(amount)
            )

    # ------------------------------------------------------------------ what is held

    def _judge(self) -> None:
        desk = self._desk
        for before in desk.held:
            if before.stage is not PositionStage.OPEN:
                continue
            held = self._update(before)
            found = exits.reasons(held, desk.worths[held.id], desk.step.at, desk.settings)
            if not found:
                self._balance(held)
                continue
            venues = tuple(leg.instrument.venue for leg in held.legs)
            forbidden = desk.restraint.forbids_exit(venues)
            if held.hold is not None:
                self._decide(f"hold {held.id}", f"{held.hold.by} overruled: {found[0]}")
            elif forbidden is not None:
                self._decide(f"keep {held.id}", f"{found[0]}, but {forbidden}")
            elif held.retry_after > desk.cycle.number:
                self._decide(f"keep {held.id}", f"{found[0]}; a venue failed, trying again soon")
            else:
                self._decide(f"close {held.id}", found[0])
                if self._orders.close(held.id, found[0]):
                    self._orders.succeeded()

    def _update(self, held: HeldPosition) -> HeldPosition:
        desk = self._desk
        since = exits.flipped_since(held, desk.worths[held.id], desk.step.at)
        hold = held.hold
        if hold is not None and hold.until is not None and desk.now() >= hold.until:
            desk.say(EventCategory.INFO, f"{held.id}: the hold of {hold.by} has ended", position=held.id)
            hold = None
        if since != held.flipped_since or hold is not held.hold:
            held = replace(held, flipped_since=since, hold=hold)
            desk.book.put(held)
        return held

    def _balance(self, held: HeldPosition) -> None:
        """Bring legs of unequal size back by reducing the larger."""
        desk = self._desk
        excess = excess_size(held, desk.settings.rebalance_delta_pct)
        if excess is None or held.retry_after > desk.cycle.number:
            return
        leg = max(held.legs, key=lambda one: one.size)
        forbidden = desk.restraint.forbids_exit(tuple(one.instrument.venue for one in held.legs))
        if forbidden is not None:
            self._decide(f"leave {held.id} unbalanced", forbidden)
            return
        self._decide(f"rebalance {held.id}", f"{leg.instrument.venue} is {excess} too large")
        self._orders.enter(held.id, PositionStage.REBALANCING)
        try:
            self._orders.reduce(held.id, leg.instrument, excess)
        except OrderFailed as error:
            desk.say(EventCategory.WARNING, f"{held.id} not rebalanced: {error}", position=held.id)
        self._orders.settle_stage(held.id, "rebalanced")

    def _trip(self) -> None:
        desk = self._desk
        before = desk.breakers.tripped
        desk.breakers = desk.breakers.observe(vitals(desk), desk.settings)
        for name, cause in desk.breakers.tripped.items():
            if name not in before:
                desk.say(EventCategory.WARNING, f"Breaker {name} tripped: {cause}", breaker=name)

    # -------------------------------------------------------------- what is to be had

    def _enter(self) -> None:
        desk = self._desk
        found = candidates(desk.step, desk.settings, desk.interest)
        reached = [one for one in found if one.net_rate >= one.threshold]
        desk.cycle.opportunities = len(reached)
        desk.cycle.near_opportunities = len(found) - len(reached)
        blocked = desk.restraint.forbids_entry()
        if blocked is None and desk.breakers.tripped:
            blocked = f"breaker {next(iter(desk.breakers.tripped))} has tripped"
        if blocked is not None:
            self._decide("open nothing", blocked)
            return
        now_held = desk.held
        of_asset = Counter((one.lane, one.asset) for one in now_held)
        gross = sum((one.gross for one in desk.worths.values()), Decimal(0))
        room = Room(desk.settings.max_positions - len(now_held), desk.settings.max_exposure_usd - gross, desk.book.cash)
        for candidate in reached:
            free = of_asset[candidate.lane, candidate.asset] < desk.settings.max_per_asset
            # One a cycle: the next one sees the book with this one in it.
            if free and self._take(candidate, room):
                break
        for candidate in found[len(reached) :]:
            self._decide(f"pass {candidate.label}", candidate.reason)

    def _take(self, candidate: Candidate, room: Room) -> bool:
        """Whether it was tried."""
        desk = self._desk
        refusal = self._refusal(candidate)
        usd, bound = size_usd(candidate, room, desk.settings)
        if refusal is None and usd <= 0:
            refusal = bound
        if refusal is None and expected_usd(candidate, usd, desk.settings) <= 0:
            refusal = "fees take more than it earns"
        if refusal is not None:
            self._decide(f"skip {candidate.label}", refusal)
            return False
        self._decide(f"open {candidate.label}", f"{candidate.reason}; {usd:.0f} USD by {bound}")
        self._orders.open(candidate, usd)
        return True

    def _refusal(self, candidate: Candidate) -> str | None:
        desk = self._desk
        until = desk.cooldowns.get((candidate.lane, candidate.asset))
        if until is not None and until > desk.step.at:
            return f"cools down until {until:%d %H:%M} of the market"
        return desk.restraint.forbids_entry(tuple(one.venue for one in candidate.pair))

    def _decide(self, what: str, reason: str) -> None:
        self._decisions.append(Decision(what=what, reason=reason))


def vitals(desk: Desk) -> Vitals:
    """What the breakers look at, now."""
    return Vitals(desk.step.at, desk.now(), desk.pnl_today(), desk.carry_usd(), desk.failures)


def excess_size(held: HeldPosition, limit_pct: float) -> Decimal | None:
    """By how much the larger leg is too large, in whole lots; None within the limit and with a leg missing."""
    if len(held.legs) != 2:
        return None
    one, other = held.legs
    if one.size == other.size:
        return None
    excess = in_lots(abs(one.size - other.size), one.entry_price)
    return excess if excess and float(excess / max(one.size, other.size)) * 100 > limit_pct else None
