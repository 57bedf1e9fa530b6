"""What can be asked of a bot: one class a command, and what came of it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot_integration.fact import Amount, Fact, Moment, Name


class CommandRisk(StrEnum):
    """Which way a command moves the exposure of the desk."""

    REDUCES = "reduces"
    NEUTRAL = "neutral"
    INCREASES = "increases"


class Outcome(StrEnum):
    """How a command ended."""

    DONE = "done"
    #: One leg of two.
    PARTIAL = "partial"
    #: The bot will not, and said why.
    REFUSED = "refused"
    FAILED = "failed"
    #: No answer in time. Never called failed: it may have happened.
    UNKNOWN = "unknown"


class Command(BaseModel):
    """Base of all commands. The same id never runs twice; asked again it answers what it answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    #: How the command moves the desk's exposure.
    risk: ClassVar[CommandRisk] = CommandRisk.NEUTRAL
    #: How long a caller waits before the outcome is called unknown.
    timeout_s: ClassVar[float] = 30.0

    name: str
    id: UUID
    #: The name of the person who asked.
    by: str
    reason: str = ""
    #: The bot must not start it after this moment.
    not_after: Moment

    @property
    def arguments(self) -> dict[str, Any]:
        """What this command says beyond what every command says; JSON values."""
        return self.model_dump(mode="json", exclude=set(Command.model_fields))

    @property
    def moves(self) -> CommandRisk:
        """The risk of this very command, where it depends on its arguments."""
        return self.risk


class Ping(Command):
    """Ask for a sign of life."""

    name: Literal["ping"] = "ping"


class ClosePosition(Command):
    """Close a position, or a part of it."""

    risk = CommandRisk.REDUCES
    name: Literal["close_position"] = "close_position"
    position_id: Name
    #: Of what is held now.
    percent: float = Field(default=100, gt=0, le=100)


class CloseAll(Command):
    """Close every position. The `data` of the result may name them: `closed` and `left`, each a list of ids."""

    risk = CommandRisk.REDUCES
    timeout_s = 120.0
    name: Literal["close_all"] = "close_all"


class Rebalance(Command):
    """Bring a position's legs back to balance."""

    name: Literal["rebalance"] = "rebalance"
    position_id: Name


class Pause(Command):
    """Hold back: `all`, `entry`, `exit` or a venue's name."""

    risk = CommandRisk.REDUCES
    name: Literal["pause"] = "pause"
    scope: Name = "all"


class Resume(Command):
    """Lift a pause of the same scope."""

    risk = CommandRisk.INCREASES
    name: Literal["resume"] = "resume"
    scope: Name = "all"


class EmergencyStop(Command):
    """Pause all, then close all, as one command."""

    risk = CommandRisk.REDUCES
    timeout_s = 120.0
    name: Literal["emergency_stop"] = "emergency_stop"


class KillSwitch(Command):
    """No new orders from this instant; open positions stay."""

    risk = CommandRisk.REDUCES
    name: Literal["kill_switch"] = "kill_switch"
    active: bool = True

    @property
    def moves(self) -> CommandRisk:
        """Switching it off lets the bot trade again."""
        return CommandRisk.REDUCES if self.active else CommandRisk.INCREASES


class SetParameter(Command):
    """Change a hot parameter."""

    risk = CommandRisk.INCREASES
    name: Literal["set_parameter"] = "set_parameter"
    key: Name
    value: bool | int | float | str


class OverrideExit(Command):
    """Overrule the risk manager: hold a position (until a moment), or let it judge again."""

    risk = CommandRisk.INCREASES
    name: Literal["override_exit"] = "override_exit"
    position_id: Name
    hold: bool = True
    until: Moment | None = None


class ResetBreaker(Command):
    """Close a circuit breaker that has tripped."""

    risk = CommandRisk.INCREASES
    name: Literal["reset_breaker"] = "reset_breaker"
    breaker: Name


class Custom(Command):
    """A command that a bot author declares."""

    risk = CommandRisk.INCREASES
    name: Literal["custom"] = "custom"
    #: The declared name.
    custom: Name
    values: dict[str, Any] = Field(default_factory=dict)


AnyCommand = Annotated[
    Ping
    | ClosePosition
    | CloseAll
    | Rebalance
    | Pause
    | Resume
    | EmergencyStop
    | KillSwitch
    | SetParameter
    | OverrideExit
    | ResetBreaker
    | Custom,
    Field(discriminator="name"),
]

#: Reads any command from JSON or from a mapping.
COMMAND: TypeAdapter[Command] = TypeAdapter(AnyCommand)


class Fill(Fact):
    """What one leg really traded."""

    venue: Name
    instrument: Name
    side: Literal["buy", "sell"]
    size: Amount
    price: Amount
    fee: Amount = Decimal(0)
    #: What this fill realized, before its fee.
    realized: Amount = Decimal(0)


class CommandResult(Fact):
    """What came of a command. Made from the fills, never from the submit."""

    command_id: UUID
    outcome: Outcome
    #: A sentence for the person who asked.
    message: str = ""
    started_at: Moment | None = None
    finished_at: Moment | None = None
    fills: tuple[Fill, ...] = ()
    data: dict[str, Any] = Field(default_factory=dict)


class LegPreview(Fact):
    """What one order of a command would cost now."""

    venue: Name
    instrument: Name
    #: USD lost to the book, at the size asked.
    slippage: Amount
    fee: Amount
    #: What it would realize, before its fee and with the slippage in it.
    realized: Amount = Decimal(0)
    #: The id of the position that it belongs to; empty where the bot does not say.
    position: str = ""


class Preview(Fact):
    """What a command would do if it ran now; USD."""

    command: str
    at: Moment
    #: Before fees, at the prices that the orders would get: slippage is in it.
    realized: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    slippage: Amount = Decimal(0)
    legs: tuple[LegPreview, ...] = ()
    message: str = ""

    @property
    def net(self) -> Decimal:
        """What would be left of it."""
        return self.realized - self.fees


def unknown(command: Command, message: str, at: datetime) -> CommandResult:
    """The result of a command that nobody answered for."""
    return CommandResult(command_id=command.id, outcome=Outcome.UNKNOWN, message=message, finished_at=at)
