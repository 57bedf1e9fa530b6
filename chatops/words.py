"""The words that can be said, each with what it asks: a value that is replaced when a bot declares others."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from chatops.asks import ASKS, Ask
from chatops.asks.custom import CustomAsk, Gone
from chatops.people import Principal

#: Makes the ask of a stored row from its word and its arguments; None where nobody has its word now.
Known = Callable[[str, Mapping[str, Any]], Ask | None]


class Words:
    """Asks by word, in the order in which help and menus show them."""

    def __init__(self, kinds: Iterable[type[Ask]]) -> None:
        self.kinds = tuple(kinds)
        self._by_word = {kind.word: kind for kind in self.kinds}
        #: What words of two words begin with.
        self._first = frozenset(word.partition(" ")[0] for word in self._by_word if " " in word)

    @property
    def typed(self) -> tuple[type[Ask], ...]:
        """Those that people type."""
        return tuple(kind for kind in self.kinds if not kind.hidden)

    def find(self, word: str) -> type[Ask] | None:
        """The ask of this word, hidden ones included."""
        return self._by_word.get(word)

    def begins_another(self, word: str) -> bool:
        """Whether some word of two words begins with it."""
        return word in self._first

    def seen_by(self, person: Principal) -> tuple[type[Ask], ...]:
        """Without those of bots that this person may not ask about."""
        return tuple(
            kind
            for kind in self.kinds
            if not issubclass(kind, CustomAsk) or any(person.may_see(bot) for bot in kind.bots)
        )

    def stored(self, word: str, arguments: Mapping[str, Any]) -> Ask:
        """The ask of a stored row; `Gone` where nobody has the word now, or it takes other arguments."""
        kind = self.find(word)
        try:
            return Gone(said_word=word[:64]) if kind is None else kind.model_validate(arguments)
        except ValidationError:
            return Gone(said_word=word[:64])


#: The gateway's own, without those of bots.
OURS = Words(ASKS)
