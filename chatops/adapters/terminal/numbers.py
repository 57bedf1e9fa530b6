"""The numbers that buttons are pressed by. They count on from card to card."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable

from chatops.adapters.terminal.card import NumberedKey
from chatops.messages import Key

#: Then they begin again at 1: nobody scrolls back that far, and more digits are slow to type.
LAST_NUMBER = 999

_NUMBER = re.compile(r"\[?([1-9][0-9]{0,2})\]?")


class Numbers:
    """Deals numbers to buttons and knows what each means.

    Were they to begin at 1 on every card, an alert that arrives while somebody types `1` would turn
    “Confirm” into “Acknowledge” under their fingers. So a number stays with its card and its label: through
    edits, and after the button has gone, when pressing it asks the gateway what became of it.
    """

    def __init__(self, last: int = LAST_NUMBER) -> None:
        self._last = last
        self._latest = 0
        self._meanings: dict[int, tuple[str, NumberedKey]] = {}

    def deal(
        self, card_id: str, rows: Iterable[Iterable[Key]], before: Iterable[NumberedKey] = ()
    ) -> tuple[tuple[NumberedKey, ...], ...]:
        """Numbers for the buttons of a card; those it had `before` keep theirs where the label is the same."""
        kept: defaultdict[str, deque[int]] = defaultdict(deque)
        for old in before:
            if self._meanings[old.number][0] == card_id:
                kept[old.label].append(old.number)
        return tuple(tuple(self._number(card_id, key, kept[key.label]) for key in row) for row in rows)

    def meaning(self, said: str) -> tuple[str, NumberedKey] | None:
        """The card and the button that a typed number presses, or None where it is no button's number."""
        number = _NUMBER.fullmatch(said)
        return self._meanings.get(int(number[1])) if number else None

    def _number(self, card_id: str, key: Key, kept: deque[int]) -> NumberedKey:
        if kept:
            number = kept.popleft()
        else:
            number = self._latest = self._latest % self._last + 1
        numbered = NumberedKey(number, key.label, key.token)
        self._meanings[number] = (card_id, numbered)
        return numbered
