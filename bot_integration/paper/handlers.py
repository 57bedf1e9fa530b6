"""What the paper bot does when it is told to: one coroutine a command."""

from dataclasses import replace

from bot_integration.commands import (
    KillSwitch,
    OverrideExit,
    Pause,
    ResetBreaker,
    Resume,
    SetParameter,
)
from bot_integration.controller import BotController
from bot_integration.errors import Refused
from bot_integration.paper.breakers import NAMES
from bot_integration.paper.desk import Desk
from bot_integration.paper.engine import vitals
from bot_integration.paper.position import HeldPosition, Hold
from bot_integration.paper.restraint import ALL, ENTRY, EXIT, PausedScope
from bot_integration.paper.settings import changed
from bot_integration.position import PositionStage
from bot_integration.state import EventCategory


def find(desk: Desk, position_id: str) -> HeldPosition:
    """The position of this id, whatever its case.

    Raises `Refused` naming those there are.
    """
    for held in desk.held:
        if held.id.casefold() == position_id.casefold():
            return held
    known = ", ".join(held.id for held in desk.held)
    raise Refused(f"No position is called {position_id}. " + (f"Held: {known}." if known else "None is held."))


class ControlHandlers:
    """Pause, resume, kill switch, parameters, breakers and holds: what takes effect at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, controller: BotController) -> None:
        """Answer these commands from now on."""
        controller.on(Pause)(self.pause)
        controller.on(Resume)(self.resume)
        controller.on(KillSwitch)(self.kill)
        controller.on(SetParameter)(self.set_parameter)
        controller.on(OverrideExit)(self.override)
        controller.on(ResetBreaker)(self.reset)

    async def pause(self, command: Pause) -> str:
        """Hold back a scope. Asked again, it says so and changes nothing."""
        desk = self._desk
        scope = self._scope(command.scope)
        if scope in desk.restraint.scopes:
            return f"{scope} was paused already."
        desk.restraint = desk.restraint.paused(PausedScope(scope, command.reason, desk.now(), command.by))
        why = f" ({command.reason})" if command.reason else ""
        desk.say(EventCategory.STAGE, f"{command.by} paused {scope}{why}", scope=scope)
        desk.publish()
        return f"Paused: {scope}. Open positions stay." + self._also(scope)

    async def resume(self, command: Resume) -> str:
        """Lift a pause; `all` lifts every one."""
        desk = self._desk
        scope = self._scope(command.scope)
        tripped = tuple(desk.breakers.tripped)
        if tripped:
            raise Refused(f"The breaker {tripped[0]} is active. Reset it first: breaker reset {tripped[0]}.")
        scopes = desk.restraint.scopes
        if not scopes:
            raise Refused("Nothing is paused.")
        if scope != ALL and scope not in scopes:
            raise Refused(f"{scope} is not paused by itself. Paused: {', '.join(scopes)}.")
        desk.restraint = desk.restraint.resumed(scope)
        desk.say(EventCategory.STAGE, f"{command.by} resumed {scope}", scope=scope)
        desk.publish()
        left = desk.restraint.scopes
        killed = " The kill switch is still on." if desk.restraint.killed else ""
        return f"Resumed: {scope}." + (f" Still paused: {', '.join(left)}." if left else "") + killed

    async def kill(self, command: KillSwitch) -> str:
        """No order from this instant, or orders again."""
        desk = self._desk
        if desk.restraint.killed is command.active:
            return f"The kill switch was {'on' if command.active else 'off'} already."
        desk.restraint = replace(desk.restraint, killed=command.active)
        state = "on" if command.active else "off"
        desk.say(EventCategory.STAGE, f"{command.by} turned the kill switch {state}", kill_switch=command.active)
        desk.publish()
        if command.active:
            return f"Kill switch on: no order from now on, closing included. {len(desk.held)} open positions stay."
        return "Kill switch off: the bot may trade again."

    async def set_parameter(self, command: SetParameter) -> str:
        """Change one hot parameter."""
        desk = self._desk
        before = getattr(desk.settings, command.key, None)
        desk.settings = changed(desk.settings, command.key, command.value)
        after = getattr(desk.settings, command.key)
        desk.say(EventCategory.INFO, f"{command.by} set {command.key} from {before} to {after}", key=command.key)
        desk.publish()
        return f"{command.key}: {before} → {after}"

    async def override(self, command: OverrideExit) -> str:
        """Hold a position whatever the risk manager says, or let it judge again."""
        desk = self._desk
        held = find(desk, command.position_id)
        if held.stage is PositionStage.CLOSING:
            raise Refused(f"{held.id} is closing already.")
        if not command.hold and held.hold is None:
            raise Refused(f"{held.id} is not held: the risk manager judges it.")
        if command.hold and command.until is not None and command.until <= desk.now():
            raise Refused(f"{command.until:%Y-%m-%d %H:%M} UTC has passed.")
        hold = Hold(command.by, command.until) if command.hold else None
        desk.book.put(replace(held, hold=hold))
        until = f" until {command.until:%Y-%m-%d %H:%M} UTC" if command.hold and command.until else ""
        said = f"{held.id} is held{until}" if command.hold else f"{held.id} is judged by the risk manager again"
        desk.say(EventCategory.STAGE, f"{said}, says {command.by}", position=held.id)
        desk.publish()
        return f"{said}."

    async def reset(self, command: ResetBreaker) -> str:
        """Let a breaker that tripped close again, where what tripped it is over."""
        desk = self._desk
        name = command.breaker
        if name not in NAMES:
            raise Refused(f"No breaker is called {name}. There are {', '.join(NAMES)}.")
        if name not in desk.breakers.tripped:
            raise Refused(f"{name} has not tripped.")
        looked = vitals(desk)
        # Failures count from the reset on; the other causes lie in the book and would trip it again at once.
        cause = desk.breakers.cause(name, replace(looked, failures=0), desk.settings)
        if cause is not None:
            raise Refused(f"{name} would trip again at once: {cause}.")
        desk.failures = 0
        desk.breakers = desk.breakers.reset(name)
        desk.say(EventCategory.STAGE, f"{command.by} reset the breaker {name}", breaker=name)
        desk.publish()
        left = tuple(desk.breakers.tripped)
        return f"Reset: {name}." + (f" Still active: {', '.join(left)}." if left else "")

    def _scope(self, given: str) -> str:
        known = (ALL, ENTRY, EXIT, *self._desk.venues)
        scope = next((one for one in known if one.casefold() == given.casefold()), None)
        if scope is None:
            raise Refused(f"{given} is no scope. There are {', '.join(known)}.")
        return scope

    def _also(self, scope: str) -> str:
        if scope not in (ALL, EXIT) or not self._desk.held:
            return ""
        return " The bot closes nothing by itself either; what you close is closed."
