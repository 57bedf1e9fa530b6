"""What closing or rebalancing would do if it ran now."""

from collections.abc import Iterable
from decimal import Decimal

from bot_integration.commands import (
    CloseAll,
    ClosePosition,
    Command,
    EmergencyStop,
    LegPreview,
    Preview,
    Rebalance,
)
from bot_integration.controller import BotController
from bot_integration.errors import Refused
from bot_integration.paper.closing import closable, share_of
from bot_integration.paper.desk import Desk
from bot_integration.paper.engine import excess_size
from bot_integration.paper.exchange import Filled, fill
from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.position import HeldPosition
from bot_integration.paper.rebalancing import transfer
from bot_integration.position import PositionStage, Side

ZERO = Decimal(0)

#: A leg of a position, and how much of it is traded.
Order = tuple[HeldPosition, HeldLeg, Decimal]


class Previewers:
    """Answers from the book and the marks of now; places no order."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, controller: BotController) -> None:
        """Offer these previews from now on."""
        controller.previews(ClosePosition)(self.close_one)
        controller.previews(CloseAll)(self.close_all)
        controller.previews(EmergencyStop)(self.stop)
        controller.previews(Rebalance)(self.rebalance)

    async def close_one(self, command: ClosePosition) -> Preview:
        """Closing one position, or a part of it. Raises `Refused` where it would be."""
        held = closable(self._desk, command.position_id)
        part = "" if command.percent == 100 else f"{command.percent:g} % of "
        orders = [(held, leg, share_of(leg.size, command.percent, leg.entry_price)) for leg in held.legs]
        return self._preview(command, f"Close {part}{held.id}: {len(orders)} orders.", orders)

    async def close_all(self, command: CloseAll) -> Preview:
        """Closing everything. Raises `Refused` where it would be."""
        return self._all(command, "Close")

    async def stop(self, command: EmergencyStop) -> Preview:
        """Pausing and closing everything. Raises `Refused` where it would be."""
        return self._all(command, "Pause all, then close")

    async def rebalance(self, command: Rebalance) -> Preview:
        """Equal sizes and every leg at its leverage. Raises `Refused` where it would be."""
        desk = self._desk
        held = closable(desk, command.position_id)
        excess = excess_size(held, 0)
        moves = [(leg, transfer(desk, leg)) for leg in held.legs]
        if len(held.legs) != 2 or (excess is None and not any(amount for _, amount in moves)):
            raise Refused(f"There is nothing to rebalance on {held.id}.")
        orders = [(held, max(held.legs, key=lambda leg: leg.size), excess)] if excess is not None else []
        words = [
            f"{abs(amount):,.2f} USD {'into' if amount > 0 else 'out of'} the leg on {leg.instrument.venue}"
            for leg, amount in moves
            if amount
        ]
        return self._preview(command, f"Rebalance {held.id}: {'; '.join([*words, f'{len(orders)} orders'])}.", orders)

    # ------------------------------------------------------------------------ inside

    def _all(self, command: Command, verb: str) -> Preview:
        desk = self._desk
        if desk.restraint.killed:
            raise Refused("The kill switch is on: no order is placed, closing included. Turn it off: kill off.")
        held = [one for one in desk.held if one.stage is not PositionStage.CLOSING]
        if not held and isinstance(command, CloseAll):
            raise Refused("No position is held.")
        return self._preview(command, f"{verb} {len(held)} positions.", _whole(held))

    def _preview(self, command: Command, message: str, orders: list[Order]) -> Preview:
        desk, legs = self._desk, []
        realized = fees = slippage = ZERO
        warnings = dict.fromkeys(desk.exchange.trouble(leg.instrument.venue, desk.step) for _, leg, _ in orders)
        for held, leg, size in orders:
            got = self._fill(leg, size)
            moved = got.price - leg.entry_price if leg.side is Side.LONG else leg.entry_price - got.price
            realized += size * moved
            fees += got.fee
            slippage += got.slippage
            legs.append(
                LegPreview(
                    venue=leg.instrument.venue,
                    instrument=leg.instrument.label,
                    slippage=got.slippage,
                    fee=got.fee,
                    realized=size * moved,
                    position=held.id,
                )
            )
        words = [message, *(f"{warning}: its legs would stay open." for warning in warnings if warning)]
        return Preview(
            command=command.name,
            at=desk.now(),
            realized=realized,
            fees=fees,
            slippage=slippage,
            legs=tuple(legs),
            message=" ".join(words),
        )

    def _fill(self, leg: HeldLeg, size: Decimal) -> Filled:
        desk = self._desk
        mark = desk.step.quotes[leg.instrument].mark
        return fill(leg.instrument, mark, size, buy=leg.side is Side.SHORT, settings=desk.settings)


def _whole(held: Iterable[HeldPosition]) -> list[Order]:
    return [(one, leg, leg.size) for one in held for leg in one.legs]
