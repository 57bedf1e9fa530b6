"""What became of a command, without the secret that was in it."""

from typing import Any

from bot_integration.commands import Command, CommandResult, SetParameter
from bot_integration.state import Snapshot

#: What stands for a secret.
HIDDEN = "•••"
#: In running text nothing shorter is taken for the secret: it could be any word, or a part of one.
_SHORTEST = 4


def unsaid(command: Command, result: CommandResult, snapshot: Snapshot | None) -> tuple[Command, CommandResult]:
    """Both as everybody may hear of them: where a secret parameter was set, its value stands nowhere in them."""
    if not isinstance(command, SetParameter) or not is_secret(command.key, snapshot):
        return command, result
    secret = str(command.value)
    return (
        command.model_copy(update={"value": HIDDEN, "reason": without(command.reason, secret)}),
        result.model_copy(
            update={
                "message": without(result.message, secret),
                "data": without(result.data, secret),
                "extra": without(result.extra, secret),
            }
        ),
    )


def is_secret(key: str, snapshot: Snapshot | None) -> bool:
    """Whether the bot says that the value of this parameter is for nobody to see."""
    return snapshot is not None and any(one.secret for one in snapshot.parameters if one.key == key)


def without(said: Any, secret: str) -> Any:
    """The text, or JSON value, with the secret hidden in all its texts and keys, and where it is the whole value."""
    if not secret:
        return said
    if isinstance(said, str):
        return HIDDEN if said == secret else said.replace(secret, HIDDEN) if len(secret) >= _SHORTEST else said
    if isinstance(said, dict):
        return {without(key, secret): without(value, secret) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [without(one, secret) for one in said]
    return HIDDEN if said is not None and not isinstance(said, bool) and str(said) == secret else said
