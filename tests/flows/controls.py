"""What a trader in these stories does besides closing and pausing: stop, kill switch, parameters, holds, breakers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot_integration import (
    Breaker,
    CloseAll,
    Command,
    CommandResult,
    EmergencyStop,
    Fill,
    KillSwitch,
    LegPreview,
    Outcome,
    OverrideExit,
    Parameter,
    Preview,
    Rebalance,
    Refused,
    ResetBreaker,
    SetParameter,
)

if TYPE_CHECKING:
    from tests.flows.conftest import Trader

SECRET = "sk-canary-4711"


def declared(**values: Any) -> tuple[Parameter, ...]:
    """What the trader says of its parameters."""
    said = {
        "max_positions": Parameter(
            key="max_positions", value=8, type="int", min=0, max=100, category="limits", hot=True, help="Most at once"
        ),
        "max_exposure": Parameter(
            key="max_exposure", value=250_000.0, type="float", unit="USD", min=0, category="limits", hot=True
        ),
        "dry_run": Parameter(key="dry_run", value=False, type="bool", category="mode", hot=True),
        "venues": Parameter(key="venues", value="bybit", type="list", category="mode"),
        "api_key": Parameter(key="api_key", value=SECRET, type="str", category="mode", hot=True, secret=True),
    }
    return tuple(one.model_copy(update={"value": values.get(key, one.value)}) for key, one in said.items())


@dataclass
class Controls:
    """What was done, and how things are."""

    trader: Trader
    killed: bool = False
    turned: list[bool] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    #: What each leg waits for before it is closed.
    leg_waits: Callable[[], Awaitable[object]] | None = None
    #: Positions that a venue does not let go.
    stuck: set[str] = field(default_factory=set)
    values: dict[str, Any] = field(default_factory=dict)
    tripped: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    held: dict[str, datetime | None] = field(default_factory=dict)
    rebalanced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        bot = self.trader.controller
        bot.on(CloseAll)(self._close_all)
        bot.on(EmergencyStop)(self._stop)
        bot.on(KillSwitch)(self._kill)
        bot.on(SetParameter)(self._set)
        bot.on(OverrideExit)(self._hold)
        bot.on(ResetBreaker)(self._reset)
        bot.on(Rebalance)(self._rebalance)
        bot.previews(CloseAll)(self._preview)
        bot.previews(EmergencyStop)(self._preview)

    def parameters(self) -> tuple[Parameter, ...]:
        return declared(**self.values)

    def breakers(self) -> tuple[Breaker, ...]:
        rest = [Breaker(name="venue_down", help="a venue is away for long")] if "venue_down" not in self.tripped else []
        active = [
            Breaker(name=name, active=True, since=since, reason=why) for name, (since, why) in self.tripped.items()
        ]
        return (*active, *rest)

    async def _close_all(self, command: CloseAll) -> CommandResult:
        return await self._close_every(command)

    async def _stop(self, command: EmergencyStop) -> CommandResult:
        self.stopped.append(command.reason)
        self.trader.scopes.add("all")
        self.trader.publish()
        return await self._close_every(command)

    async def _close_every(self, command: Command) -> CommandResult:
        fills = []
        for position in list(self.trader.open):
            if self.leg_waits is not None:
                await self.leg_waits()
            if position in self.stuck:
                continue
            self.trader.open.remove(position)
            self.trader.publish()
            fills.append(
                Fill(
                    venue="bybit",
                    instrument=position,
                    side="sell",
                    size=Decimal(2),
                    price=Decimal(101),
                    fee=Decimal("0.20"),
                    realized=Decimal("4.25"),
                )
            )
        outcome = Outcome.DONE if not self.stuck else Outcome.PARTIAL if fills else Outcome.FAILED
        return CommandResult(
            command_id=command.id, outcome=outcome, message=f"{len(fills)} positions closed.", fills=tuple(fills)
        )

    async def _preview(self, command: Command) -> Preview:
        each = [
            LegPreview(
                venue="bybit",
                instrument=position,
                slippage=Decimal("0.05"),
                fee=Decimal("0.20"),
                realized=Decimal("4.25"),
                position=position,
            )
            for position in self.trader.open
        ]
        count = len(each)
        return Preview(
            command=command.name,
            at=self.trader.now(),
            realized=count * Decimal("4.25"),
            fees=count * Decimal("0.20"),
            slippage=count * Decimal("0.05"),
            legs=tuple(each),
        )

    async def _kill(self, command: KillSwitch) -> str:
        self.killed = command.active
        self.turned.append(command.active)
        self.trader.publish()
        return f"Kill switch {'on' if self.killed else 'off'}."

    async def _set(self, command: SetParameter) -> str:
        before = next(one for one in self.parameters() if one.key == command.key)
        self.values[command.key] = command.value
        self.trader.publish()
        return f"{command.key}: {before.value} → {command.value}"

    async def _hold(self, command: OverrideExit) -> str:
        if command.hold:
            self.held[command.position_id] = command.until
        else:
            self.held.pop(command.position_id)
        self.trader.publish()
        return f"{command.position_id} is {'held' if command.hold else 'judged again'}."

    async def _reset(self, command: ResetBreaker) -> str:
        if command.breaker not in self.tripped:
            raise Refused(f"{command.breaker} has not tripped.")
        del self.tripped[command.breaker]
        self.trader.publish()
        return f"Reset: {command.breaker}."

    async def _rebalance(self, command: Rebalance) -> str:
        self.rebalanced.append(command.position_id)
        return f"{command.position_id} rebalanced."
