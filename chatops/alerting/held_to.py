"""What rules are held to at this desk: what is usual, over it the settings, over these what was said in chat."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from alerts.amending import TermsError, changed, changed_all
from alerts.terms import Terms
from chatops.alert_record import RuleChange
from chatops.storage.rule_changes import RuleChanges

log = logging.getLogger(__name__)


class HeldTo:
    """The terms of every rule, by its name, as they are now."""

    def __init__(self, settings: Mapping[str, Terms], changes: RuleChanges, now: Callable[[], datetime]) -> None:
        """`settings` has all rules, those too of which the settings say nothing."""
        self._settings = dict(settings)
        self._changes = changes
        self._now = now
        self._terms: Mapping[str, Terms] = dict(settings)
        self._made: dict[tuple[str, str], RuleChange] = {}
        #: Two changes of one rule are held to each other.
        self._in_turn = asyncio.Lock()

    def __call__(self) -> Mapping[str, Terms]:
        """All of them."""
        return self._terms

    @property
    def settings(self) -> Mapping[str, Terms]:
        """As they would be without what was said in chat."""
        return self._settings

    def made(self, rule: str) -> list[RuleChange]:
        """What was said in chat of a rule and holds."""
        return [one for (of, _), one in self._made.items() if of == rule]

    async def load(self) -> None:
        """Take in what is stored. What does not fit any more is left out, and logged. Raises `DatabaseAway`."""
        terms, made = dict(self._settings), {}
        for rule, changes in _by_rule(await self._changes.load()).items():
            if rule not in terms:
                continue
            try:
                # One alone may not make sense without the others.
                terms[rule] = changed_all(terms[rule], {key: value for key, (_, value) in changes.items()})
                made.update({(rule, key): change for key, (change, _) in changes.items()})
            except TermsError:
                for key, (change, value) in changes.items():
                    try:
                        terms[rule] = changed(terms[rule], key, value)
                        made[rule, key] = change
                    except TermsError as error:
                        log.warning("%s of the rule %s, set by %s, is left out: %s", key, rule, change.by, error)
        self._terms, self._made = terms, made

    def as_if(self, rule: str, key: str, text: str | None) -> Terms:
        """The rule with one key set to what was typed; None: as the settings have it.

        Raises `TermsError` that says what is expected, and `KeyError` where there is no such rule.
        """
        if text is not None:
            return changed(self._terms[rule], key, text)
        others = {
            one.key: one.value
            for one in self.made(rule)
            if one.key.casefold() != key.casefold() and one.value is not None
        }
        return changed_all(self._settings[rule], others)

    async def change(self, rule: str, key: str, text: str | None, by: str) -> Terms:
        """Have it hold from now on. Raises as `as_if` does, and `DatabaseAway`."""
        async with self._in_turn:
            terms = self.as_if(rule, key, text)
            change = RuleChange(rule, key, text, by, self._now())
            await self._changes.add(change)
            if text is None:
                self._made.pop((rule, key), None)
            else:
                self._made[rule, key] = change
            self._terms = {**self._terms, rule: terms}
            return terms


def _by_rule(changes: Iterable[RuleChange]) -> dict[str, dict[str, tuple[RuleChange, str]]]:
    """By rule and key, with what each was set to."""
    found: dict[str, dict[str, tuple[RuleChange, str]]] = {}
    for one in changes:
        if one.value is not None:
            found.setdefault(one.rule, {})[one.key] = one, one.value
    return found
