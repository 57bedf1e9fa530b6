"""What the words that act on bots share: which bot, which position, and a command with an id, a name and a deadline."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from bot_integration import Bot, Command, Outcome, Preview, Unreachable
from chatops.asks import Ask, BreakerReset, Kill
from chatops.commands.registry import Asking, Reply
from chatops.fleet import Held
from chatops.guard.permissions import Allowed, Permissions
from chatops.messages import Button
from chatops.views import choices
from chatops.views.answers import said_of

CommandT = TypeVar("CommandT", bound=Command)

#: So long after it was asked, a command that has not begun is not begun at all.
START_WITHIN = timedelta(seconds=30)


def order(kind: type[CommandT], asking: Asking, **arguments: Any) -> CommandT:
    """The command that a confirmed ask makes."""
    return kind.model_validate(
        {
            "id": asking.command_id,
            "by": asking.person.name,
            "not_after": asking.at + START_WITHIN,
            **arguments,
        }
    )


def the_bot(ask: Ask, name: str, asking: Asking) -> Bot | Reply:
    """The one bot that is meant, or what is said instead: that there is none of this name, or which there are."""
    bots = asking.fleet.bots(name)
    if not bots:
        return Reply(choices.no_such_bot(name, asking.fleet.names), Outcome.REFUSED)
    if len(bots) > 1:
        return Reply(choices.which_bot(ask, asking.fleet.names), outcome=None)
    return bots[0]


def the_position(title: str, wanted: str, bot: str, asking: Asking, again: Callable[[str, str], Ask]) -> Held | Reply:
    """The one position that is meant, or what is said instead. `again` makes the ask from an id and a bot's name."""
    held = asking.fleet.held(bot)
    if not held and (silent := asking.fleet.silent(bot)):
        return Reply(choices.not_heard(silent), Outcome.REFUSED)
    if not wanted:
        return Reply(choices.which_position(title, held, again), outcome=None)
    found = asking.fleet.holding(wanted, bot)
    if len(found) != 1:
        return Reply(choices.not_one(wanted, found, held, again), Outcome.REFUSED)
    return found[0]


async def foreseen(bot: Bot, command: Command) -> tuple[Preview | None, str]:
    """What the command would do now, or why nobody knows. Raises `Refused` where it would be."""
    try:
        return await bot.preview(command), ""
    except Unreachable as error:
        return None, f"No preview: {str(error).rstrip('.')}."


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """What became of all: unknown as soon as one is, and partial where some were done and others not."""
    ends = set(outcomes)
    if len(ends) == 1:
        return ends.pop()
    if Outcome.UNKNOWN in ends:
        return Outcome.UNKNOWN
    return Outcome.PARTIAL if ends & {Outcome.DONE, Outcome.PARTIAL} else Outcome.FAILED


def ways_out(bot: Bot, asking: Asking, permissions: Permissions, *, resuming: bool = False) -> tuple[Button, ...]:
    """For what a bot refused because of a kill switch, or will not resume because of a breaker: what lifts that."""
    snapshot = bot.snapshot()
    if snapshot is None:
        return ()
    pause = snapshot.session.pause
    asks: list[Ask] = [Kill(switch="off", bot=bot.name)] if pause.kill_switch else []
    if resuming:
        asks += [BreakerReset(name=name, bot=bot.name) for name in pause.active_breakers]
    return tuple(
        Button(said_of(ask), ask) for ask in asks if isinstance(permissions.check(asking.person, ask), Allowed)
    )
