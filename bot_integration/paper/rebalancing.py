"""Rebalancing when a person says so: equal sizes again, and every leg back at its leverage."""

from collections.abc import Awaitable, Callable
from decimal import ROUND_DOWN, Decimal

from bot_integration.commands import CommandResult, Fill, Outcome, Rebalance
from bot_integration.controller import BotController
from bot_integration.errors import Refused
from bot_integration.paper.closing import closable, money
from bot_integration.paper.desk import Desk
from bot_integration.paper.engine import excess_size
from bot_integration.paper.exchange import OrderFailed
from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.market import Instrument
from bot_integration.paper.orders import Orders
from bot_integration.position import PositionStage
from bot_integration.state import EventCategory

ZERO = Decimal(0)
#: Of the notional; what is less is left alone.
LEAST_TRANSFER = Decimal("0.005")


class RebalanceHandlers:
    """Rebalance one position."""

    def __init__(self, desk: Desk, orders: Orders, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._desk = desk
        self._orders = orders
        self._sleep = sleep

    def register(self, controller: BotController) -> None:
        """Answer this command from now on."""
        controller.on(Rebalance)(self.rebalance)

    async def rebalance(self, command: Rebalance) -> CommandResult:
        """Reduce the larger leg to the smaller, then move the venue's cash in or out of each leg."""
        desk = self._desk
        held = closable(desk, command.position_id)
        if len(held.legs) != 2:
            raise Refused(f"{held.id} has one leg, there is nothing to balance it with. Close it.")
        excess = excess_size(held, 0)
        if excess is None and not any(transfer(desk, leg) for leg in held.legs):
            raise Refused(f"{held.id} is balanced: its legs are of one size and at their leverage.")
        desk.say(EventCategory.STAGE, f"Rebalancing {held.id}, asked by {command.by}", position=held.id)
        self._orders.enter(held.id, PositionStage.REBALANCING)
        fills: tuple[Fill, ...] = ()
        failure = None
        if excess is not None:
            larger = max(held.legs, key=lambda leg: leg.size).instrument
            await self._sleep(desk.settings.order_latency_s)
            try:
                fills = (self._orders.reduce(held.id, larger, excess),)
            except OrderFailed as error:
                failure = f"the {larger.label} leg on {larger.venue} was not reduced: {error}"
        moved: list[str] = []
        for leg in held.legs:
            await self._sleep(desk.settings.order_latency_s)
            moved += self._move(held.id, leg.instrument)
        now_held = desk.book.positions.get(held.id)
        # An emergency stop may have begun to close it meanwhile; then its stage is no longer ours to set.
        if now_held is not None and now_held.stage is PositionStage.REBALANCING:
            self._orders.settle_stage(held.id, "rebalanced")
        words = "; ".join([*moved, *([money(fills)] if fills else []), *([failure] if failure else [])])
        message = f"{held.id} rebalanced: {words}." if words else f"{held.id}: nothing was left to move."
        desk.say(EventCategory.EXECUTION, message, position=held.id)
        desk.publish()
        partly = Outcome.PARTIAL if moved else Outcome.FAILED
        return CommandResult(
            command_id=command.id,
            outcome=partly if failure else Outcome.DONE,
            message=message,
            fills=fills,
            data={"position": held.id},
        )

    def _move(self, position_id: str, instrument: Instrument) -> list[str]:
        desk = self._desk
        # Read anew: it may have been liquidated since, or the kill switch be on.
        held = desk.book.positions.get(position_id)
        leg = held.leg(instrument) if held is not None else None
        amount = transfer(desk, leg) if leg is not None else ZERO
        if not amount or instrument.venue in desk.step.down:
            return []
        desk.book.top_up(position_id, instrument, amount)
        way = "into" if amount > 0 else "out of"
        return [f"{abs(amount):,.2f} USD {way} the {instrument.label} leg on {instrument.venue}"]


def transfer(desk: Desk, leg: HeldLeg) -> Decimal:
    """The cash (USD, cents) that brings a leg back to its leverage, as far as its venue has it; negative: out of it."""
    mark = desk.step.quotes[leg.instrument].mark
    notional = leg.size * mark
    wanted = notional / leg.target_leverage - leg.equity(mark)
    if abs(wanted) < notional * LEAST_TRANSFER:
        return ZERO
    return min(wanted, max(desk.book.cash[leg.instrument.venue], ZERO)).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
