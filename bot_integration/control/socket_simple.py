"""The two things that every bot on a socket takes, as commands: a parameter, and the kill switch."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot_integration.commands import Command, CommandResult, KillSwitch, Outcome, SetParameter


def question(command: Command) -> dict[str, Any] | None:
    """The line that asks for it; None where there is none."""
    about = {"id": str(command.id), "by": command.by, "not_after": command.not_after.isoformat()}
    match command:
        case SetParameter():
            return {"type": "update_config", "key": command.key, "value": command.value, **about}
        case KillSwitch():
            return {"type": "kill_switch", "activate": command.active, **about}
        case _:
            return None


def result(command: Command, ack: Mapping[str, Any], asked_at: datetime, at: datetime) -> CommandResult:
    """What the answer to that line says of it. Nothing but a plain yes is one."""
    done = ack.get("ok") is True
    return CommandResult(
        command_id=command.id,
        outcome=Outcome.DONE if done else Outcome.REFUSED,
        message=_done(command, ack) if done else str(ack.get("error") or "The bot would not, and did not say why."),
        started_at=asked_at,
        finished_at=at,
    )


def refusal(command: Command, bot: str) -> str:
    """Why such a bot cannot be asked for it."""
    what = command.name.replace("_", " ")
    return f"{bot} does not know how to {what}: its control socket takes parameters and the kill switch alone."


def _done(command: Command, ack: Mapping[str, Any]) -> str:
    if isinstance(command, SetParameter):
        new, old = ack.get("new"), ack.get("old")
        return "Done." if new is None else f"{command.key} is {new} now" + ("." if old is None else f", it was {old}.")
    return "The kill switch is on." if getattr(command, "active", False) else "The kill switch is off."
