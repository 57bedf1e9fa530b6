"""Has a pause or kill switch done after all that a stop of the program cut off on its way to the bot."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from chatops.desired.recording import command_of
from chatops.fleet import Fleet
from chatops.restraints import Wish

#: A stop closes positions too: what it was asked for then, nobody may want by now.
_WORDS = frozenset({"pause", "kill"})


class SendingOn:
    """Sends it as the very command that it was: where the bot has it already it runs no second time."""

    def __init__(self, fleet: Fleet, of: Callable[[str], Sequence[Wish]], now: Callable[[], datetime]) -> None:
        """`of` is what people want of a bot."""
        self._fleet = fleet
        self._of = of
        self._now = now

    async def run(self, name: str, ask: UUID, word: str) -> None:
        """Send it where it is still wanted. What came of it the bot says to whoever asks by its id."""
        bot = self._fleet.named(name)
        wish = next((wish for wish in self._of(bot.name if bot else "") if wish.ask == ask), None)
        if bot is not None and wish is not None and wish.outcome is None and word in _WORDS:
            await bot.execute(command_of(wish, ask, self._now()))
