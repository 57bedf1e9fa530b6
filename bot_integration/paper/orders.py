"""The orders that the bot places: opening two legs, reducing one, and what follows when a venue does not take them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot_integration.commands import Fill
from bot_integration.paper.desk import Desk
from bot_integration.paper.exchange import OrderFailed, in_lots
from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.market import Instrument
from bot_integration.paper.position import HeldPosition, Trade
from bot_integration.paper.strategy import STRATEGY_OF, Candidate, LegPlan, expected_usd
from bot_integration.position import PositionStage, Side
from bot_integration.state import EventCategory

ZERO = Decimal(0)

#: Cycles before the bot tries an exit again that a venue refused.
RETRY_CYCLES = 5


class Orders:
    """Places orders and books what they filled."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open(self, candidate: Candidate, usd: Decimal) -> HeldPosition | None:
        """Open both legs; where one fails, what was filled is unwound and None given back."""
        desk = self._desk
        long, _ = candidate.pair
        size = in_lots(usd / desk.step.quotes[long].mark, desk.step.quotes[long].mark)
        if size <= 0:
            return None
        position = HeldPosition(
            desk.new_id(candidate.asset),
            candidate.lane,
            candidate.asset,
            PositionStage.OPENING,
            desk.now(),
            desk.step.at,
            usd,
            expected_usd(candidate, usd, desk.settings),
            entry_divergence=self._entry_divergence(candidate),
        )
        desk.book.put(position)
        desk.say(EventCategory.STAGE, f"Opening {position.id}: {candidate.label}", position=position.id)
        desk.opening = True
        desk.publish()
        try:
            for plan in candidate.legs:
                self._open_leg(position.id, plan, size)
        except OrderFailed as error:
            self._failed(str(error), position.id)
            self._unwind(position.id)
            return None
        finally:
            desk.opening = False
        self.succeeded()
        opened = desk.book.positions[position.id]
        deployed = sum((leg.margin for leg in opened.legs), ZERO)
        opened = replace(opened, stage=PositionStage.OPEN, deployed_usd=deployed)
        desk.book.put(opened)
        desk.say(
            EventCategory.EXECUTION,
            f"{position.id} opened: {usd:,.0f} USD a leg, {candidate.reason}",
            position=position.id,
        )
        return opened

    def reduce(self, position_id: str, instrument: Instrument, size: Decimal) -> Fill:
        """Take this much (at most all) off a leg.

        Raises `OrderFailed`; nothing has changed then but the count of failures.
        """
        desk = self._desk
        leg = desk.book.positions[position_id].leg(instrument)
        if leg is None:
            raise OrderFailed(f"{instrument.venue} holds nothing of it any more")
        if desk.restraint.killed:
            raise OrderFailed("the kill switch is on")
        size = min(size, leg.size)
        buy = leg.side is Side.SHORT
        try:
            got = desk.exchange.order(instrument, size, buy=buy, step=desk.step, settings=desk.settings)
        except OrderFailed as error:
            self._failed(str(error), position_id, instrument.venue)
            raise
        desk.last_error.pop(instrument.venue, None)
        realized = desk.book.reduce_leg(position_id, instrument, got.size, got.price, got.fee, slippage=got.slippage)
        return Fill(
            venue=instrument.venue,
            instrument=instrument.label,
            side="buy" if buy else "sell",
            size=got.size,
            price=got.price,
            fee=got.fee,
            realized=realized,
        )

    def enter(self, position_id: str, stage: PositionStage) -> None:
        """Bring a position to a stage, and publish it."""
        desk = self._desk
        desk.book.put(replace(desk.book.positions[position_id], stage=stage))
        desk.publish()

    def settle_stage(self, position_id: str, reason: str) -> None:
        """After orders: closed with a trade written down where no leg is left, otherwise open again."""
        desk = self._desk
        held = desk.book.positions.get(position_id)
        if held is None or held.stage is PositionStage.CLOSED:
            return
        if held.legs:
            desk.book.put(replace(held, stage=PositionStage.OPEN, retry_after=desk.cycle.number + RETRY_CYCLES))
            return
        held = replace(held, stage=PositionStage.CLOSED, exit_reason=reason)
        desk.book.put(held)
        self._write_down(held, reason)

    def succeeded(self) -> None:
        """What was begun went through, every order of it: failures are counted anew."""
        self._desk.failures = 0

    def close(self, position_id: str, reason: str) -> bool:
        """Close every leg at once, as the bot does by itself. Whether every leg was closed."""
        desk = self._desk
        done = True
        held = desk.book.positions[position_id]
        desk.book.put(replace(held, exit_reason=reason))
        desk.say(EventCategory.STAGE, f"Closing {position_id}: {reason}", position=position_id)
        self.enter(position_id, PositionStage.CLOSING)
        for leg in held.legs:
            try:
                self.reduce(position_id, leg.instrument, leg.size)
            except OrderFailed as error:
                done = False
                desk.say(
                    EventCategory.WARNING,
                    f"{position_id}: the leg on {leg.instrument.venue} is still open: {error}",
                    position=position_id,
                )
        self.settle_stage(position_id, reason)
        return done

    # ------------------------------------------------------------------------ inside

    def _open_leg(self, position_id: str, plan: LegPlan, size: Decimal) -> None:
        desk = self._desk
        buy = plan.side is Side.LONG
        got = desk.exchange.order(plan.instrument, size, buy=buy, step=desk.step, settings=desk.settings)
        desk.last_error.pop(plan.instrument.venue, None)
        borrowed = plan.instrument.contract == "spot"
        leg = HeldLeg(
            plan.instrument,
            plan.side,
            got.size,
            got.price,
            got.size * got.price / plan.leverage,
            plan.leverage,
            desk.settings.borrow_weight if borrowed else desk.settings.maintenance_margin,
            fees=got.fee,
            slippage=got.slippage,
        )
        desk.book.open_leg(position_id, leg)

    def _unwind(self, position_id: str) -> None:
        desk = self._desk
        held = desk.book.positions[position_id]
        if not held.legs:
            desk.book.drop(position_id)
            return
        self.close(position_id, "the other leg could not be opened")

    def _entry_divergence(self, candidate: Candidate) -> float:
        long, short = (self._desk.step.quotes[instrument] for instrument in candidate.pair)
        return (float(long.redemption or long.mark) / float(short.redemption or short.mark) - 1) * 100

    def _failed(self, why: str, position_id: str, venue: str | None = None) -> None:
        desk = self._desk
        desk.failures += 1
        if venue is not None:
            desk.last_error[venue] = why
        desk.say(
            EventCategory.WARNING,
            f"Order for {position_id} failed: {why}",
            position=position_id,
            transaction_failure=True,
        )

    def _write_down(self, held: HeldPosition, reason: str) -> None:
        desk = self._desk
        pnl = held.pnl()
        trade = Trade(
            held.id,
            held.asset,
            STRATEGY_OF[held.lane],
            held.lane,
            held.opened_at,
            desk.now(),
            held.opened_in_market,
            desk.step.at,
            held.target_usd,
            pnl,
            reason,
        )
        desk.trades.append(trade)
        desk.tally.add(trade)
        desk.cooldowns[held.lane, held.asset] = desk.step.at + timedelta(hours=desk.settings.cooldown_h)
        desk.say(
            EventCategory.EXECUTION,
            f"{held.id} closed: {pnl.total:+.2f} USD ({reason})",
            position=held.id,
            pnl=float(pnl.total),
        )
