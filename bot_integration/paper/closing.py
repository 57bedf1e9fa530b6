"""Closing and rebalancing when a person says so: leg after leg, each with its time, each of which may fail."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal

from bot_integration.commands import (
    CloseAll,
    ClosePosition,
    Command,
    CommandResult,
    EmergencyStop,
    Fill,
    Outcome,
)
from bot_integration.controller import BotController
from bot_integration.errors import Refused
from bot_integration.paper.desk import Desk
from bot_integration.paper.exchange import OrderFailed, lot
from bot_integration.paper.handlers import find
from bot_integration.paper.orders import Orders
from bot_integration.paper.position import HeldPosition
from bot_integration.paper.restraint import ALL, PausedScope
from bot_integration.position import PositionStage
from bot_integration.state import EventCategory

ZERO = Decimal(0)
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of closing one position."""

    position: str
    fills: tuple[Fill, ...]
    #: Why each leg that is still open is.
    failures: tuple[str, ...]
    message: str

    @property
    def outcome(self) -> Outcome:
        """Done, partial or failed, by its legs."""
        if not self.failures:
            return Outcome.DONE
        return Outcome.PARTIAL if self.fills else Outcome.FAILED


class ClosingHandlers:
    """Close one, close all, emergency stop."""

    def __init__(self, desk: Desk, orders: Orders, sleep: Sleep) -> None:
        self._desk = desk
        self._orders = orders
        self._sleep = sleep

    def register(self, controller: BotController) -> None:
        """Answer these commands from now on."""
        controller.on(ClosePosition)(self.close_one)
        controller.on(CloseAll)(self.close_all)
        controller.on(EmergencyStop)(self.stop)

    async def close_one(self, command: ClosePosition) -> CommandResult:
        """Close a position, or a part of every leg of it."""
        held = closable(self._desk, command.position_id)
        closed = await self._close(held.id, command.percent, f"asked by {command.by}")
        return CommandResult(
            command_id=command.id,
            outcome=closed.outcome,
            message=closed.message,
            fills=closed.fills,
            data={"position": held.id},
        )

    async def close_all(self, command: CloseAll) -> CommandResult:
        """Close every position, all at the same time."""
        self._refuse_killed()
        if not self._desk.held:
            raise Refused("No position is held.")
        return await self._close_every(command, f"close all by {command.by}")

    async def stop(self, command: EmergencyStop) -> CommandResult:
        """Pause everything, then close everything."""
        desk = self._desk
        why = f"emergency stop: {command.reason}" if command.reason else "emergency stop"
        desk.restraint = desk.restraint.paused(PausedScope(ALL, why, desk.now(), command.by))
        desk.say(EventCategory.STAGE, f"{command.by}: {why}. All is paused, closing {len(desk.held)} positions")
        if desk.restraint.killed:
            desk.publish()
            raise Refused("All is paused, but the kill switch is on and lets nothing be closed. Turn it off: kill off.")
        desk.stopping = True
        desk.publish()
        try:
            return await self._close_every(command, why, prefix="All is paused. ")
        finally:
            desk.stopping = False
            desk.publish()

    # ------------------------------------------------------------------------ inside

    async def _close_every(self, command: Command, reason: str, prefix: str = "") -> CommandResult:
        desk = self._desk
        todo = [held.id for held in desk.held if held.stage is not PositionStage.CLOSING]
        busy = [held.id for held in desk.held if held.stage is PositionStage.CLOSING]
        ends = await asyncio.gather(*(self._close(position_id, 100, reason) for position_id in todo))
        done = [end.position for end in ends if end.outcome is Outcome.DONE]
        left = [end for end in ends if end.outcome is not Outcome.DONE]
        fills = tuple(fill for end in ends for fill in end.fills)
        outcome = Outcome.DONE if not left else Outcome.PARTIAL if fills else Outcome.FAILED
        words = [f"{prefix}{len(done)} of {len(ends)} positions closed: {money(fills)}."]
        words += [end.message for end in left]
        if busy:
            words.append(f"Closing already: {', '.join(busy)}.")
        return CommandResult(
            command_id=command.id,
            outcome=outcome,
            message=" ".join(words),
            fills=fills,
            data={"closed": done, "left": [end.position for end in left]},
        )

    async def _close(self, position_id: str, percent: float, reason: str) -> Closed:
        desk, orders = self._desk, self._orders
        # Between the order to close many and this one's turn the market may have gone on.
        held = desk.book.positions.get(position_id)
        if held is None or not held.legs:
            return Closed(position_id, (), (), f"{position_id} was closed already")
        if held.stage is PositionStage.CLOSING:
            return Closed(position_id, (), (f"{position_id} is closing already",), f"{position_id} is closing already")
        desk.book.put(replace(held, exit_reason=reason))
        part = "" if percent == 100 else f"{percent:g} % of "
        desk.say(EventCategory.STAGE, f"Closing {part}{held.id}: {reason}", position=held.id)
        orders.enter(held.id, PositionStage.CLOSING)
        fills: list[Fill] = []
        failures: list[str] = []
        for leg in held.legs:
            await self._sleep(desk.settings.order_latency_s)
            where = leg.instrument
            # Read anew: while the order was on its way the venue may have liquidated the leg.
            now_held = desk.book.positions.get(held.id)
            if now_held is None or now_held.leg(where) is None:
                continue
            try:
                fills.append(orders.reduce(held.id, where, share_of(leg.size, percent, leg.entry_price)))
            except OrderFailed as error:
                failures.append(f"the {where.label} leg on {where.venue} is still open: {error}")
                desk.say(EventCategory.WARNING, f"{held.id}: {failures[-1]}", position=held.id)
            # Leg by leg, for whoever watches it go.
            desk.publish()
        orders.settle_stage(held.id, reason)
        if not failures:
            orders.succeeded()
        desk.publish()
        return Closed(held.id, tuple(fills), tuple(failures), self._words(held.id, percent, fills, failures))

    def _words(self, name: str, percent: float, fills: list[Fill], failures: list[str]) -> str:
        if not failures:
            done = "closed" if percent == 100 else f"{percent:g} % closed"
            return f"{name} {done}: {money(fills)}"
        if not fills:
            return f"{name} was not closed: {'; '.join(failures)}. Nothing was filled."
        delta = self._desk.worths[name].delta
        return f"{name} closed in part ({money(fills)}): {'; '.join(failures)}. Its delta is now {delta:+,.0f} USD."

    def _refuse_killed(self) -> None:
        if self._desk.restraint.killed:
            raise Refused("The kill switch is on: no order is placed, closing included. Turn it off: kill off.")


def closable(desk: Desk, position_id: str) -> HeldPosition:
    """The position, where it may be worked on.

    Raises `Refused` where it is unknown, is being worked on, or no order may be placed.
    """
    held = find(desk, position_id)
    if held.stage is not PositionStage.OPEN:
        raise Refused(f"{held.id} is already {held.stage.value}.")
    if desk.restraint.killed:
        raise Refused("The kill switch is on: no order is placed, closing included. Turn it off: kill off.")
    return held


def share_of(size: Decimal, percent: float, price: Decimal) -> Decimal:
    """A part of a size in whole lots, up, so that something is closed and never more than there is."""
    if percent == 100:
        return size
    part = (size * Decimal(str(percent)) / 100).quantize(lot(price), rounding=ROUND_UP)
    return min(part, size)


def money(fills: list[Fill] | tuple[Fill, ...]) -> str:
    """What fills made and cost: `+12.34 USD realized, fees 1.20`."""
    realized = sum((fill.realized for fill in fills), ZERO)
    fees = sum((fill.fee for fill in fills), ZERO)
    return f"{realized:+,.2f} USD realized, fees {fees:,.2f}"
