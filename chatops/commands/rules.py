"""Answers to /rules: what alerts are held to, and changing that."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Protocol

from alerts.amending import Term, TermsError, keys
from alerts.terms import Terms
from bot_integration import Outcome
from chatops.alert_record import RuleChange
from chatops.asks import Rules
from chatops.commands.registry import Asking, Question, Registry, Reply, ZoneOf
from chatops.guard.permissions import Allowed, Permissions
from chatops.views import rules as views
from chatops.views.rules import DEFAULT


class HeldTo(Protocol):
    """The terms of every rule: of the settings, and over them what was said in chat."""

    def __call__(self) -> Mapping[str, Terms]:
        """As they are now."""
        ...

    @property
    def settings(self) -> Mapping[str, Terms]:
        """As they would be without what was said in chat."""
        ...

    def made(self, rule: str) -> list[RuleChange]:
        """What was said in chat of a rule and holds."""
        ...

    def as_if(self, rule: str, key: str, text: str | None) -> Terms:
        """The rule with one key set; None: as the settings have it. Raises `TermsError`."""
        ...

    async def change(self, rule: str, key: str, text: str | None, by: str) -> Terms:
        """Have it hold from now on. Raises `TermsError` and `DatabaseAway`."""
        ...


class RuleCommands:
    """Shows rules to anybody who may look; what is changed is confirmed, within bounds, stored and on record."""

    def __init__(self, held_to: HeldTo, rooms: Collection[str], permissions: Permissions, zone_of: ZoneOf) -> None:
        """`rooms` are the names that a rule may tell; `zone_of` is in whose zone moments are told."""
        self._held_to = held_to
        self._rooms = {name.casefold(): name for name in rooms}
        self._permissions = permissions
        self._zone_of = zone_of

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(Rules, self.rules, self.ask_rules)

    async def ask_rules(self, ask: Rules, asking: Asking) -> Question | Reply:
        """Old and new, where something is to be changed; what does not fit is refused here."""
        found = self._found(ask)
        if not ask.key or isinstance(found, Reply):
            return found if isinstance(found, Reply) else self._shown(found, asking)
        if asking.person.bots is not None:
            return Reply(views.for_every_bot(), Outcome.REFUSED)
        terms = found
        old = _named(terms, ask.key)
        if old is None:
            near = get_close_matches(ask.key.casefold(), [one.key for one in keys(terms)], n=3)
            return Reply(views.no_such_key(terms, ask.key, near), Outcome.REFUSED)
        made = next((one for one in self._held_to.made(terms.rule) if one.key == old.key), None)
        usual = _named(self._held_to.settings[terms.rule], old.key)
        usual_text = usual.text if usual is not None else ""
        if not ask.value:
            return Reply(views.which_value(terms, old, made, usual_text), outcome=None)
        is_back = ask.value.casefold() == DEFAULT
        try:
            after = self._held_to.as_if(terms.rule, old.key, None if is_back else self._read(old, ask.value))
        except TermsError as error:
            return Reply(views.which_value(terms, old, made, usual_text, f"{error}"), Outcome.REFUSED)
        new = _named(after, old.key)
        if new is None or (new.text == old.text and (not is_back or made is None)):
            return Reply(views.is_already(terms, old), Outcome.REFUSED)
        settled = Rules(rule=terms.rule, key=old.key, value=DEFAULT if is_back else new.text)
        message = views.really_set(terms, old, new, is_back=is_back)
        return Question(settled, message, preview={"old": old.text, "new": new.text})

    async def rules(self, ask: Rules, asking: Asking) -> Reply:
        """Change it, or show what there is."""
        found = self._found(ask)
        if isinstance(found, Reply):
            return found
        if not ask.key or not ask.value:
            return self._shown(found, asking)
        is_back = ask.value.casefold() == DEFAULT
        try:
            after = await self._held_to.change(found.rule, ask.key, None if is_back else ask.value, asking.person.name)
        except TermsError as error:
            # Somebody else changed what stands beside it since.
            old = _named(found, ask.key) or keys(found)[0]
            return Reply(views.which_value(found, old, None, old.text, f"{error}"), Outcome.REFUSED)
        new = _named(after, ask.key) or keys(after)[0]
        return Reply(views.now_is(after, new, is_back=is_back))

    # ------------------------------------------------------------------------ inside

    def _found(self, ask: Rules) -> Terms | Reply:
        every = self._held_to()
        if not ask.rule:
            return Reply(views.rules(every, {name: self._held_to.made(name) for name in every}))
        folded = ask.rule.casefold()
        name = next((one for one in every if one.casefold() == folded), None)
        if name is None:
            near = get_close_matches(folded, every, n=3)
            return Reply(views.no_such_rule(ask.rule, every, near), Outcome.REFUSED)
        return every[name]

    def _shown(self, terms: Terms, asking: Asking) -> Reply:
        ask = Rules(rule=terms.rule, key="on")
        may_change = isinstance(self._permissions.check(asking.person, ask, asking.room), Allowed)
        now = asking.at.astimezone(self._zone_of(asking))
        usual, made = self._held_to.settings[terms.rule], self._held_to.made(terms.rule)
        return Reply(views.rule(terms, usual, made, now, may_change=may_change))

    def _read(self, term: Term, typed: str) -> str:
        """As it was typed; of rooms their names as the settings write them. Raises `TermsError`."""
        if term.key != "rooms" or typed.strip().casefold() == "all":
            return typed
        names = [part.strip() for part in typed.split(",") if part.strip()]
        if unknown := [name for name in names if name.casefold() not in self._rooms]:
            there = ", ".join(self._rooms.values()) or "none with a name"
            raise TermsError(f"There is no room {unknown[0]!r}. There is: {there}; or say all.")
        return ", ".join(self._rooms[name.casefold()] for name in names)


def _named(terms: Terms, key: str) -> Term | None:
    folded = key.casefold()
    return next((one for one in keys(terms) if one.key.casefold() == folded), None)
