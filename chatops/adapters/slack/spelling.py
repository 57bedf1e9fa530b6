"""How words of the desk are written on Slack: where it says `/help`, that is `/deck help`, or `help` by oneself (pure).

Slack keeps what begins with another slash to itself.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from chatops.adapters.slack.manifest import COMMAND
from chatops.messages import Block, Message, Paragraph, Posting
from chatops.words import OURS, Words

#: By so much a word becomes longer at most.
LONGER = len(COMMAND)
#: What may stand before a word: the beginning, a blank, or what opens a part of a sentence.
_BEFORE = r"(?<![^\s(\[“\"'])"
#: Not a path, an address, a number or another word.
_BEHIND = r"(?![\w/=#%&~@+\\-]|[.?:!]\w)"
#: Whatever might be a word.
_MAYBE = re.compile(rf"{_BEFORE}/(?=\w)")
#: Before the desk knows its first admin.
_CLAIM = "claim"


class Spelling:
    """Writes them as people of Slack do."""

    def __init__(self, words: Callable[[], Words] = lambda: OURS) -> None:
        self._words = words

    def of_posting(self, posting: Posting, *, is_direct: bool) -> Posting:
        """The same of a posting, and of what stands on its keys."""
        keys = posting.keys
        if any("/" in key.label for row in keys for key in row):
            pattern = self._known()
            keys = tuple(
                tuple(replace(key, label=spell(key.label, pattern, is_direct=is_direct)) for key in row) for row in keys
            )
        return replace(posting, message=self.of(posting.message, is_direct=is_direct), keys=keys)

    def of(self, message: Message, *, is_direct: bool) -> Message:
        """The message as it is said in a channel, or where one person reads."""
        if "/" not in message.text:
            return message
        pattern = self._known()

        def spelled(text: str) -> str:
            return spell(text, pattern, is_direct=is_direct)

        def block(one: Block) -> Block:
            # In tables stand values, as they are.
            return replace(one, text=spelled(one.text)) if isinstance(one, Paragraph) else one

        return replace(message, title=spelled(message.title), blocks=tuple(map(block, message.blocks)))

    def _known(self) -> re.Pattern[str]:
        return _pattern(frozenset(kind.word.partition(" ")[0] for kind in self._words().typed))


def longest(text: str) -> int:
    """By how much it may become longer at most, whatever words there are; no more for any beginning of it."""
    return LONGER * len(_MAYBE.findall(text)) if "/" in text else 0


def spell(text: str, pattern: re.Pattern[str], *, is_direct: bool) -> str:
    """The text with its words so. A line of nothing but words is a list of them."""
    return "\n".join(_line(line, pattern, is_direct=is_direct) for line in text.split("\n"))


def _line(line: str, pattern: re.Pattern[str], *, is_direct: bool) -> str:
    if "/" not in line:
        return line
    said = line.split(" ")
    if len(said) > 1 and all(pattern.fullmatch(one) for one in said):
        listed = " · ".join(one.removeprefix("/") for one in said)
        return listed if is_direct else f"{COMMAND} {listed}"
    return pattern.sub(r"\1" if is_direct else rf"{COMMAND} \1", line)


@lru_cache(maxsize=4)
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    known = "|".join(re.escape(word) for word in sorted({*words, _CLAIM}, key=lambda word: (-len(word), word)))
    return re.compile(rf"{_BEFORE}/({known}){_BEHIND}")
