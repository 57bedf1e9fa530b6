"""What the rules of alerts are held to, over what is usual."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, InstanceOf, ValidationInfo
from pydantic_core import PydanticCustomError

from alerts.amending import TermsError, changed, changed_all, keys
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Terms
from chatops.settings.faults import Location, fault, raise_faults
from chatops.settings.section import Section
from chatops.settings.templates import RULES, TemplateSettings

_SEVERITIES = frozenset(map(str, Severity))
_EXAMPLE = "as in [alerts.rules.health_factor] and keys below it"

#: What stands at which place below a rule, by its key as `alerts.amending` has it.
Said = dict[str, tuple[Location, str]]


def _read(given: Any, info: ValidationInfo) -> Any:
    if not isinstance(given, Mapping):
        raise fault("is no part with keys of its own", _EXAMPLE)
    usual: Mapping[str, Terms] = (info.context or {}).get(RULES, DEFAULTS)
    faults: list[tuple[Location, PydanticCustomError]] = []
    read: dict[str, Terms] = {}
    for name, said in given.items():
        if isinstance(said, Terms):
            read[name] = said
        elif name not in usual:
            faults.append(((name,), fault("is no rule", _meant(name, usual))))
        elif not isinstance(said, Mapping):
            faults.append(((name,), fault("is no part with keys of its own", _EXAMPLE)))
        else:
            read[name], wrong = _read_rule(usual[name], said)
            faults += [((name, *location), error) for location, error in wrong]
    raise_faults(faults)
    return read


def _read_rule(terms: Terms, said: Mapping[str, Any]) -> tuple[Terms, list[tuple[Location, PydanticCustomError]]]:
    takes = {term.key: term.takes for term in keys(terms)}
    texts, faults = _texts(said)
    for key, (location, text) in texts.items():
        if key not in takes:
            faults.append((location, fault("is no key here", _meant(key, takes))))
        elif not _is_right(terms, key, text):
            faults.append((location, fault("is not right", takes[key])))
    if faults:
        return terms, faults
    try:
        return changed_all(terms, {key: text for key, (_, text) in texts.items()}), []
    except TermsError as error:
        # Each by itself is right: it is how they lie to each other.
        return terms, [((), fault("does not fit together", str(error)))]


def _texts(said: Mapping[str, Any]) -> tuple[Said, list[tuple[Location, PydanticCustomError]]]:
    """Every value as people would type it in a chat, with its key there and its place in the file."""
    texts: Said = {}
    faults: list[tuple[Location, PydanticCustomError]] = []
    for key, value in said.items():
        if key not in _SEVERITIES:
            texts[key] = (key,), _typed(value)
        elif isinstance(value, Mapping):
            texts |= {f"{key}.{inner}": ((key, inner), _typed(one)) for inner, one in value.items()}
        else:
            faults.append(((key,), fault("is no part with keys of its own", 'as in { throttle = "5m" }')))
    return texts, faults


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "all"
    return str(value)


def _is_right(terms: Terms, key: str, text: str) -> bool:
    """Whether the value by itself may be, whatever stands beside it."""
    severity, _, metric = key.partition(".")
    alone = tuple(
        replace(band, at=MappingProxyType({one: at for one, at in band.at.items() if one == severity}))
        for band in terms.bands
        if band.metric == metric
    )
    try:
        changed(replace(terms, bands=alone or terms.bands), key, text)
    except TermsError:
        return False
    return True


def _meant(key: str, known: Iterable[str]) -> str:
    known = list(known)
    near = get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"


class AlertsSettings(Section):
    """What alerts are held to."""

    rules: Annotated[dict[str, InstanceOf[Terms]], BeforeValidator(_read)] = Field(
        default_factory=dict, description=f"one [alerts.rules.NAME] for each rule that is changed, {_EXAMPLE}"
    )
    #: The first line of alerts by rule, and by its severities; `default` for all others.
    templates: TemplateSettings = Field(
        default_factory=dict, description='the first line of alerts by rule, as in { divergence = "{where}: {what}" }'
    )
