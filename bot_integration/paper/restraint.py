"""What people hold the bot back with: pauses by scope, and the kill switch."""

from dataclasses import dataclass, replace
from datetime import datetime

ALL, ENTRY, EXIT = "all", "entry", "exit"


@dataclass(frozen=True, slots=True)
class PausedScope:
    """One scope that is paused."""

    scope: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Restraint:
    """All that holds. Pauses bind what the bot does by itself; the kill switch binds every order."""

    pauses: tuple[PausedScope, ...] = ()
    killed: bool = False

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is paused, oldest first."""
        return tuple(pause.scope for pause in self.pauses)

    def paused(self, pause: PausedScope) -> "Restraint":
        """With this scope paused; the older pause of the same scope stays as it is."""
        return self if pause.scope in self.scopes else replace(self, pauses=(*self.pauses, pause))

    def resumed(self, scope: str) -> "Restraint":
        """Without the pause of a scope; `all` lifts every one."""
        left = () if scope == ALL else tuple(pause for pause in self.pauses if pause.scope != scope)
        return replace(self, pauses=left)

    def forbids_entry(self, venues: tuple[str, ...] = ()) -> str | None:
        """Why nothing may be opened on these venues; None where it may."""
        return self._forbids((ALL, ENTRY, *venues))

    def forbids_exit(self, venues: tuple[str, ...] = ()) -> str | None:
        """Why the bot may close nothing on these venues by itself; None where it may."""
        return self._forbids((ALL, EXIT, *venues))

    def _forbids(self, scopes: tuple[str, ...]) -> str | None:
        if self.killed:
            return "the kill switch is on"
        held = next((scope for scope in self.scopes if scope in scopes), None)
        return f"{held} is paused" if held is not None else None
