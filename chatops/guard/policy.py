"""What each word asks of people: by default what its class says, and where the settings say otherwise, that."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from bot_integration import CommandRisk
from chatops.asks import Ask
from chatops.people import Role


@dataclass(frozen=True, slots=True)
class WordRule:
    """What the settings say of a word; None where they say nothing."""

    role: Role | None = None
    confirm: bool | None = None
    #: How many others have to agree: none, or one.
    approvals: int | None = None
    totp: bool | None = None
    #: How often in a minute one person may ask it.
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What one ask needs before it is done."""

    #: The least that a person must be; None lets in anyone known.
    role: Role | None
    confirm: bool
    approvals: int = 0
    totp: bool = False
    #: None: the limit that all control words share.
    limit: int | None = None


_UNCHANGED = WordRule()


def _is_said(value: object) -> bool:
    return value is not None


class Policy:
    """The terms of every ask. A rule for a form of a word ("pause all") goes before the one for the word."""

    def __init__(self, rules: Mapping[str, WordRule] | None = None) -> None:
        self._rules = dict(rules or {})

    @property
    def rules(self) -> Mapping[str, WordRule]:
        """What the settings change, by word or form."""
        return self._rules

    def terms(self, ask: Ask) -> Terms:
        """What this very ask needs.

        Approval and code of a rule for a whole word do not bind the form of it that reduces ("kill on" beside "kill
        off"): nobody must wait for a second person to get out, unless that form is named.
        """
        own = self._rules.get(ask.form, _UNCHANGED) if ask.form != ask.word else _UNCHANGED
        whole = self._whole(ask.ruled_as)
        spared = ask.moves is CommandRisk.REDUCES and ask.risk is not CommandRisk.REDUCES
        approvals = own.approvals if own.approvals is not None else 0 if spared else whole.approvals
        totp = own.totp if own.totp is not None else False if spared else whole.totp
        confirm = own.confirm if own.confirm is not None else whole.confirm
        limit = own.limit if own.limit is not None else whole.limit
        return Terms(
            role=self._role(ask, own, whole),
            confirm=ask.confirm if confirm is None else confirm,
            approvals=approvals or 0,
            totp=bool(totp) or ask.proves,
            limit=limit,
        )

    def _whole(self, words: Iterable[str]) -> WordRule:
        """What the first of these words that has a rule for it says, thing by thing."""
        found = [rule for word in words if (rule := self._rules.get(word)) is not None]
        if len(found) < 2:
            return found[0] if found else _UNCHANGED
        return WordRule(*(next(filter(_is_said, told), None) for told in zip(*map(astuple, found), strict=True)))

    @staticmethod
    def _role(ask: Ask, own: WordRule, whole: WordRule) -> Role | None:
        if own.role is not None:
            return own.role
        if whole.role is None:
            return ask.needs
        if ask.needs is None or ask.needs is ask.role:
            return whole.role
        # A form that is for fewer people than its word stays so.
        return max(whole.role, ask.needs, key=lambda role: role.rank)
