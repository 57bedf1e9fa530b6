"""What a text asks: a word, a reply that completes one, or nothing that we know."""

from dataclasses import replace

from chatops.asking.replies import Replies, TurnedDown
from chatops.asking.visit import Visit
from chatops.asks import Ask
from chatops.fleet import Fleet
from chatops.grammar import Misread, parse
from chatops.guard.audit import Asked, StepName, storable
from chatops.guard.permissions import Permissions
from chatops.guard.recordable import without_codes
from chatops.messages import Text
from chatops.redactor import Redactor
from chatops.views import answers
from chatops.vocabulary import Vocabulary


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

    async def read(self, visit: Visit, text: Text) -> Ask | TurnedDown:
        """The ask that it makes, or how it is turned down. Raises `DatabaseAway`."""
        replied = await self._replies.read(visit, text)
        parsed = replied or self._parsed(text)
        if not isinstance(parsed, Misread):
            return parsed
        if (said := self._redact(text.text)) != text.text:
            # The hint would say a part of it again, in which nobody would know a secret any more.
            parsed, text = answers.LOOKS_SECRET, replace(text, text=said)
        hint = answers.misread(parsed, visit.person, self._permissions)
        return TurnedDown(_misread(visit, text, parsed), StepName.MISREAD, hint)

    def recorded(self, visit: Visit, text: Text) -> Asked:
        """What it asks as a row of the log, as far as that is known without the database."""
        parsed = self._parsed(text)
        return _misread(visit, text, parsed) if isinstance(parsed, Misread) else visit.asked(parsed)

    def _parsed(self, text: Text) -> Ask | Misread:
        return parse(text.text, self._fleet.names, self._vocabulary.now)


def _misread(visit: Visit, text: Text, parsed: Misread) -> Asked:
    said = without_codes(parsed.on_record(text.text))
    return visit.said(without_codes(parsed.word) or "?", {"text": storable(said, 200)})
