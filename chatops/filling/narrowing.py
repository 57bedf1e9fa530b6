"""What a value has to be besides what its word says: what a parameter takes, a key of a rule, a length (quick)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from alerts.amending import Term, TermsError, keys
from alerts.silence import parse_length
from alerts.terms import Terms
from bot_integration import Parameter
from chatops import readings
from chatops.asks import Ask, Rules, Set, Silence
from chatops.asks.ask import Thing
from chatops.fleet import Fleet
from chatops.forms import Field, Takes
from chatops.layout import fit
from chatops.views.rules import DEFAULT

#: Columns of a value in a hint.
_VALUE = 40


class HeldTo(Protocol):
    """The terms of every rule."""

    def __call__(self) -> Mapping[str, Terms]:
        """As they are now."""
        ...

    def as_if(self, rule: str, key: str, text: str | None) -> Terms:
        """The rule with one key set; None: as the settings have it. Raises `TermsError`."""
        ...


class Narrowing:
    """Looks at what the bots say of themselves, and at the rules. A form that nobody narrows is asked all the same."""

    def __init__(self, rules: HeldTo) -> None:
        self._rules = rules

    def narrowed(self, fleet: Fleet, ask: Ask, field: Field) -> Field:
        """The field, with what is known of its value where the rest of the ask says what it is the value of."""
        if field.argument != "value":
            return field
        if isinstance(ask, Set) and (one := _parameter(fleet, ask.key, ask.bot)) is not None and not one.secret:
            now = fit(readings.with_unit(one.value, one.unit), _VALUE)
            hint = f"It takes {readings.takes(one)}. It is {now}."
            return _narrowed(field, hint, ("on", "off") if readings.kind(one) == "bool" else ())
        if isinstance(ask, Rules) and (term := self._term(ask.rule, ask.key)) is not None:
            hint = f"It takes {term.takes}{f' ({term.unit})' if term.unit else ''}. It is {fit(term.text, _VALUE)}."
            return _narrowed(field, hint, ("yes", "no", "default") if term.key == "on" else ())
        return field

    def faults(self, fleet: Fleet, kind: type[Ask], filled: Mapping[str, str]) -> Mapping[str, str]:
        """What will not do of what its word takes, by argument, in a sentence each."""
        wrong: dict[str, str] = {}
        bot = filled.get("bot", "").strip()
        for name in kind.needed():
            said = filled.get(name, "").strip()
            if said and kind.names(name) is Thing.POSITION and not fleet.silent(bot) and not fleet.holding(said, bot):
                wrong[name] = f"There is no open position “{fit(said, 20)}”."
        if kind is Set:
            wrong |= _of_parameter(_parameter(fleet, filled.get("key", "").strip(), bot), filled.get("value", ""))
        if kind is Rules:
            wrong |= self._of_rule(
                filled.get("rule", "").strip(), filled.get("key", "").strip(), filled.get("value", "")
            )
        if kind is Silence and (length := filled.get("length", "").strip()):
            try:
                parse_length(length)
            except ValueError as error:
                wrong["length"] = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return wrong

    def _of_rule(self, rule: str, key: str, typed: str) -> dict[str, str]:
        terms, term = self._terms(rule), self._term(rule, key)
        # Which rooms there are the command knows.
        if terms is None or term is None or term.key == "rooms" or typed.strip().casefold() in ("", DEFAULT):
            return {}
        try:
            self._rules.as_if(terms.rule, term.key, typed)
        except TermsError as error:
            return {"value": f"{error}"}
        return {}

    def _terms(self, rule: str) -> Terms | None:
        folded = rule.casefold()
        return next((terms for name, terms in self._rules().items() if name.casefold() == folded), None)

    def _term(self, rule: str, key: str) -> Term | None:
        found = self._terms(rule)
        every = keys(found) if found is not None else ()
        return next((one for one in every if one.key.casefold() == key.casefold()), None)


def _narrowed(field: Field, hint: str, options: tuple[str, ...]) -> Field:
    return replace(field, hint=hint, takes=Takes.CHOICE if options else field.takes, options=options)


def _parameter(fleet: Fleet, key: str, bot: str) -> Parameter | None:
    """The one of this name; None where bots differ, or none has it."""
    folded = key.casefold()
    found = [
        one
        for _, facts in fleet.snapshots(bot)
        if facts is not None
        for one in facts.parameters
        if one.key.casefold() == folded
    ]
    return found[0] if len(found) == 1 else None


def _of_parameter(one: Parameter | None, typed: str) -> dict[str, str]:
    if one is None:
        return {}
    if one.secret or not one.hot:
        return {"key": f"{fit(one.key, 60)} is not changed here."}
    try:
        if typed.strip():
            readings.read(one, typed)
    except ValueError as error:
        return {"value": f"{fit(one.key, 60)} takes {error}."}
    return {}
