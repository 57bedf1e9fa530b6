"""Whether a far bot answers, and what people are told when that changes (pure)."""

from bot_integration.control.errors import NotTaken, NotUnderstood, sentence
from bot_integration.errors import Unreachable

_SHOWN = "What is shown is the last that it said."


class Presence:
    """Says each thing once: when the bot goes, when there is something that a person has to do, and when it is back."""

    def __init__(self) -> None:
        #: What was told of it, and since when it does not answer; None while it does.
        self._told: str | None = None
        self._since: float | None = None
        self._fault: Unreachable | None = None

    @property
    def fault(self) -> Unreachable | None:
        """What came of the last try; None while it answers. It may be another from try to try."""
        return self._fault

    @property
    def away(self) -> str | None:
        """Why it is not heard, in a sentence for people; None while it is."""
        return self._told

    def gone(self, bot: str, error: Unreachable, at: float) -> str | None:
        """It does not answer, for this reason; gives what people are told, where they have not heard it."""
        why = (
            sentence(f"{str(error).removesuffix('.')}.", bot)
            if isinstance(error, NotTaken | NotUnderstood)
            else f"{bot} does not answer."
        )
        self._fault = error
        if why == self._told:
            return None
        self._told, self._since = why, at if self._since is None else self._since
        return f"{why} {_SHOWN}"

    def here(self, bot: str, at: float) -> str | None:
        """It answers; gives what people are told, where it was away. `at` is by a clock that never jumps."""
        self._fault = None
        if self._since is None:
            return None
        seconds = at - self._since
        self._told = self._since = None
        return f"{bot} is back after {seconds:.0f} s."
