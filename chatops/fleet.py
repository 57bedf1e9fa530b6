"""The bots by name, near or far."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot_integration import Bot, Position, Snapshot
from chatops.people import Principal
from chatops.steady import Steady


@dataclass(frozen=True, slots=True)
class Held:
    """A position, and the bot that holds it."""

    bot: Bot
    position: Position


class Fleet:
    """Every bot of the desk, in the order of the settings."""

    def __init__(self, bots: Iterable[Bot]) -> None:
        # What breaks in one of them is a fact of that one, and no exception to whoever looks at them all.
        self._bots = {bot.name: bot if isinstance(bot, Steady) else Steady(bot) for bot in bots}

    def seen_by(self, person: Principal) -> "Fleet":
        """The part of it that this person may ask about."""
        if person.bots is None:
            return self
        return Fleet(bot for bot in self._bots.values() if person.may_see(bot.name))

    @property
    def names(self) -> tuple[str, ...]:
        """What people call them."""
        return tuple(self._bots)

    def bots(self, name: str = "") -> tuple[Steady, ...]:
        """The bot of this name, or all of them; nothing for a name that is not ours."""
        if not name:
            return tuple(self._bots.values())
        found = self.named(name)
        return (found,) if found else ()

    def named(self, name: str) -> Steady | None:
        """The bot of this name, in whatever case it is typed."""
        folded = name.casefold()
        return next((bot for known, bot in self._bots.items() if known.casefold() == folded), None)

    def snapshots(self, name: str = "") -> tuple[tuple[Bot, Snapshot | None], ...]:
        """The bots with their last facts; None of one that has said nothing yet."""
        return tuple((bot, bot.snapshot()) for bot in self.bots(name))

    def silent(self, name: str = "") -> tuple[str, ...]:
        """Those that have said nothing yet."""
        return tuple(bot.name for bot, snapshot in self.snapshots(name) if snapshot is None)

    def holding(self, wanted: str, name: str = "") -> tuple[Held, ...]:
        """The positions that `wanted` may mean: the one of this id, else all of this asset."""
        held = self.held(name)
        folded = wanted.casefold()
        exact = tuple(one for one in held if one.position.id.casefold() == folded)
        return exact or tuple(one for one in held if one.position.asset.casefold() == folded)

    def held(self, name: str = "") -> tuple[Held, ...]:
        """Every position of the bot of this name, or of all."""
        return tuple(
            Held(bot, position)
            for bot, snapshot in self.snapshots(name)
            if snapshot is not None
            for position in snapshot.positions
        )
