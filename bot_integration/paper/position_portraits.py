"""Draws the positions of the desk.

What is held is described whole when it changes and only re-priced in between: with hundreds of positions that is what
keeps a tick short.
"""

from datetime import datetime
from decimal import Decimal

from bot_integration.paper import exits
from bot_integration.paper.assess import LegWorth, Worth
from bot_integration.paper.desk import Desk
from bot_integration.paper.engine import excess_size
from bot_integration.paper.leg import HeldLeg
from bot_integration.paper.position import HeldPosition
from bot_integration.paper.strategy import STRATEGY_OF
from bot_integration.position import Leg, Position, PositionStage, Risk
from bot_integration.retouch import retouched

ZERO = Decimal(0)


class PositionPortraits:
    """Remembers what it drew, so that what did not change is not described again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        #: By identity: a leg that changes is another value.
        self._legs: dict[int, tuple[HeldLeg, Leg]] = {}
        self._positions: dict[str, tuple[HeldPosition, Position]] = {}

    def draw(self, now: datetime) -> tuple[Position, ...]:
        """Every position at the prices of the last `assess`."""
        worths = self._desk.worths
        drawn = tuple([self._position(held, worths[held.id], now) for held in self._desk.book.positions.values()])
        self._forget()
        return drawn

    def _position(self, held: HeldPosition, worth: Worth, now: datetime) -> Position:
        known, position = self._positions.get(held.id, (None, None))
        if known is not held or position is None:
            position = self._describe(held, worth, now)
        pnl, risk = position.pnl, position.risk
        total = pnl.realized + worth.unrealized + pnl.funding - pnl.fees
        share = float(total / held.deployed_usd * 100) if held.deployed_usd else None
        found = exits.reasons(held, worth, self._desk.step.at, self._desk.settings) if held.legs else ()
        if risk.reasons != found:
            risk = retouched(risk, {"should_exit": bool(found), "reasons": found})
        position = retouched(
            position,
            {
                "updated_at": now,
                "filled_usd": worth.gross / 2 if len(worth.legs) == 2 else worth.gross,
                "legs": tuple([self._leg(one) for one in worth.legs]),
                "delta": worth.delta,
                "delta_ratio": worth.delta_ratio,
                "divergence": worth.divergence,
                "profit_erosion": worth.erosion,
                "pnl": retouched(pnl, {"unrealized": worth.unrealized, "total": total, "total_pct": share}),
                "risk": risk,
            },
        )
        self._positions[held.id] = (held, position)
        return position

    def _describe(self, held: HeldPosition, worth: Worth, now: datetime) -> Position:
        hold = held.hold
        return Position(
            id=held.id,
            asset=held.asset,
            strategy=STRATEGY_OF[held.lane],
            lane=held.lane,
            stage=held.stage,
            opened_at=held.opened_at,
            updated_at=now,
            target_usd=held.target_usd,
            filled_usd=worth.gross,
            legs=(),
            closed_legs=tuple(_closed(leg) for leg in held.gone),
            delta=worth.delta,
            delta_ratio=worth.delta_ratio,
            divergence=worth.divergence,
            profit_erosion=worth.erosion,
            pnl=held.pnl(worth.unrealized),
            slippage=sum((leg.slippage for leg in held.every_leg()), ZERO),
            rebalance_pending=held.stage is not PositionStage.CLOSED
            and excess_size(held, self._desk.settings.rebalance_delta_pct) is not None,
            risk=Risk(
                should_exit=False,
                reasons=(),
                last_exit_reason=held.exit_reason,
                held=hold is not None,
                hold_until=hold.until if hold is not None else None,
            ),
            extra={
                "opened_in_market": held.opened_in_market.isoformat(),
                "expected_usd": float(held.expected_usd),
            },
        )

    def _leg(self, one: LegWorth) -> Leg:
        known, leg = self._legs.get(id(one.leg), (None, None))
        if known is not one.leg or leg is None:
            leg = _describe_leg(one)
        else:
            leg = retouched(
                leg,
                {
                    "mark_price": one.mark,
                    "notional": one.notional,
                    "unrealized": one.unrealized,
                    "health_factor": one.health_factor,
                    "margin_fraction": one.margin_fraction,
                    "peg_premium": one.peg_premium,
                },
            )
        self._legs[id(one.leg)] = (one.leg, leg)
        return leg

    def _forget(self) -> None:
        """Let go what is no longer held."""
        held = self._desk.book.positions
        if len(self._positions) > len(held):
            self._positions = {id_: known for id_, known in self._positions.items() if id_ in held}
        count = sum(len(position.legs) for position in held.values())
        if len(self._legs) > 2 * count + 16:
            kept = {id(leg) for position in held.values() for leg in position.legs}
            self._legs = {key: known for key, known in self._legs.items() if key in kept}


def _describe_leg(one: LegWorth) -> Leg:
    leg = one.leg
    return Leg(
        venue=leg.instrument.venue,
        instrument=leg.instrument.label,
        side=leg.side,
        size=leg.size,
        entry_price=leg.entry_price,
        mark_price=one.mark,
        notional=one.notional,
        leverage=float(leg.cost / leg.margin) if leg.margin > 0 else None,
        margin_used=leg.margin,
        margin_fraction=one.margin_fraction,
        health_factor=one.health_factor,
        liquidation_price=leg.liquidation_price,
        peg_premium=one.peg_premium,
        unrealized=one.unrealized,
        funding=leg.funding,
        fees=leg.fees,
        realized=leg.realized,
        funding_expected=None if leg.borrowed else leg.expected,
    )


def _closed(leg: HeldLeg) -> Leg:
    return Leg(
        venue=leg.instrument.venue,
        instrument=leg.instrument.label,
        side=leg.side,
        size=ZERO,
        entry_price=leg.entry_price,
        notional=ZERO,
        funding=leg.funding,
        fees=leg.fees,
        realized=leg.realized,
        funding_expected=None if leg.borrowed else leg.expected,
    )
