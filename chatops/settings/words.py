"""The settings of words: what each needs, where that is not to be what the word itself says."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from chatops.asks import ASKS
from chatops.guard.policy import WordRule
from chatops.people import Role
from chatops.settings.faults import Location, fault, raise_faults
from chatops.settings.section import Section

#: Below this stand the words that bots declare: which there are nobody can tell from the file.
CUSTOM = "custom"
#: How many of what may have been meant are named.
_NEAREST = 3
#: Every word, and every form of one that may have a rule of its own.
KNOWN = frozenset(form for kind in ASKS if not kind.hidden for form in (kind.word, *kind.forms()))


class WordSettings(Section):
    """What a word needs; what is left out stays as the word has it."""

    role: Role | None = Field(None, description=f"one of {', '.join(Role)}")
    confirm: bool | None = Field(None, description="true to ask twice, false to do it at once")
    approvals: Annotated[int | None, Field(strict=True, ge=0, le=1)] = Field(
        None, description="0, or 1 for a second person who has to approve it"
    )
    totp: bool | None = Field(None, description="true to ask for a code of an authenticator app")
    limit: Annotated[int | None, Field(strict=True, ge=1, le=10_000)] = Field(
        None, description="how often in a minute one person may ask it, from 1 to 10000"
    )

    @property
    def rule(self) -> WordRule:
        """The same, as the guard reads it."""
        return WordRule(self.role, self.confirm, self.approvals, self.totp, self.limit)


def _with_custom_ones(given: Any) -> Any:
    """What stands below `custom` beside the others, each by its whole way."""
    if not isinstance(given, Mapping) or not isinstance(given.get(CUSTOM), Mapping):
        return given
    own = {f"{CUSTOM}.{name}": rule for name, rule in given[CUSTOM].items()}
    return {**{word: rule for word, rule in given.items() if word != CUSTOM}, **own}


def _check_words(words: dict[str, WordSettings]) -> dict[str, WordSettings]:
    unknown = [word for word in words if word not in KNOWN and not word.startswith(f"{CUSTOM}.")]
    faults: list[tuple[Location, Any]] = [((word,), fault("is no word", _meant(word))) for word in unknown]
    taken = [
        word for word in words if word.removeprefix(f"{CUSTOM}.") != word and word.removeprefix("custom.") in KNOWN
    ]
    faults += [
        ((word,), fault("is a word of the desk", f"[words.{_quoted(word.removeprefix('custom.'))}]")) for word in taken
    ]
    raise_faults(faults)
    return words


def _meant(word: str) -> str:
    near = get_close_matches(word.casefold(), sorted(KNOWN), n=_NEAREST)
    guess = f"did you mean {' or '.join(f'[words.{_quoted(one)}]' for one in near)}? " if near else ""
    return f"{guess}What a bot declares stands as [words.{CUSTOM}.NAME]"


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


Words = Annotated[dict[str, WordSettings], BeforeValidator(_with_custom_ones), AfterValidator(_check_words)]


def rules_of(words: Mapping[str, WordSettings]) -> dict[str, WordRule]:
    """The rules by the words as they are typed."""
    return {word.removeprefix(f"{CUSTOM}."): settings.rule for word, settings in words.items()}
