"""What a text asks: a word, a reply that completes one, a form that was filled in, or nothing that we know."""

from dataclasses import dataclass

from chatops.asking.replies import Replies, TurnedDown
from chatops.asking.visit import Visit
from chatops.asks import Ask, Private
from chatops.fleet import Fleet
from chatops.grammar import Misread, assemble, meant, parse
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.permissions import Permissions
from chatops.guard.recordable import without_codes
from chatops.messages import Filled, Text
from chatops.redactor import Redactor
from chatops.views import answers
from chatops.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Read:
    """The ask that was made, and whether its answer is for whoever made it alone."""

    ask: Ask
    is_private: bool = False


class Texts:
    """Reads them. What is recorded of a text that makes no ask has neither codes nor secrets in it."""

    def __init__(
        self, replies: Replies, fleet: Fleet, vocabulary: Vocabulary, permissions: Permissions, redact: Redactor
    ) -> None:
        self._replies = replies
        self._fleet = fleet
        self._vocabulary = vocabulary
        self._permissions = permissions
        self._redact = redact

    async def read(self, visit: Visit, text: Text | Filled) -> Read | TurnedDown:
        """The ask that it makes, or how it is turned down. Raises `DatabaseAway`."""
        typed: Ask | Misread | TurnedDown = self._parsed(text)
        if isinstance(text, Text):
            typed = await self._replies.read(visit, text, is_word=not isinstance(typed, Misread)) or typed
        parsed = typed if isinstance(typed, TurnedDown) else self._meant(typed)
        if isinstance(parsed, Misread) and isinstance(text, Text) and not text.chosen:
            # In a thread platforms tell the first message of it, and not the one that is answered.
            parsed = await self._replies.read_in_thread(visit, text) or parsed
        if isinstance(parsed, TurnedDown):
            return parsed
        if not isinstance(parsed, Misread):
            return Read(parsed, is_private=isinstance(typed, Private) and not isinstance(parsed, Private))
        said = self._redact(text.text)
        if said != text.text:
            # The hint would say a part of it again, in which nobody would know a secret any more.
            parsed = answers.LOOKS_SECRET
        hint = answers.misread(parsed, visit.person, self._permissions)
        return TurnedDown(_misread(visit, said, parsed), StepName.MISREAD, hint)

    def recorded(self, visit: Visit, text: Text | Filled) -> Asked:
        """What it asks as a row of the log, as far as that is known without the database."""
        parsed = self._meant(self._parsed(text))
        return _misread(visit, text.text, parsed) if isinstance(parsed, Misread) else visit.asked(parsed)

    def _parsed(self, text: Text | Filled) -> Ask | Misread:
        if isinstance(text, Filled):
            return assemble(text.word, text.arguments, self._fleet.names, self._vocabulary.now)
        if text.chosen:
            # By itself a position's number might be a code.
            return answers.MENU_IS_GONE
        return parse(text.text, self._fleet.names, self._vocabulary.now)

    def _meant(self, parsed: Ask | Misread) -> Ask | Misread:
        return meant(parsed, self._fleet.names, self._vocabulary.now)


def _misread(visit: Visit, text: str, parsed: Misread) -> Asked:
    said = without_codes(parsed.on_record(text))
    return visit.said(without_codes(parsed.word) or "?", {"text": storable(said, 200)})
