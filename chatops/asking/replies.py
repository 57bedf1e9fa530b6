"""Replies to a message that asked for an argument: whoever was asked completes the ask by what they write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chatops.asking.visit import Visit
from chatops.asks import Ask
from chatops.grammar import Misread, fill
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.presses import Presses, StoredPress, Verdict, judge
from chatops.guard.recordable import without_codes
from chatops.messages import Message, Text, Wanted
from chatops.views import answers


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A reply that completes nothing: how it is recorded, and what is said to it."""

    asked: Asked
    step: StepName
    message: Message


class Replies:
    """Knows a reply from anything else that is written."""

    def __init__(self, presses: Presses, now: Callable[[], datetime]) -> None:
        self._presses = presses
        self._now = now

    async def read(self, visit: Visit, text: Text, *, is_word: bool) -> Ask | TurnedDown | None:
        """The ask that it completes, or None where nothing waits for it. What begins with a slash is a word.

        Below a menu nobody was asked to reply: there also what makes an ask by itself (`is_word`) is one.
        """
        if text.reply_to is None or (text.text.lstrip().startswith("/") and not text.chosen):
            return None
        stored = await self._presses.find_reply(text.room, text.reply_to)
        if stored is None or stored.fills is None or (stored.beside and is_word and not text.chosen):
            return None
        return self._complete(visit, text, stored, stored.fills)

    async def read_in_thread(self, visit: Visit, text: Text) -> Ask | TurnedDown | None:
        """The same of what somebody wrote into a thread, to whatever they were asked there last."""
        if not text.in_thread or text.reply_to != text.room.topic or text.text.lstrip().startswith("/"):
            return None
        stored = await self._presses.awaited_in(text.room, visit.person.name, self._now())
        return None if stored is None or stored.fills is None else self._complete(visit, text, stored, stored.fills)

    def _complete(self, visit: Visit, text: Text, stored: StoredPress, fills: str) -> Ask | TurnedDown:
        verdict = judge(stored, visit.person, stored.room, self._now())
        if verdict is not Verdict.GOOD:
            step = StepName.DENIED if verdict is Verdict.ANOTHERS else StepName.EXPIRED
            return TurnedDown(visit.asked(stored.ask), step, answers.not_awaited(verdict, stored))
        filled = fill(stored.ask, fills, text.text)
        if not isinstance(filled, Misread):
            return filled
        said = {} if fills in stored.ask.unlogged() else {"text": storable(without_codes(text.text), 200)}
        again = answers.say_again(filled.hint, Wanted(stored.ask, fills))
        return TurnedDown(visit.said(stored.ask.word, said), StepName.MISREAD, again)
