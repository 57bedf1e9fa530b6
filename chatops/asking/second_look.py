"""The question of an ask, put to its bot again before the act: whether what it showed still holds."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot_integration import CommandRisk, Outcome
from chatops.asks import Ask
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.guard.audit import storable
from chatops.guard.facts import Change, changed
from chatops.storage.errors import DatabaseAway
from chatops.views import answers, approvals

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holds:
    """What was shown is still so, as far as anybody can tell."""

    #: The question as it stands now; None where nobody was asked.
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """It is not: whoever asked has to be asked anew."""

    question: Question
    changes: tuple[Change, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """What is recorded where it is asked anew."""
        return {"preview": dict(self.question.preview), "changed": [storable(str(one)) for one in self.changes]}


@dataclass(frozen=True, slots=True)
class Gone:
    """There is nothing to ask any more: what it was about is not there, or the bot will not."""

    reply: Reply


class SecondLook:
    """Looks again by asking the registry."""

    def __init__(self, registry: Registry, tolerance: float) -> None:
        """`tolerance` is the fraction by which a number may change unasked."""
        self._registry = registry
        self._tolerance = tolerance

    async def at(
        self, ask: Ask, shown: Mapping[str, Any], asking: Asking, *, always: bool = False
    ) -> Holds | Changed | Gone:
        """Whether the facts `shown` still hold. What showed none is not looked at again, but for `always`.

        Nor is an emergency: it is two presses, whatever the market does. And a bot that tells no facts now keeps
        nobody from reducing.
        """
        question = self._registry.entry(ask).question
        reduces = ask.moves is CommandRisk.REDUCES
        if question is None or (ask.emergency and reduces) or not (shown or always):
            return Holds()
        try:
            answered = await question(ask, asking)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("%s %s could not be asked anew", ask.word, asking.command_id)
            return Holds() if reduces else Gone(Reply(answers.broke(asking.command_id), Outcome.FAILED))
        if isinstance(answered, Reply):
            return Gone(answered)
        if answered.ask.arguments != ask.arguments:
            # Whoever said yes said it to something else.
            return Gone(Reply(approvals.means_another(ask), Outcome.REFUSED))
        if reduces and not answered.preview:
            return Holds(answered)
        changes = changed(shown, answered.preview, self._tolerance) if shown else ()
        return Changed(answered, changes) if changes else Holds(answered)
