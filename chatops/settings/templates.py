"""The first line of alerts, as a desk wants it: checked with sample values before anything starts."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from alerts.severity import Severity
from alerts.terms import DEFAULTS
from chatops.settings.faults import Location, fault, raise_faults
from chatops.views.alert_titles import FIELDS, check

DEFAULT = "default"
#: The key, in the context of a validation, of the terms that rules have where the settings say nothing.
RULES = "rules"
_SEVERITIES = tuple(map(str, Severity))
_TAKES = f"a line with some of {', '.join(f'{{{name}}}' for name in FIELDS)}"


def _read(given: Any, info: ValidationInfo) -> Any:
    """By rule, or by rule and severity, as `Templates` has them: `health_factor`, `health_factor.critical`."""
    if not isinstance(given, Mapping):
        raise fault("is no part with keys of its own", "as in [alerts.templates] and keys below it")
    read: dict[str, str] = {}
    faults: list[tuple[Location, PydanticCustomError]] = []
    known = {DEFAULT, *(info.context or {}).get(RULES, DEFAULTS)}
    for rule, said in given.items():
        if rule.partition(".")[0] not in known:
            faults.append(((rule,), fault("is no rule", f"one of {', '.join(sorted(known))}")))
        elif isinstance(said, Mapping):
            for severity, template in said.items():
                if severity not in _SEVERITIES:
                    faults.append(((rule, severity), fault("is no severity", f"one of {', '.join(_SEVERITIES)}")))
                elif wrong := _wrong(template):
                    faults.append(((rule, severity), fault(wrong, _TAKES)))
                else:
                    read[f"{rule}.{severity}"] = template
        elif wrong := _wrong(said):
            faults.append(((rule,), fault(wrong, _TAKES)))
        else:
            read[rule] = said
    raise_faults(faults)
    return read


def _wrong(template: Any) -> str | None:
    return check(template) if isinstance(template, str) else "is no text"


TemplateSettings = Annotated[dict[str, str], BeforeValidator(_read)]
