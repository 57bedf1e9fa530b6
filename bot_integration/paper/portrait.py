"""Draws the desk as a snapshot."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from bot_integration.paper.breakers import NAMES
from bot_integration.paper.desk import Desk
from bot_integration.paper.ledger import portfolio
from bot_integration.paper.position_portraits import PositionPortraits
from bot_integration.paper.settings import PaperSettings, parameters
from bot_integration.position import PositionStage
from bot_integration.state import (
    Breaker,
    Cycle,
    Funding,
    Health,
    Limits,
    Mode,
    Parameter,
    PauseState,
    Session,
    Snapshot,
    Stage,
    Stream,
    Venue,
)

ZERO = Decimal(0)


class Portrait:
    """The snapshots of one run, one after another."""

    def __init__(self, bot: str, session_id: UUID, desk: Desk) -> None:
        self._bot = bot
        self._session_id = session_id
        self._desk = desk
        self._seq = -1
        self._started_at = desk.now()
        self._positions = PositionPortraits(desk)
        self._parameters: tuple[PaperSettings, tuple[Parameter, ...]] = (desk.settings, parameters(desk.settings))
        self._drawn: tuple[Mapping[str, str] | None, tuple[Breaker, ...]] = (None, ())

    def draw(self) -> Snapshot:
        """Everything that is true of the desk now."""
        desk, now = self._desk, self._desk.now()
        self._seq += 1
        if self._parameters[0] is not desk.settings:
            self._parameters = (desk.settings, parameters(desk.settings))
        positions = self._positions.draw(now)
        whole = portfolio(desk, positions, self._started_at)
        return Snapshot(
            bot=self._bot,
            session_id=self._session_id,
            seq=self._seq,
            at=now,
            session=self._session(now),
            positions=positions,
            funding=self._funding(now),
            venues=self._venues(now),
            portfolio=whole,
            parameters=self._parameters[1],
            metrics=self._metrics(float(whole.equity), float(whole.gross_notional)),
            timeline=tuple(desk.timeline),
        )

    # ----------------------------------------------------------------- all the others

    def _session(self, now: datetime) -> Session:
        desk, cycle = self._desk, self._desk.cycle
        cap = desk.settings.daily_loss_cap_usd
        pauses = desk.restraint.pauses
        last = pauses[-1] if pauses else None
        return Session(
            strategy="funding_arbitrage",
            version="paper",
            mode=Mode.PAPER,
            started_at=self._started_at,
            stage=self._stage(),
            health=self._health(),
            cycle=Cycle(
                number=cycle.number,
                duration_ms=cycle.duration_ms,
                quotes=cycle.quotes,
                quotes_total=cycle.quotes_total,
                opportunities=cycle.opportunities,
                near_opportunities=cycle.near_opportunities,
                decisions=cycle.decisions,
            ),
            limits=Limits(
                max_positions=desk.settings.max_positions,
                max_exposure=desk.settings.max_exposure_usd,
                daily_loss_cap=cap,
                daily_loss_left=max(ZERO, min(cap, cap + desk.pnl_today())),
            ),
            consecutive_failures=desk.failures,
            pause=PauseState(
                paused=bool(pauses),
                scopes=desk.restraint.scopes,
                reason=last.reason if last else "",
                at=last.at if last else None,
                by=last.by if last else "",
                active_breakers=tuple(desk.breakers.tripped),
                kill_switch=desk.restraint.killed,
            ),
            breakers=self._breakers(),
            extra={
                "market_time": desk.step.at.isoformat(),
                "speed": desk.settings.speed,
                "breakers": dict(desk.breakers.tripped),
            },
        )

    def _breakers(self) -> tuple[Breaker, ...]:
        breakers = self._desk.breakers
        if self._drawn[0] is not breakers.tripped:
            drawn = tuple(
                Breaker(
                    name=name,
                    active=name in breakers.tripped,
                    since=breakers.since.get(name),
                    reason=breakers.tripped.get(name, ""),
                    help=text,
                )
                for name, text in NAMES.items()
            )
            self._drawn = (breakers.tripped, drawn)
        return self._drawn[1]

    def _stage(self) -> Stage:
        desk = self._desk
        stages = {held.stage for held in desk.held}
        if desk.stopping:
            return Stage.STOPPING
        if PositionStage.CLOSING in stages:
            return Stage.EXITING
        if desk.opening:
            return Stage.OPENING
        if desk.restraint.forbids_entry() is not None or desk.breakers.tripped:
            return Stage.PAUSED
        if not desk.cycle.number:
            return Stage.IDLE
        return Stage.MONITORING if stages else Stage.SCANNING

    def _health(self) -> Health:
        desk = self._desk
        down = desk.step.down & set(desk.venues)
        if len(down) == len(desk.venues):
            return Health.DOWN
        return Health.DEGRADED if down or desk.last_error or desk.breakers.tripped else Health.OK

    def _funding(self, now: datetime) -> tuple[Funding, ...]:
        desk, drawn = self._desk, []
        for (venue, asset), terms in desk.step.terms.items():
            accrual = desk.book.accruals.get((venue, asset))
            wait = (terms.next_at - desk.step.at) / desk.settings.speed if desk.settings.speed else None
            drawn.append(
                Funding(
                    venue=venue,
                    asset=asset,
                    rate=float(terms.rate),
                    # In the watcher's time, so that the countdown runs out when the payment comes.
                    next_at=now + wait if wait is not None else None,
                    predicted=float(terms.predicted),
                    accrued_expected=accrual.expected if accrual else None,
                    accrued_actual=accrual.actual if accrual else None,
                )
            )
        return tuple(drawn)

    def _venues(self, now: datetime) -> tuple[Venue, ...]:
        desk = self._desk
        locked = dict.fromkeys(desk.venues, ZERO)
        for held in desk.book.positions.values():
            for leg in held.legs:
                locked[leg.instrument.venue] += leg.margin
        return tuple(
            Venue(
                name=name,
                stream=Stream.DOWN if name in desk.step.down else Stream.CONNECTED,
                balance=desk.book.cash[name],
                locked_capital=locked[name],
                last_error=desk.exchange.trouble(name, desk.step) or desk.last_error.get(name),
                extra={"quotes_at": self._quoted_at(name, now).isoformat()},
            )
            for name in desk.venues
        )

    def _quoted_at(self, venue: str, now: datetime) -> datetime:
        """When its prices are from, in the watcher's time."""
        step, speed = self._desk.step, self._desk.settings.speed
        last = max(quote.at for instrument, quote in step.quotes.items() if instrument.venue == venue)
        return now - (step.at - last) / speed if speed else now

    def _metrics(self, equity: float, gross: float) -> dict[str, float]:
        desk = self._desk
        worths = [desk.worths[held.id] for held in desk.held]
        metrics = {
            "equity_usd": equity,
            "leverage": gross / equity if equity > 0 else 0.0,
            "tick_ms": desk.cycle.duration_ms,
            "carry_usd_interval": desk.carry_usd() or 0.0,
        }
        health = [one.health_factor for one in worths if one.health_factor is not None]
        fractions = [one.margin_fraction for one in worths if one.margin_fraction is not None]
        if health:
            metrics["worst_health_factor"] = min(health)
        if fractions:
            metrics["worst_margin_fraction"] = min(fractions)
        return metrics
