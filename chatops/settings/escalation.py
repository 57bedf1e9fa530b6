"""Who is told of an alert, then who, and when."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from alerts.durations import duration_text
from alerts.policy import DEFAULT, EMERGENCY, QUIET, Policy, Rung, Whom, is_whom, usual
from alerts.severity import Severity
from chatops.settings.faults import Location, fault, raise_faults
from chatops.settings.section import Section
from chatops.settings.times import Duration, read_duration

NEVER = "never"
#: More often nobody reads it, and platforms let no more through.
LEAST_REPEAT = timedelta(seconds=10)
LEAST_LAPSE, LONGEST_LAPSE = timedelta(minutes=1), timedelta(days=1)
_BUILT_IN: Mapping[str, Policy] = MappingProxyType({policy.name: policy for policy in (DEFAULT, EMERGENCY, QUIET)})
_WHOM = f"some of {', '.join(Whom)}, or one by name, as in room:ops, person:ada or channel:pager"


def _check_words(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words:
        raise fault("tells nobody")
    raise_faults(((number,), fault("is nobody")) for number, word in enumerate(words) if not is_whom(word))
    return words


class StepSettings(Section):
    """One step."""

    after: Duration = Field(description='how long after it got this bad, as in "2m"; "0s" for the first step')
    tell: Annotated[tuple[str, ...], AfterValidator(_check_words)] = Field(description=f"a list of {_WHOM}")


def _check_steps(steps: tuple[StepSettings, ...] | None) -> tuple[StepSettings, ...] | None:
    if steps is None:
        return None
    if not steps:
        raise fault("are none", 'one at least, as in [{ after = "0s", tell = ["rooms"] }]')
    faults: list[tuple[Location, PydanticCustomError]] = []
    if steps[0].after != timedelta():
        faults.append(((0, "after"), fault("is too late", 'the first step comes at once: "0s"')))
    faults += [
        ((number, "after"), fault("is out of order", f"more than the {duration_text(before.after)} of the step before"))
        for number, (before, step) in enumerate(pairwise(steps), start=1)
        if step.after <= before.after
    ]
    raise_faults(faults)
    return steps


def _read_repeat(value: Any) -> Any:
    if value is None or value == NEVER:
        return value
    repeat = read_duration(value, 'as in "5m"; or "never"')
    if repeat < LEAST_REPEAT:
        raise fault("is too short")
    return repeat


def _check_lapse(lapse: timedelta | None) -> timedelta | None:
    if lapse is not None and not LEAST_LAPSE <= lapse <= LONGEST_LAPSE:
        raise fault("is too short or too long")
    return lapse


class EscalationSettings(Section):
    """A policy; what is left out stays as in the one of the desk with this name, or else in its default one."""

    steps: Annotated[tuple[StepSettings, ...] | None, AfterValidator(_check_steps)] = Field(
        None, description='a list of steps in the order of time, as in [{ after = "0s", tell = ["rooms"] }]'
    )
    repeat: Annotated[timedelta | Literal["never"] | None, BeforeValidator(_read_repeat)] = Field(
        None, description=f'"{duration_text(LEAST_REPEAT)}" or longer, or "{NEVER}"'
    )
    ack_lapse: Annotated[Duration | None, AfterValidator(_check_lapse)] = Field(
        None, description='from "1m" to "1d": for so long somebody who acknowledged is left in peace'
    )
    #: None: those of the policy of this name.
    severities: frozenset[Severity] | None = Field(
        None, description=f'a list of some of {", ".join(Severity)}, as in ["critical"]'
    )


def _check(policies: dict[str, EscalationSettings]) -> dict[str, EscalationSettings]:
    faults: list[tuple[Location, PydanticCustomError]] = []
    owners: dict[Severity, str] = {}
    for name, policy in policies.items():
        if policy.severities is None and name not in _BUILT_IN:
            known = ", ".join(f"[escalation.{one}]" for one in _BUILT_IN)
            todo = f'say which alerts it is for, as in ["critical"], or change one of {known}'
            faults.append(((name, "severities"), fault("is missing", todo)))
        for severity in sorted(policy.severities or (), key=lambda one: one.rank):
            owner = owners.setdefault(severity, name)
            if owner != name:
                what = f"has {severity}, and so has [escalation.{owner}]"
                faults.append(((name, "severities"), fault(what, "one policy for each severity")))
    raise_faults(faults)
    return policies


Escalations = Annotated[dict[str, EscalationSettings], AfterValidator(_check)]


def named(policies: Mapping[str, EscalationSettings], what: str) -> Iterable[tuple[Location, str]]:
    """What steps name of this kind (of `NAMED`), each with its place below `escalation`."""
    for name, policy in policies.items():
        for number, step in enumerate(policy.steps or ()):
            for index, word in enumerate(step.tell):
                kind, colon, called = word.partition(":")
                if colon and kind == what:
                    yield (name, "steps", number, "tell", index), called


def policies_of(policies: Mapping[str, EscalationSettings]) -> dict[Severity, Policy]:
    """The policy of each severity: the one that names it, or else the desk's own, as it is changed here."""
    made = {name: _policy(name, settings) for name, settings in policies.items()}
    named = {one: made[name] for name, settings in policies.items() for one in settings.severities or ()}
    return {one: named.get(one) or made.get(usual(one).name) or usual(one) for one in Severity}


def _policy(name: str, settings: EscalationSettings) -> Policy:
    usually = _BUILT_IN.get(name, DEFAULT)
    rungs = usually.rungs
    if settings.steps is not None:
        rungs = tuple(Rung(step.after, step.tell) for step in settings.steps)
    repeat = usually.repeat if settings.repeat is None else settings.repeat
    return Policy(name, rungs, None if isinstance(repeat, str) else repeat, settings.ack_lapse or usually.ack_lapse)
